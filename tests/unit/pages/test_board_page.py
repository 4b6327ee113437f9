"""Boards: order, errors, ties, tracks, what is unranked and what is not comparable."""

import pytest
from django.test import Client
from django.utils import timezone
from tests.unit.pages.content import BOARD, Site, drive, enter

from farfield_web.runs.models import Run

pytestmark = [pytest.mark.django_db, pytest.mark.services]

PATH = f"/boards/{BOARD}/"


def page(client: Client, query: str = "", **headers: str) -> str:
    response = client.get(PATH + query, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def test_the_best_comes_first_with_its_error(client: Client, site: Site) -> None:
    found = page(client)
    table = found[found.index("<tbody>") : found.index("</tbody>")]
    assert table.index("tuned") < table.index("constant")
    assert "60.0" in table
    assert "1.0" in table
    assert "2 entries, ranked by Mean of shifts" in found


def test_entries_within_the_error_are_marked_as_tied(client: Client, site: Site) -> None:
    close = enter(site.grace, "tuned", "open", config={"steps": 9})
    drive(Run.objects.get(submission=close), "succeeded", site.benchmark, accuracy=0.595)
    assert page(client).count("tied with the best") == 1


def test_a_missing_figure_is_unranked_with_its_reason(client: Client, site: Site) -> None:
    site.submissions["succeeded"].figures.filter(domain="shifts").delete()
    found = page(client)
    assert "Unranked: no result for Mean of shifts" in found
    assert found.index("constant") < found.index("Unranked")


def test_other_data_stands_apart(client: Client, site: Site) -> None:
    Run.objects.filter(pk=site.run("succeeded").pk).update(comparability_key="0ld")
    found = page(client)
    apart = found[found.index("Not comparable") :]
    assert "tuned" in apart
    assert "0ld" in apart
    assert "1 entry" in found


def test_tracks_filter_by_link_and_by_htmx(client: Client, site: Site) -> None:
    whole = page(client, "?track=scratch")
    part = page(client, "?track=scratch", **{"HX-Request": "true"})
    assert "tuned" not in whole[whole.index("<tbody>") :]
    assert "<html" not in part
    assert part.strip().startswith('<div id="board"')
    assert 'name="track" value="scratch" checked' in part
    assert 'title="Without From scratch"' in part


def test_an_empty_track_says_so(client: Client, site: Site) -> None:
    assert "No entry of this board has all of that" in page(client, "?track=imagenet-1k")


def test_columns_rank_by_link_and_keep_the_track(client: Client, site: Site) -> None:
    found = page(client, "?track=open&by=accuracy:id")
    assert "ranked by ID" in found
    assert "?by=accuracy:id&amp;order=worst&amp;track=open" in found
    assert 'name="by"' in found
    assert found.count("aria-sort=") == 1


def test_the_data_of_the_figures_is_named(client: Client, site: Site) -> None:
    assert "9f3c9f3c9f3c9f3c" in page(client)
    assert site.benchmark.comparability_key("9f3c" * 16) in page(client)


def test_the_first_page_shows_the_first_three(client: Client, site: Site) -> None:
    found = client.get("/").content.decode()
    assert "All 2 entries" in found
    assert '<svg class="chart' in found


def test_authors_lead_to_their_profiles_and_files_are_in_one_menu(client: Client, site: Site) -> None:
    found = page(client)
    assert 'data-label="Author"><a href="/people/ada/">ada</a>' in found
    menu = found[found.index('id="tool-export"') :].partition("</details>")[0]
    for form in ("board.csv", "board.parquet", "board.json", "board.tex", "board.bib", "feed.atom"):
        assert f"/boards/{BOARD}/{form}" in menu
        assert found.count(f"/{form}") == 1
    entry = client.get(f"/submissions/{site.submissions['floor'].pk}/").content.decode()
    assert entry.count('<summary class="btn quiet">Export</summary>') == 1
    site.ada.is_active = False
    site.ada.save()
    assert "/people/ada/" not in page(client, "?author=ada")


def test_a_method_has_its_best_entry_of_each_benchmark_and_its_versions(client: Client, site: Site) -> None:
    worse = enter(site.grace, "tuned", "open", config={"steps": 9})
    drive(Run.objects.get(submission=worse), "succeeded", site.benchmark, accuracy=0.2)
    found = client.get("/methods/tuned/").content.decode()
    best = found[found.index('id="results"') :].partition("</table>")[0]
    assert best.count("<tr>") == 2
    assert '1 <span class="muted">of 3</span>' in best
    entries = found[found.index('id="entered"') :].partition("</table>")[0]
    assert entries.count("<tr>") == 3
    versions = found[found.index('id="versions"') :].partition("</table>")[0]
    assert '1.0 <span class="muted">as it is now</span></th><td class="num" data-label="Entries">6</td>' in versions


def test_people_who_entered_something_are_listed(client: Client, site: Site) -> None:
    listed = client.get("/people/").content.decode()
    assert listed.index('href="/people/ada/"') < listed.index('href="/people/grace/"')
    found = client.get("/people/?q=GRA").content.decode()
    assert "/people/ada/" not in found
    assert "/people/grace/" in found
    site.submissions["floor"].anonymous_since = timezone.now()
    site.submissions["floor"].save()
    assert "/people/grace/" not in client.get("/people/").content.decode()
    assert client.get("/people/?q=%00").status_code == 200


def test_a_method_lists_its_results(client: Client, site: Site) -> None:
    found = client.get("/methods/tuned/").content.decode()
    results = found[found.index('id="results"') :]
    assert "Mean of shifts" in results
    assert "60.0" in results
    assert 'href="https://arxiv.org/abs/2109.01903"' in found
