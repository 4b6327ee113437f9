"""Curves: on the page of a submission as a plot and a table, on a board as thin lines, and nowhere else."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.unit.pages.content import BOARD, HOSTILE, Site, drive, enter
from tests.unit.pages.test_every_page import check

from farfield_evaluators.benchmark import Benchmark
from farfield_web.pages.boards.board_charts import CURVES
from farfield_web.pages.submissions.curve import point_titles
from farfield_web.pages.templatetags.figures import NONE
from farfield_web.runs.models import Run
from farfield_web.runs.status import Status
from farfield_web.submissions.models import Submission

pytestmark = [pytest.mark.django_db, pytest.mark.services]

PATH = f"/boards/{BOARD}/"
ALPHAS = [step / 10 for step in range(11)]


def curve(benchmark: Benchmark, points: list[float], shift: float = 0.0) -> list[dict[str, Any]]:
    """More ID accuracy along the points, and the most OOD accuracy in their middle."""
    columns = {(c.metric, c.domain) for c in benchmark.columns}
    return [
        {
            "point": at,
            "scores": [
                {
                    "metric": metric,
                    "domain": domain,
                    "value": shift + (0.5 + 0.3 * at if domain == "id" else 0.6 - 0.4 * (at - 0.4) ** 2),
                    "stderr": 0.02,
                    "n": 20,
                }
                for metric, domain in sorted(columns)
            ],
        }
        for at in points
    ]


@pytest.fixture
def curved(site: Site) -> Submission:
    """The best entry, with a curve of eleven points."""
    Run.objects.filter(pk=site.run("succeeded").pk).update(curve=curve(site.benchmark, ALPHAS))
    return site.submissions["succeeded"]


def text(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    check(path, response.content.decode())
    return response.content.decode()


def page(client: Client, submission: Submission) -> str:
    return text(client, reverse("submission", args=[submission.pk]))


def section(found: str) -> str:
    return found.split('<section aria-labelledby="curve">')[1].split("</section>", maxsplit=1)[0]


def plot(found: str) -> str:
    return found[found.index('class="chart scatter"') :].split("</svg>", maxsplit=1)[0]


def trails(found: str) -> list[tuple[str, str]]:
    return re.findall(r'<polyline class="trail" points="([^"]+)"><title>([^<]*)</title></polyline>', found)


def test_the_table_has_a_row_for_each_point_and_the_boards_columns(client: Client, curved: Submission) -> None:
    found = section(page(client, curved))
    benchmark = curved.known_benchmark
    assert benchmark is not None
    head, body = found.split("</thead>")
    assert head.count('<th scope="col"') == 1 + len(benchmark.columns)
    assert all(column.title in head for column in benchmark.columns)
    rows = re.findall(r'<tr><th scope="row" class="num">([^<]+)</th>(.+?)</tr>', body)
    assert [title for title, _ in rows] == [f"{alpha:g}" for alpha in ALPHAS]
    assert all(cells.count("<td") == len(benchmark.columns) for _, cells in rows)
    assert '<td class="num">59.6<span class="pm">±&#8239;2.0</span></td>' in rows[5][1]
    assert "<caption" in head


def test_it_says_what_it_is_and_leads_to_the_method(client: Client, curved: Submission) -> None:
    found = section(page(client, curved))
    assert "The entry alone is ranked" in found
    assert 'href="/methods/tuned/"' in found
    assert "over test images" in found
    assert "best" not in found


def test_the_plot_has_a_labelled_ring_for_each_point_a_line_and_the_entry(client: Client, curved: Submission) -> None:
    drawn = plot(section(page(client, curved)))
    assert drawn.count('class="ref"') == len(ALPHAS)
    assert drawn.count('class="mean"') == 1
    assert re.findall(r'class="number"[^>]*>([^<]+)<', drawn) == [
        f"{at:g}" for at in sorted(ALPHAS, key=lambda at: (-((at - 0.4) ** 2), at))
    ]
    assert "<title>At 0.5: 59.6 OOD, 65.0 ID</title>" in drawn
    assert "<title>The entry: 60.0 OOD, 60.0 ID</title>" in drawn
    ((line, _),) = trails(drawn)
    lefts = [float(pair.split(",")[0]) for pair in line.split()]
    assert len(lefts) == len(ALPHAS)
    assert lefts == sorted(lefts)
    assert drawn.index("<polyline") < drawn.index("<circle")


def test_it_stands_between_the_scores_and_the_timeline(client: Client, curved: Submission) -> None:
    found = page(client, curved)
    assert found.index(">Headline</h2>") < found.index(">Curve</h2>") < found.index(">Timeline</h2>")
    live = client.get(reverse("submission-live", args=[curved.pk]))
    assert 'id="curve"' in live.content.decode()


def test_without_a_curve_there_is_no_section_and_no_line(client: Client, site: Site) -> None:
    for state in site.submissions:
        assert "curve" not in page(client, site.submissions[state]).lower()
    found = text(client, PATH)
    assert "trail" not in found
    assert "curve of" not in found


def test_over_several_trials_it_stands_once_with_its_error_over_them(
    client: Client, site: Site, curved: Submission
) -> None:
    first = site.run("succeeded")
    other = Run.objects.create(
        submission=curved, trial=1, seed=2, resource="cpu", line=first.line, status=Status.SUCCEEDED.value,
        status_at=first.status_at, queued_at=first.queued_at, comparability_key=first.comparability_key,
        curve=curve(site.benchmark, ALPHAS[:6], shift=0.1),
    )  # fmt: skip
    assert other.trial == 1
    found = page(client, curved)
    assert found.index(">Curve</h2>") < found.index("Trial 1")
    rows = re.findall(r'<tr><th scope="row" class="num">([^<]+)</th>', section(found))
    assert rows == ["0", "0.1", "0.2", "0.3", "0.4", "0.5"]
    assert '64.6<span class="pm">±&#8239;5.0</span>' in section(found)
    assert "over 2 trials" in section(found)


def test_a_missing_figure_is_a_dash_and_the_plot_leaves_the_point_out(client: Client, site: Site) -> None:
    points = curve(site.benchmark, [0.0, 0.5, 1.0])
    points[1]["scores"] = [one for one in points[1]["scores"] if one["domain"] != "id"]
    Run.objects.filter(pk=site.run("succeeded").pk).update(curve=points)
    found = section(page(client, site.submissions["succeeded"]))
    assert f'<td class="num">{NONE}</td>' in found
    assert plot(found).count('class="ref"') == 2


def test_a_single_point_has_a_table_and_no_line(client: Client, site: Site) -> None:
    Run.objects.filter(pk=site.run("succeeded").pk).update(curve=curve(site.benchmark, [0.5]))
    found = section(page(client, site.submissions["succeeded"]))
    assert plot(found).count('class="ref"') == 1
    assert trails(found) == []


def test_figures_of_other_columns_only_are_no_curve(client: Client, site: Site) -> None:
    points = [{"point": 0.5, "scores": [{"metric": "older", "domain": "id", "value": 0.5, "stderr": None, "n": 1}]}]
    Run.objects.filter(pk=site.run("succeeded").pk).update(curve=points)
    assert 'id="curve"' not in page(client, site.submissions["succeeded"])


def test_a_withdrawn_benchmark_shows_none(client: Client, curved: Submission) -> None:
    Submission.objects.filter(pk=curved.pk).update(benchmark="gone/away")
    assert 'id="curve"' not in page(client, curved)


def test_the_board_draws_a_line_with_the_entrys_name_beneath_the_dots(client: Client, curved: Submission) -> None:
    found = text(client, PATH)
    ((line, title),) = trails(found)
    assert title == "The curve of tuned, succeeded one"
    assert len(line.split()) == len(ALPHAS)
    drawn = plot(found)
    assert drawn.count('class="mean"') == 2
    assert drawn.index("<polyline") < drawn.index("<circle")
    assert "A thin line follows the curve of an entry" in drawn
    assert "It is never ranked." in found


def test_the_line_follows_the_shift_that_ranks(client: Client, site: Site, curved: Submission) -> None:
    points = curve(site.benchmark, ALPHAS)
    for one in points:
        one["scores"] = [s | ({"value": 0.05} if s["domain"] == "noto" else {}) for s in one["scores"]]
    Run.objects.filter(pk=site.run("succeeded").pk).update(curve=points)
    (mean,), (shift,) = trails(text(client, PATH)), trails(text(client, f"{PATH}?by=accuracy:noto"))
    assert len({pair.split(",")[1] for pair in shift[0].split()}) == 1
    assert len({pair.split(",")[1] for pair in mean[0].split()}) > 1


def test_only_ranked_entries_have_a_line(client: Client, site: Site, curved: Submission) -> None:
    site.submissions["succeeded"].figures.filter(domain="shifts").delete()
    found = text(client, PATH)
    assert "Unranked: no result" in found
    assert trails(found) == []


def test_entries_that_are_not_comparable_have_no_line(client: Client, site: Site, curved: Submission) -> None:
    Run.objects.filter(pk=site.run("succeeded").pk).update(comparability_key="0ld")
    assert trails(text(client, PATH)) == []


def test_a_board_draws_the_best_ten_and_says_so(client: Client, site: Site, curved: Submission) -> None:
    for steps in range(CURVES + 1):
        one = enter(site.grace, "tuned", "open", title=f"no {steps}", config={"steps": steps + 1})
        drive(Run.objects.get(submission=one), "succeeded", site.benchmark, accuracy=0.7 - 0.001 * steps)
        Run.objects.filter(submission=one).update(curve=curve(site.benchmark, ALPHAS))
    found = text(client, PATH)
    assert [title for _, title in trails(found)] == [f"The curve of tuned, no {steps}" for steps in range(CURVES)]
    assert "for the first 10 that have one" in found


def test_no_page_takes_more_queries_for_a_curve(client: Client, site: Site) -> None:
    paths = [PATH, reverse("submission", args=[site.submissions["succeeded"].pk])]
    counts = []
    client.force_login(site.grace)  # whose pages are not kept
    for path in paths:
        text(client, path)  # the board is ranked once
    for points in ([], ALPHAS):
        Run.objects.filter(pk=site.run("succeeded").pk).update(curve=curve(site.benchmark, points))
        with CaptureQueriesContext(connection) as seen:
            for path in paths:
                text(client, path)
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_a_hostile_title_is_only_text(client: Client, site: Site, curved: Submission) -> None:
    Submission.objects.filter(pk=curved.pk).update(title=HOSTILE)
    assert "<script>alert" not in text(client, PATH)


@pytest.mark.parametrize(
    ("points", "titles"),
    [
        ([0.0, 0.1, 1.0], ["0", "0.1", "1"]),
        ([0.1 + 0.2, 12.5], ["0.3", "12.5"]),
        ([0.3, 0.1 + 0.2], ["0.3", "0.30000000000000004"]),
        ([], []),
    ],
)
def test_points_as_a_person_writes_them(points: list[float], titles: list[str]) -> None:
    assert point_titles(points) == titles
