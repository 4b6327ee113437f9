"""Pages of a board: which rows a selection gives, with ranks of the whole board, and what can be filtered by."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from tests.unit.web.conftest import BOARD, board_data, described
from tests.unit.web.test_boards import evaluated

from farfield_evaluators.catalog import find
from farfield_web.accounts.models import User
from farfield_web.hosting.change import add_phase
from farfield_web.leaderboards.board_pages import BoardPage
from farfield_web.leaderboards.queries import board_page, selected
from farfield_web.leaderboards.revision import changed, revision_of
from farfield_web.leaderboards.selection import Selection
from farfield_web.runs.announce import announce
from farfield_web.submissions.models import Submission
from farfield_web.submissions.rulings import invalidate

pytestmark = [pytest.mark.services, pytest.mark.django_db]


def shown(**selection: Any) -> BoardPage:
    return board_page(find(BOARD), "", Selection(**selection))


def lines(page: BoardPage) -> list[tuple[int | None, Submission]]:
    return [(row.rank, row.entry.submission) for row in page.rows]


@pytest.fixture
def three(announced: None, person: User, other: User) -> tuple[Submission, Submission, Submission]:
    """Second, first, third."""
    low = evaluated(person, 0.6, config={"bias": 0.1}, title="Plain one")
    best = evaluated(other, 0.7, config={"bias": 0.2})
    worst = evaluated(other, 0.2, config={"bias": 0.3})
    return low, best, worst


def test_ranks_are_of_the_whole_board(three: tuple[Submission, ...], other: User) -> None:
    second, first, third = three
    assert lines(shown()) == [(1, first), (2, second), (3, third)]
    assert lines(shown(authors=("ada",))) == [(2, second)]
    assert lines(shown(text="plain ADA")) == [(2, second)]
    assert lines(shown(settings=("bias:0.1", "bias:0.3"))) == [(2, second), (3, third)]
    assert lines(shown(settings=("bias:0.1", "another:0.1"))) == []
    assert lines(shown(worst_first=True)) == [(3, third), (2, second), (1, first)]
    assert lines(shown(metric="accuracy", domain="id", kinds=("configuration",), tracks=("open",)))[0][0] == 1


@pytest.mark.parametrize(
    "nothing",
    [{"text": "plain grace"}, {"kinds": ("plugin",)}, {"tracks": ("none",)}, {"methods": ("x",)}, {"badges": ("x",)}],
)
def test_what_is_not_there_gives_no_rows(three: tuple[Submission, ...], nothing: dict[str, Any]) -> None:
    page = shown(**nothing)
    assert (page.rows, page.total, page.pages, page.entries, page.ranked) == ((), 0, 0, 3, 3)


def test_days_are_both_included(three: tuple[Submission, ...]) -> None:
    today = timezone.now().date()
    assert shown(since=today, until=today).total == 3
    assert shown(since=today + timedelta(days=1)).total == 0
    assert shown(until=today - timedelta(days=1)).total == 0


def test_pages_are_parts_of_the_rows(three: tuple[Submission, ...]) -> None:
    pages = [shown(page=number, size=2) for number in (1, 2, 3)]
    assert [[row.rank for row in page.rows] for page in pages] == [[1, 2], [3], []]
    assert {(page.total, page.pages) for page in pages} == {(3, 2)}
    with pytest.raises(ValueError, match="1 to 200"):
        Selection(size=201)


def test_a_column_there_is_not_is_said(three: tuple[Submission, ...]) -> None:
    with pytest.raises(LookupError, match="no column accuracy:nowhere"):
        shown(metric="accuracy", domain="nowhere")


def test_facets_count_the_whole_board(three: tuple[Submission, ...]) -> None:
    facets = shown(authors=("ada",)).facets
    assert facets["author"] == (("grace", 2), ("ada", 1))
    assert facets["set"] == (("bias:0.1", 1), ("bias:0.2", 1), ("bias:0.3", 1))
    assert "badge" not in facets  # all are verified, and of all it is unknown what they have seen


def test_files_have_the_rows_that_pages_have(three: tuple[Submission, ...]) -> None:
    for asked in ({"authors": ("grace",)}, {"text": "plain"}, {"worst_first": True}, {"apart": True}):
        chosen = selected(find(BOARD), "", Selection(**asked, size=1))
        assert chosen == [entry.pk for _, entry in lines(shown(**asked))]


def test_an_entry_is_found_by_the_phase_that_it_was_entered_in(announced: None, person: User) -> None:
    before = evaluated(person, 0.2)
    add_phase(BOARD, "Round one", timezone.now() - timedelta(days=1), by=None)
    within = evaluated(person, 0.4, config={"bias": 0.2})
    assert lines(shown(phases=("round-one",))) == [(1, within)]
    assert shown().facets["phase"] == (("round-one", 1),)
    assert lines(shown()) == [(1, within), (2, before)]


def test_the_revision_grows_with_every_change_of_this_board(three: tuple[Submission, ...]) -> None:
    before = revision_of(BOARD, "")
    assert shown().revision == before
    invalidate(three[0], "It saw the labels.", "operator")
    assert shown().revision == revision_of(BOARD, "") == before + 1
    changed("another/board", "", compare=False)
    assert revision_of(BOARD, "") == before + 1
    changed(BOARD, "")
    assert revision_of(BOARD, "") == before + 2


def test_what_was_rolled_back_changed_nothing(three: tuple[Submission, ...]) -> None:
    before = revision_of(BOARD, "")
    with transaction.atomic():
        changed(BOARD, "", three[0].pk)
        transaction.set_rollback(True)
    assert revision_of(BOARD, "") == before


def test_the_api_has_the_board_in_pages(three: tuple[Submission, ...], call: Any, settings: Any) -> None:
    settings.SITE_URL = "https://farfield.example"
    first = call("get", f"leaderboards/{BOARD}?page_size=2").json()
    assert ([row["rank"] for row in first["rows"]], first["count"], first["pages"]) == ([1, 2], 3, 2)
    assert (first["previous"], first["page_number"], first["apart_count"]) == (None, 1, 0)
    assert first["next"] == f"https://farfield.example/api/v1/leaderboards/{BOARD}?page_size=2&page=2"
    last = call("get", f"leaderboards/{BOARD}?page_size=2&page=2").json()
    assert ([row["rank"] for row in last["rows"]], last["next"]) == ([3], None)
    assert last["revision"] == first["revision"] == revision_of(BOARD, "")
    for wrong in ("page=0", "page_size=201", "page=x", "apart=1"):
        assert call("get", f"leaderboards/{BOARD}?{wrong}").json()["error"]["field"] == wrong.partition("=")[0]


def test_the_api_has_what_is_not_comparable_apart(three: tuple[Submission, ...], call: Any) -> None:
    announce("worker-1", [described()], {BOARD: board_data("e" * 64)})
    found = call("get", f"leaderboards/{BOARD}").json()
    assert (found["rows"], found["entries"], found["apart_count"], len(found["apart"])) == ([], 0, 3, 3)
    second = call("get", f"leaderboards/{BOARD}?apart=true&page_size=2&page=2").json()
    assert (second["rows"], second["count"], len(second["apart"])) == ([], 3, 1)
