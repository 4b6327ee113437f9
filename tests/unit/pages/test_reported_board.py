"""Published figures on boards: only when asked for, with their label and source, and never with a rank."""

import re

import pytest
from django.test import Client
from tests.unit.pages.content import BOARD, HOSTILE, Site

from farfield_evaluators.catalog import find
from farfield_evaluators.reported import Reported
from farfield_web.pages.boards.lines import Line, interleaved

pytestmark = [pytest.mark.django_db, pytest.mark.services]

PATH = f"/boards/{BOARD}/"
SOURCE = "Somebody et al. 2022 (arXiv 2109.01903)"


def published(method: str, source: str = SOURCE, **figures: float) -> Reported:
    values = {("accuracy", domain): value for domain, value in figures.items()}
    return Reported(benchmark=BOARD, method=method, source=source, figures=values)


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three publications: above all entries, between them, and without the headline."""
    found = (published("midway", shifts=0.3, id=0.8), published("summit", shifts=0.99), published("sidelong", id=0.7))
    monkeypatch.setattr("farfield_web.pages.boards.view.reported_for", lambda name, tier="": found)


def page(client: Client, query: str = "") -> str:
    response = client.get(PATH + query)
    assert response.status_code == 200
    return response.content.decode()


def rows(found: str) -> list[str]:
    return re.findall(r"<tr.*?</tr>", found[found.index("<tbody>") : found.index("</tbody>")], re.DOTALL)


def test_nobody_sees_them_unasked(client: Client, site: Site) -> None:
    found = page(client)
    assert "midway" not in found
    assert SOURCE not in found
    assert "3 published results are known that were not run here" in found
    assert 'href="/boards/imagenet-ood/mini/?reported=1"' in found


def test_asked_for_they_stand_at_their_places_without_a_rank(client: Client, site: Site) -> None:
    lines = rows(page(client, "?reported=1"))
    names = [re.search("midway|sidelong|constant|tuned|summit", line) for line in lines]
    assert [name[0] for name in names if name] == [
        "summit", "tuned", "midway", "constant", "sidelong",
    ]  # fmt: skip
    for line in lines:
        is_reported = 'class="unranked reported"' in line
        assert ("reported by its authors, not run here" in line) is is_reported
        assert bool(re.search(r'class="rank">\s*\d', line)) is not is_reported


@pytest.mark.parametrize("order", ["", "&order=worst"])
def test_on_pages_each_stands_once_in_the_same_order(
    client: Client, site: Site, monkeypatch: pytest.MonkeyPatch, order: str
) -> None:
    def names(query: str) -> list[str]:
        return re.findall('class="name">(?:<a [^>]*>)?([a-z]+)', "".join(rows(page(client, query))))

    whole = names(f"?reported=1{order}")
    for module in ("rows", "view"):
        monkeypatch.setattr(f"farfield_web.pages.boards.{module}.PAGE", 1)
    assert [name for number in (1, 2) for name in names(f"?reported=1{order}&page={number}")] == whole
    assert len(whole) == 5


def test_ranks_ties_and_counts_are_those_of_the_entries(client: Client, site: Site) -> None:
    plain, shown = page(client), page(client, "?reported=1")
    ranks = [re.findall(r'class="rank">(\d+)', text) for text in (plain, shown)]
    assert ranks[0] == ranks[1] == ["1", "2"]
    assert "2 entries, ranked by" in shown
    assert shown.count('<span class="tied"') == plain.count('<span class="tied"')


def test_the_source_is_given_with_its_link(client: Client, site: Site) -> None:
    found = page(client, "?reported=1")
    assert found.count('href="#source-1"') == 3
    assert f'id="source-1"><a href="https://arxiv.org/abs/2109.01903" rel="nofollow noopener">{SOURCE}</a>' in found


def test_filters_keep_them_and_they_can_be_hidden(client: Client, site: Site) -> None:
    found = page(client, "?reported=1&by=accuracy:id")
    assert "?by=accuracy:id&amp;order=worst&amp;reported=1" in found
    assert 'href="/boards/imagenet-ood/mini/?by=accuracy:id"' in found
    lines = rows(found)
    assert "midway" in lines[0]
    assert "sidelong" in lines[1]


def test_an_empty_board_tells_of_them_and_shows_them(client: Client) -> None:
    assert "3 published results are known" in page(client)
    assert len(rows(page(client, "?reported=1"))) == 3


def test_the_plot_has_hollow_dots_for_them(client: Client, site: Site) -> None:
    def dots(found: str) -> int:
        return found[found.index('class="chart scatter"') :].split("</svg>", maxsplit=1)[0].count('class="ref"')

    assert dots(page(client)) == 0
    assert dots(page(client, "?reported=1")) == 1
    assert "<title>midway, reported: 30.0 OOD, 80.0 ID</title>" in page(client, "?reported=1")


def test_hostile_sources_are_only_text(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    found = (published(HOSTILE, source=f"javascript:alert(1) {HOSTILE}", shifts=0.3, id=0.4),)
    monkeypatch.setattr("farfield_web.pages.boards.view.reported_for", lambda name, tier="": found)
    shown = page(client, "?reported=1")
    assert "<script>alert" not in shown
    assert 'href="javascript' not in shown


def line(name: str) -> Line:
    return Line(
        name=name, href="", title="", facts=(), rank=None, tied_with_best=False, reason="", key="", labels=(), cells=(),
    )  # fmt: skip


@pytest.mark.parametrize(("higher", "order"), [(True, "a B b A"), (False, "B b A a")])
def test_the_order_follows_the_direction_and_entries_come_first(higher: bool, order: str) -> None:
    ranked = [(0.9, line("a")), (0.5, line("b"))] if higher else [(0.5, line("b")), (0.9, line("a"))]
    reported = [(0.2 if higher else 0.7, line("A")), (0.6 if higher else 0.2, line("B"))]
    found = interleaved(ranked, reported, higher_is_better=higher)
    assert " ".join(one.name for one in found) == order
    same = interleaved([(0.5, line("entry"))], [(0.5, line("report"))], higher_is_better=higher)
    assert [one.name for one in same] == ["entry", "report"]


def test_what_is_known_of_real_benchmarks_fits_their_boards(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    for name in ("imagenet-ood/imagenet", "ood-detection/imagenet", "domainbed/pacs"):
        found = client.get(f"/boards/{name}/?reported=1").content.decode()
        assert "not run here" in found, name
        assert "<svg" not in found or find(name).columns
