"""What was run here and what was not, said on every list and plot; and boards without what was not."""

import re
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from tests.unit.pages.content import BOARD, Site, drive, enter
from tests.unit.pages.sweeps import announce_sweeps

from farfield_evaluators.catalog import benchmarks, find
from farfield_web.leaderboards.queries import board, with_data
from farfield_web.pages.boards.board_charts import line_chart_of
from farfield_web.submissions.models import Submission

pytestmark = [pytest.mark.django_db, pytest.mark.services]
SENT = "predictions, not run here"
Brought = dict[str, Submission]


def text_of(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def part(page: str, start: str, end: str) -> str:
    return page.partition(start)[2].partition(end)[0]


def leads(site: Site, brought: Brought) -> Brought:
    """The uploaded predictions are first on the board."""
    brought["predictions"].figures.update(value=0.95)
    return brought


def test_uploaded_predictions_do_not_lead_home_unmarked(client: Client, site: Site, brought: Brought) -> None:
    leads(site, brought)
    page = text_of(client, "/")
    card = part(page, 'class="top"', "</table>")
    first, *others = card.split("<tr>")[2:]
    assert SENT in first
    assert "verified" not in first
    assert all("verified" in row and SENT not in row for row in others)
    chart = part(page, "<svg", "</svg>")
    assert chart.count('class="sent"') == 1
    assert "Predictions, not run here" in part(page, "<figcaption>", "</figcaption>")


def test_the_legend_of_the_scatter_tells_what_was_run(client: Client, site: Site, brought: Brought) -> None:
    page = text_of(client, f"/boards/{BOARD}/")
    plot = part(page, '<svg class="chart scatter"', "</svg>")
    assert plot.count('class="sent"') == 1
    assert plot.count('class="mean"') == 3
    assert f"elsewhere ({SENT})" in plot
    legend = part(page, "Accuracy on the line", "</figcaption>")
    assert re.sub(r"\s+", " ", re.sub("<[^>]+>", "", legend)).count("not run here") == 2
    assert "key-mean" in legend
    assert "key-sent" in legend
    assert "key-ref" not in legend


def test_a_legend_names_only_what_is_drawn(client: Client, site: Site) -> None:
    page = text_of(client, f"/boards/{BOARD}/")
    assert "key-sent" not in page


def test_ranks_are_promised_only_where_they_are_drawn(site: Site) -> None:
    found = board(find(BOARD))
    line = line_chart_of(found, ())
    assert line is not None
    assert line.plot.numbered == "all"
    crowded = line_chart_of(replace(found, rows=found.rows * 13), ())
    assert crowded is not None
    assert crowded.plot.numbered == ""


def test_a_board_leaves_out_what_was_not_run_here(client: Client, site: Site, brought: Brought) -> None:
    leads(site, brought)
    everything = text_of(client, f"/boards/{BOARD}/")
    assert 'name="badge" value="verified"' in everything
    assert SENT in part(everything, "<tbody>", "</tbody>")
    verified = text_of(client, f"/boards/{BOARD}/?verified=1")
    rows = part(verified, "<tbody>", "</tbody>")
    assert SENT not in rows
    assert re.findall(r'<td class="rank">(\d+)', rows) == ["2", "3", "4"]
    assert "Ranks are those of the whole board" in verified
    assert rows == part(text_of(client, f"/boards/{BOARD}/?badge=verified"), "<tbody>", "</tbody>")
    api = client.get(f"/api/v1/leaderboards/{BOARD}?verified=true").json()
    assert api["verified_only"] is True
    assert {row["verified"] for row in api["rows"]} == {True}
    assert [row["rank"] for row in api["rows"]] == [2, 3, 4]
    whole = client.get(f"/api/v1/leaderboards/{BOARD}").json()
    assert [row["verified"] for row in whole["rows"]].count(False) == 1
    assert client.get(f"/api/v1/leaderboards/{BOARD}?verified=maybe").status_code == 400


def test_lists_and_pages_say_it_too(stranger: Client, site: Site, brought: Brought) -> None:
    for path in ("/account/submissions/", f"/submissions/{brought['predictions'].pk}/", "/methods/elsewhere/"):
        assert SENT in text_of(stranger, path), path
    assert "verified: run here" in text_of(stranger, f"/submissions/{site.submissions['floor'].pk}/")
    assert "verified: run here" not in text_of(stranger, f"/submissions/{site.submissions['failed'].pk}/")
    found = stranger.get(f"/api/v1/submissions?owner={site.grace.username}").json()["results"]
    assert {one["kind"]: one["verified"] for one in found}["predictions"] is False


def test_rows_of_one_method_are_told_apart_by_their_settings(client: Client, site: Site) -> None:
    for rate in (0.5, 0.25):
        made = enter(site.ada, "tuned", "open", config={"rate": rate})
        drive(made.runs.get(), "succeeded", site.benchmark)
    rows = part(text_of(client, f"/boards/{BOARD}/"), "<tbody>", "</tbody>").split("<tr")[1:]
    told = [re.findall(r'class="chip">([^<]*)', row) for row in rows]
    assert sorted(told) == [[], ["rate 0.001"], ["rate 0.25"], ["rate 0.5"]]
    chart = part(text_of(client, f"/boards/{BOARD}/"), '<svg class="chart wide"', "</svg>")
    assert "tuned, rate 0.5" in chart


@pytest.mark.parametrize("path", ["/", "/benchmarks/", "/submit/"])
def test_benchmarks_without_data_are_marked_before_anything_is_sent(client: Client, site: Site, path: str) -> None:
    page = text_of(client, path)
    before = r'/([^/"]+/[^/"]+)/">[^<]*</a>\s*<span class="tag no-data"'
    marked = re.findall(before, page)
    if path != "/benchmarks/":
        assert "imagenet-ood/imagenet" in marked
    assert page.count(">no data here<") == len(benchmarks()) - 1
    assert BOARD not in marked


@pytest.mark.parametrize(
    "path", ["/boards/{}/", "/submit/{}/", "/submit/{}/bring/predictions/", "/submit/{}/with/tuned/"]
)
def test_a_page_of_a_benchmark_without_data_says_so(ada: Client, site: Site, path: str) -> None:
    says = "No worker of this site has the data"
    assert says in text_of(ada, path.format("imagenet-ood/imagenet"))
    assert says not in text_of(ada, path.format(BOARD))


def test_the_api_says_which_benchmarks_have_data(
    client: Client, site: Site, django_assert_max_num_queries: Any
) -> None:
    announce_sweeps()
    with django_assert_max_num_queries(2):
        found = {
            one["name"]: one["has_data"] for one in client.get("/api/v1/benchmarks?page_size=200").json()["results"]
        }
    assert {name for name, has in found.items() if has} == with_data()
    assert client.get(f"/api/v1/benchmarks/{BOARD}").json()["has_data"] is True
