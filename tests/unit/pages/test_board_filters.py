"""Which rows of a board are shown, in which look, by its address: what is asked comes back, and nothing else counts."""

from dataclasses import replace
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.pages.content import BOARD, Site, drive, enter

from farfield_evaluators.catalog import find
from farfield_web.leaderboards.selection import LISTS, Filters
from farfield_web.pages.boards.examples import strip_of
from farfield_web.pages.boards.look import ABOUT, USUAL, Look
from farfield_web.pages.boards.opening import entries_of_each
from farfield_web.pages.boards.query import Asked, asked, column_name
from farfield_web.pages.boards.rows import read
from farfield_web.pages.boards.shading import SHADES, shades

MINI, PACS = find(BOARD), find("domainbed/pacs")
TRACKS = [track.name for track in MINI.tracks]
VALUES = st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8), max_size=3, unique=True)
DAYS = st.none() | st.dates(date(2020, 1, 1), date(2030, 1, 1))
PAGE = 5
COLUMNS = [*ABOUT, *(column_name(MINI, index) for index in range(len(MINI.columns)))]

USUAL_COLUMNS = {*USUAL, *COLUMNS[len(ABOUT) :]}


@st.composite
def boards(draw: st.DrawFn) -> Asked:
    lists = {field: tuple(draw(VALUES)) for name, field in LISTS.items() if name != "track"}
    tracks = tuple(draw(st.lists(st.sampled_from(TRACKS), unique=True)))
    text = draw(st.text(st.characters(exclude_categories=["Cs"]), max_size=12)).strip()
    filters = Filters(text=text, tracks=tracks, since=draw(DAYS), until=draw(DAYS), **lists)
    chosen = draw(st.none() | st.sets(st.sampled_from(COLUMNS), min_size=1))
    usual = chosen is None or chosen == USUAL_COLUMNS
    columns = None if usual else tuple(name for name in COLUMNS if chosen and name in chosen)
    density = draw(st.sampled_from(("compact", "comfortable")))
    look = Look(density=density, heat=draw(st.booleans()), errors=draw(st.booleans()), columns=columns)
    number = draw(st.integers(0, len(MINI.columns) - 1))
    plain = asked(MINI, {}).filtered(filters).by(number).on_page(draw(st.integers(1, 99)))
    return replace(plain, look=look)


@given(wanted=boards())
@settings(max_examples=40, deadline=None)
def test_an_address_asks_for_what_it_was_made_from_and_there_is_one_for_each(wanted: Asked) -> None:
    again = asked(MINI, parse_qs(urlsplit(wanted.address).query))
    assert again.address == wanted.address
    assert again.filters == wanted.filters
    assert again.shown == wanted.shown
    assert again.look.about() == wanted.look.about()


@given(values=st.lists(st.none() | st.floats(-1, 1), max_size=9), higher=st.booleans())
def test_shades_follow_the_direction(values: list[float | None], higher: bool) -> None:
    found = shades(values, higher_is_better=higher)
    known = [(value, shade) for value, shade in zip(values, found, strict=True) if value is not None]
    assert all(shade == 0 for value, shade in zip(values, found, strict=True) if value is None)
    ordered = [shade for _, shade in sorted(known, reverse=not higher)]
    assert ordered == sorted(ordered)
    if len({value for value, _ in known}) > 1:
        assert {ordered[0], ordered[-1]} == {1, SHADES}


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"since": "yesterday"}, "since must be a day such as"),
        ({"page": "0"}, "page must be a number"),
        ({"page": "٣"}, "page must be a number"),
        ({"page": "1e3"}, "page must be a number"),
        ({"track": ["open", "no"]}, "has no such track"),
    ],
)
def test_what_cannot_be_asked_is_said(query: dict[str, str], says: str) -> None:
    with pytest.raises(LookupError, match=says):
        asked(MINI, query)


def test_columns_follow_the_rule_and_the_headline_stays() -> None:
    chosen = asked(PACS, {"col": ["accuracy-iid:A", "date"]})
    assert [PACS.columns[index].domain for index in chosen.shown] == ["shifts", "A"]
    oracle = chosen.by_rule(next(rule for rule in PACS.plan.selections if rule.name == "oracle"))
    assert [PACS.columns[index].metric for index in oracle.shown] == ["accuracy-oracle"] * 2
    assert oracle.look.about() == ("date",)


@pytest.mark.django_db
@pytest.mark.services
def test_rows_are_chosen_and_paged_with_the_ranks_of_the_whole_board(
    client: Client, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("rows", "view"):
        monkeypatch.setattr(f"farfield_web.pages.boards.{module}.PAGE", PAGE)
    for number in range(PAGE):
        made = enter(site.grace, "tuned", "open", config={"steps": number + 1}, title=f"Run {number}")
        drive(made.runs.get(), "succeeded", site.benchmark, accuracy=0.2 + number / 1000)
    first, second = (read(asked(MINI, {"page": page})) for page in ("1", "99"))
    assert [row.rank for row in (*first.rows, *second.rows)] == list(range(1, PAGE + 3))
    assert (second.page, second.pages, second.before) == (2, 2, first.rows[-1])
    turned = read(asked(MINI, {"order": "worst", "page": "2"}))
    assert [row.rank for row in turned.rows] == [2, 1]
    ada = read(asked(MINI, {"author": "ada"}))
    assert [(row.rank, row.entry.submission.owner) for row in ada.rows] == [(1, site.ada)]
    some = read(asked(MINI, {"set": ["steps:2", "steps:4"], "q": "RUN"}))
    assert sorted(row.entry.submission.config["steps"] for row in some.rows) == [2, 4]
    assert read(asked(MINI, {"set": "steps:2", "author": "ada"})).total == 0
    today = first.rows[0].entry.submission.created_at.date().isoformat()
    assert read(asked(MINI, {"since": today, "until": today})).total == PAGE + 2
    assert read(asked(MINI, {"until": "2020-01-01"})).total == 0
    page = client.get(f"/boards/{BOARD}/?page=2").content.decode()
    assert "6\N{EN DASH}7 of 7 entries" in page
    assert entries_of_each()[BOARD] == PAGE + 2


@pytest.mark.django_db
@pytest.mark.services
def test_a_form_leads_to_the_address_that_says_only_what_is_asked(client: Client, site: Site) -> None:
    said = "?apply=1&q=&by=&order=&density=&errors=&heat=1&since=&until=&kind=plugin"
    assert client.get(f"/boards/{BOARD}/{said}").headers["Location"] == f"/boards/{BOARD}/?kind=plugin&heat=1"
    part = client.get(f"/boards/{BOARD}/{said}", headers={"HX-Request": "true"})
    assert part.headers["HX-Push-Url"] == f"/boards/{BOARD}/?kind=plugin&heat=1"
    typing = {"HX-Request": "true", "HX-Trigger": "q", "HX-Current-URL": f"http://testserver/boards/{BOARD}/?q=a"}
    part = client.get(f"/boards/{BOARD}/?apply=1&q=ab", headers=typing)
    assert part.headers["HX-Replace-Url"] == f"/boards/{BOARD}/?q=ab"


@pytest.mark.django_db
@pytest.mark.services
def test_live_benchmarks_come_first_with_images(client: Client, site: Site) -> None:
    strip = strip_of(BOARD)
    assert strip is not None
    for path in ("/", "/benchmarks/"):
        page = client.get(path).content.decode()
        assert f'src="/static/{strip.path}" alt="A zebra' in page
        assert page.index(">ImageNet OOD, mini</a>") < page.index("no data here")
        assert "Twemoji (Twitter and contributors, CC BY 4.0)" in page
    assert strip_of("imagenet-ood/imagenet") is None
