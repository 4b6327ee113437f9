"""Boards of sweeps: a tier, a selection rule, and what is not finished."""

import re

import pytest
from django.test import Client
from tests.unit.pages.content import FINGERPRINT, Site
from tests.unit.pages.sweeps import PACS, announce_sweeps, finished, under_way

from farfield_evaluators.catalog import find
from farfield_web.leaderboards.tasks import compare

pytestmark = [pytest.mark.django_db, pytest.mark.services]

PATH = f"/boards/{PACS}/"


@pytest.fixture
def sweeps(site: Site) -> Site:
    """Two finished sweeps in the first tier, one in another, and one under way."""
    announce_sweeps()
    site.submissions |= {
        "erm": finished(site, "erm", 0.6),
        "coral": finished(site, "coral", 0.7),
        "smoke": finished(site, "coral", 0.3, "smoke"),
        "half": under_way(site),
    }
    return site


def page(client: Client, query: str = "") -> str:
    response = client.get(PATH + query)
    assert response.status_code == 200
    return response.content.decode()


def rows(found: str) -> list[str]:
    return re.findall(r"<tr.*?</tr>", found[found.index("<tbody>") : found.index("</tbody>")], re.DOTALL)


def test_the_first_tier_is_shown_ranked_by_its_average(client: Client, sweeps: Site) -> None:
    first, second = rows(page(client))
    assert "coral" in first
    assert "erm" in second
    # Environments at .70 .72 .74 .76, and a point more in each of three trials.
    assert "74.0" in first
    assert "72.0" not in first.split('class="num headline', maxsplit=1)[1].split("</td>", maxsplit=1)[0]


@pytest.mark.parametrize(("tier", "told"), [("", True), ("full", False)])
def test_a_rule_that_the_tier_has_no_runs_for_says_so(client: Client, sweeps: Site, tier: str, told: bool) -> None:
    why = "needs pairs of environments held out, which only the tier Full has.</p>"
    assert (why in page(client, f"?rule=loo&tier={tier}")) is told
    assert why not in page(client, f"?rule=oracle&tier={tier}")


def test_only_the_columns_of_the_rule_are_shown(client: Client, sweeps: Site) -> None:
    found = page(client, "?rule=oracle")
    assert [title.strip() for title in re.findall(r'id="by-\d+"[^>]*>([^<]+)', found)] == [
        "Average",
        "A",
        "C",
        "P",
        "S",
    ]
    assert "ranked by Average, test-domain validation (oracle)" in found
    assert "71.0" in rows(found)[0]
    assert "?tier=defaults&amp;rule=oracle&amp;by=accuracy-oracle:A" in found


def test_a_tier_is_a_board_of_its_own(client: Client, sweeps: Site) -> None:
    found = page(client, "?tier=smoke")
    assert len(rows(found)) == 1
    assert str(sweeps.submissions["smoke"].pk) in found
    assert "For authors" in found
    assert "over test images" in found
    assert find(PACS).comparability_key(FINGERPRINT, "smoke") in found
    assert find(PACS).comparability_key(FINGERPRINT, "defaults") not in found


def test_the_error_is_explained(client: Client, sweeps: Site) -> None:
    assert "over the 3 trials of an entry, as DomainBed" in page(client)


def test_what_is_not_finished_stands_unranked_with_its_figures(client: Client, sweeps: Site) -> None:
    (row,) = rows(page(client, "?tier=full"))
    assert "Unfinished: 300 of 600 runs are done, 60 failed" in row
    assert "not ranked" in row or "unranked" in row
    assert "50.5" in row


def test_choices_keep_each_other_and_work_by_htmx(client: Client, sweeps: Site) -> None:
    part = client.get(PATH + "?tier=full&rule=oracle&track=open", headers={"HX-Request": "true"}).content.decode()
    assert part.strip().startswith('<div id="board"')
    assert "?tier=smoke&amp;rule=oracle&amp;track=open" in part
    assert "?tier=full&amp;rule=loo&amp;track=open" in part
    assert part.count('aria-current="true"') == 2


def test_the_figures_can_be_had_as_json(client: Client, sweeps: Site) -> None:
    address = re.search(r'href="(/api/v1/leaderboards/[^"]+)"', page(client, "?tier=smoke&rule=oracle&track=open"))
    assert address
    found = client.get(address[1].replace("&amp;", "&")).json()
    assert [row["submission"] for row in found["rows"]] == [str(sweeps.submissions["smoke"].pk)]
    assert found["tier"] == "smoke"
    assert found["ranked_by"] == "accuracy-oracle:shifts"


@pytest.mark.parametrize("query", ["?tier=no", "?rule=no", "?tier=full&by=accuracy-iid:no"])
def test_what_is_not_there_is_not_found(client: Client, query: str) -> None:
    assert client.get(PATH + query).status_code == 404


def test_a_board_opens_on_the_tier_with_most_entries(client: Client, sweeps: Site) -> None:
    assert "tier=defaults" in page(client)
    for _ in range(2):
        finished(sweeps, "erm", 0.5, "smoke")
    found = page(client)
    assert "?tier=smoke&amp;by=" in found
    assert len(rows(found)) == len(rows(page(client, "?tier=smoke")))


def test_an_empty_tier_says_so(client: Client, sweeps: Site) -> None:
    assert "No entries in this tier yet" in page(client, "?tier=iid")


def test_the_first_page_and_the_method_show_the_tier(client: Client, sweeps: Site) -> None:
    home = client.get("/").content.decode()
    assert "by Average, tier Defaults" in home
    assert "waiting for their data" in home
    method = client.get("/methods/coral/").content.decode()
    results = method[method.index('id="results"') :]
    assert "Smoke</span>" in results
    assert f"{PATH}?tier=smoke" in results
    assert "Submit to one of" in method


def test_a_benchmark_tells_its_tiers(client: Client, sweeps: Site) -> None:
    found = client.get(f"/benchmarks/{PACS}/").content.decode()
    assert "600 runs" in found
    assert find(PACS).comparability_key(FINGERPRINT, "full") in found
    assert "Average by training-domain validation" in found
    assert "Art paintings" in found


def test_reading_boards_does_not_grow_with_the_runs(
    client: Client, sweeps: Site, django_assert_max_num_queries: object
) -> None:
    compare()  # the site worker's, after every change
    with django_assert_max_num_queries(25):  # type: ignore[operator] # a fixture of pytest-django
        page(client, "?tier=full")
