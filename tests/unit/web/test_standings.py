"""Kept standings: the same as ranking all entries anew, after whatever has happened, and never of what was before."""

import math
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.web.conftest import BOARD, KEY, board_data, described, make_run, wanted

from farfield_evaluators.catalog import find
from farfield_evaluators.figure import Figure
from farfield_web import compared
from farfield_web.accounts.models import User
from farfield_web.celery import RANK
from farfield_web.leaderboards.board_pages import board_page
from farfield_web.leaderboards.comparing import compare_board
from farfield_web.leaderboards.models import BoardChange, BoardLine, BoardState, ColumnStanding
from farfield_web.leaderboards.queries import board
from farfield_web.leaderboards.revision import changed
from farfield_web.leaderboards.rows import Row
from farfield_web.leaderboards.selection import Selection
from farfield_web.leaderboards.tasks import compare, rank
from farfield_web.leaderboards.tops import fullest, of_method
from farfield_web.runs import figures
from farfield_web.runs.announce import announce
from farfield_web.runs.models import Run
from farfield_web.runs.status import Status, move
from farfield_web.runs.submit import submit
from farfield_web.submissions.models import Method, Submission
from farfield_web.submissions.rulings import invalidate, restore

pytestmark = [pytest.mark.services, pytest.mark.django_db]
BENCHMARK = find(BOARD)
COLUMNS = st.sampled_from(BENCHMARK.columns[:2])
VALUES = st.sampled_from([0.1, 0.5, 0.5000001, 0.9])
SEND = compared.send  # as it is before a fixture takes its place


def told(row: Row) -> tuple[Any, ...]:
    """All that a row says, apart from figures that its columns do not show."""
    return (
        row.entry.submission.pk, row.rank, row.reason, row.tied_with_best, row.figures, row.place, dict(row.differs),
        row.entry.labels, row.entry.standing, row.entry.progress,
    )  # fmt: skip


def same_as_anew(column: Any) -> None:
    """The kept standing against the board that is ranked from all entries at this moment."""
    at = BENCHMARK.columns.index(column)
    anew = board(BENCHMARK, ranked_by=at)
    asked = {"metric": column.metric, "domain": column.domain, "size": 3}
    first = board_page(BENCHMARK, "", Selection(**asked))
    pages = [board_page(BENCHMARK, "", Selection(**asked, page=page)) for page in range(1, first.pages + 1)]
    assert [told(row) for page in pages for row in page.rows] == [told(row) for row in anew.rows]
    apart = board_page(BENCHMARK, "", Selection(**asked, apart=True) if anew.apart else Selection(apart=True))
    assert [told(row) for row in apart.rows] == [told(row) for row in anew.apart[:3]]
    assert (first.entries, first.apart, first.key) == (len(anew.rows), len(anew.apart), anew.key)
    turned = board_page(BENCHMARK, "", Selection(**{**asked, "size": 200}, worst_first=True))
    ranked = [row for row in anew.rows if row.rank is not None]
    behind = [row for row in anew.rows if row.rank is None]
    assert [told(row) for row in turned.rows] == [told(row) for row in [*ranked[::-1], *behind]]


class World:
    """People who enter, and an operator; each step is one of its methods."""

    def __init__(self) -> None:
        self.people = [User.objects.create_user(f"{name}-{uuid.uuid4().hex[:6]}") for name in ("ada", "grace")]
        self.key = KEY

    def enter(self, value: float | None, stderr: float | None, person: int, bias: float, runs: int) -> None:
        with transaction.atomic():
            made = submit(self.people[person], wanted(config={"bias": bias}))
            first = made.runs.order_by("trial")[0]
            for trial in range(made.runs.count(), runs):  # a method that was described as stochastic has more
                make_run(made, trial, Status.QUEUED)
            self._succeed(first, value, stderr)

    def finish(self, number: int, value: float) -> None:
        waiting = list(Run.objects.filter(status=Status.QUEUED).order_by("queued_at", "pk"))
        if waiting:
            with transaction.atomic():
                self._succeed(waiting[number % len(waiting)], value, 0.1)

    def fail(self, number: int) -> None:
        waiting = list(Run.objects.filter(status=Status.QUEUED).order_by("queued_at", "pk"))
        if waiting:
            move(waiting[number % len(waiting)], Status.FAILED, failure_code="method.raised")

    def rule(self, number: int) -> None:
        if entries := list(Submission.objects.order_by("created_at", "pk")):
            one = entries[number % len(entries)]
            (restore if one.taken_off else invalidate)(one, "Because.", "operator")

    def new_data(self, fresh: bool) -> None:
        data = board_data("e" * 64 if fresh else "f" * 64)
        self.key = data["key"]
        announce("worker-1", [described()], {BOARD: data})

    def describe(self, stochastic: bool) -> None:
        announce("worker-1", [described(stochastic=stochastic, summary=f"Now {stochastic}.")], {})

    def compare(self) -> None:
        compare_board(BENCHMARK, "")

    def leave(self, number: int) -> None:
        free = list(Submission.objects.filter(rulings=None).order_by("created_at", "pk"))
        if free:
            free[number % len(free)].delete()

    def _succeed(self, run: Run, value: float | None, stderr: float | None) -> None:
        for status in (Status.PREPARING, Status.RUNNING, Status.SCORING):
            move(run, status)
        move(run, Status.SUCCEEDED, comparability_key=self.key, finished_at=timezone.now())
        made = [Figure(metric="accuracy", domain="id", value=0.5, stderr=0.1, n=9)]
        if value is not None:
            made.append(Figure(metric="accuracy", domain="shifts", value=value, stderr=stderr, n=9))
        figures.write(run.submission_id, made)
        changed(BOARD, "", run.submission_id)


NUMBERS = st.integers(0, 9)
STEPS = st.one_of(
    st.tuples(
        st.just(World.enter), st.none() | VALUES, st.none() | st.just(0.1), st.integers(0, 1),
        st.sampled_from([0.1, 0.2]), st.integers(1, 2),
    ),
    st.tuples(st.just(World.finish), NUMBERS, VALUES),
    st.tuples(st.just(World.fail), NUMBERS),
    st.tuples(st.just(World.rule), NUMBERS),
    st.tuples(st.just(World.new_data), st.booleans()),
    st.tuples(st.just(World.describe), st.booleans()),
    st.tuples(st.just(World.compare)),
    st.tuples(st.just(World.leave), NUMBERS),
)  # fmt: skip


@given(steps=st.lists(st.tuples(STEPS, st.booleans(), COLUMNS), min_size=4, max_size=12))
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_kept_standing_is_the_board_ranked_anew(announced: None, steps: list[Any]) -> None:
    with transaction.atomic():
        world = World()
        for (verb, *arguments), looked_at, column in steps:
            verb(world, *arguments)
            if looked_at:
                same_as_anew(column)
        for column in BENCHMARK.columns[:2]:
            same_as_anew(column)
        transaction.set_rollback(True)


@pytest.fixture
def world(announced: None) -> World:
    return World()


def test_who_reads_again_without_a_change_ranks_nothing(
    world: World, django_assert_num_queries: Callable[..., Any]
) -> None:
    for number in range(3):
        world.enter(0.1 * number, 0.1, 0, 0.1 * number, 1)
    before = board_page(BENCHMARK, "", Selection())
    with django_assert_num_queries(4):
        again = board_page(BENCHMARK, "", Selection())
    assert again.revision == before.revision
    assert ColumnStanding.objects.count() == 1


def test_the_site_worker_ranks_what_was_entered_and_nothing_else(
    world: World, django_assert_num_queries: Callable[..., Any]
) -> None:
    world.enter(0.1, 0.1, 0, 0.1, 1)
    compare(BENCHMARK.name, "")
    assert [(state.benchmark, state.tier) for state in BoardState.objects.all()] == [(BENCHMARK.name, "")]
    with django_assert_num_queries(4):  # as many as reading again takes
        assert len(board_page(BENCHMARK, "", Selection()).rows) == 1


def test_the_site_worker_is_asked_to_rank_after_every_change_once_for_each_board(
    world: World, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    for number in range(2):
        world.enter(0.1 * number, 0.1, 0, 0.1 * number, 1)
    board_page(BENCHMARK, "", Selection())
    sent: list[tuple[Any, ...]] = []
    monkeypatch.setattr(compared.app, "send_task", lambda name, kwargs, **_: sent.append((name, kwargs)))
    monkeypatch.setattr(compared, "send", SEND)
    with django_capture_on_commit_callbacks(execute=True):
        method = Method.objects.get()
        method.name = "renamed"
        method.save()
    assert sent == [(RANK, {"benchmark": BOARD, "tier": ""})]
    assert BoardChange.objects.count() == 2
    rank(**sent[0][1])
    assert not BoardChange.objects.exists()


def test_the_site_worker_ranks_the_columns_that_readers_asked_for(world: World) -> None:
    world.enter(0.5, 0.1, 0, 0.1, 1)
    headline, read, unread = BENCHMARK.columns[:3]
    for column in (headline, read):
        board_page(BENCHMARK, "", Selection(metric=column.metric, domain=column.domain))
    changed(BOARD, "")
    rank(BOARD, "")
    now = ColumnStanding.objects.filter(revision=F("state__revision"))
    assert set(now.values_list("domain", flat=True)) == {headline.domain, read.domain}
    assert unread.domain not in ColumnStanding.objects.values_list("domain", flat=True)
    made = ColumnStanding.objects.count()
    rank(BOARD, "")
    assert ColumnStanding.objects.count() == made


def test_older_standings_go(world: World) -> None:
    for number in range(5):
        world.enter(0.1 * number, 0.1, 0, 0.1 * number, 1)
        board_page(BENCHMARK, "", Selection())
    assert ColumnStanding.objects.count() == 2
    assert BoardLine.objects.count() == 5


def test_home_and_methods_have_the_best_of_each_board(world: World) -> None:
    for number in range(5):
        world.enter(0.1 * number, 0.1, number % 2, 0.1 * number, 1)
    (top,) = fullest([BENCHMARK, find("domainbed/pacs")], 3)
    assert (top.benchmark, top.entries, top.ranked, [row.rank for row in top.rows]) == (BENCHMARK, 5, 5, [1, 2, 3])
    (own,) = of_method(Method.objects.get(), [BENCHMARK], 2)
    assert ([row.rank for row in own.rows], own.chosen) == ([1, 2], 5)


def test_a_title_or_name_that_changes_is_searched_for(world: World) -> None:
    world.enter(0.5, 0.1, 0, 0.1, 1)
    assert board_page(BENCHMARK, "", Selection(text="renamed")).total == 0
    method = Method.objects.get()
    method.name = "renamed"
    method.save()
    page = board_page(BENCHMARK, "", Selection(text="renamed"))
    assert [row.entry.submission.display_name for row in page.rows] == ["renamed"]
    person = world.people[0]
    person.username = "ada-lovelace"
    person.save()
    assert board_page(BENCHMARK, "", Selection(authors=("ada-lovelace",))).total == 1


def test_not_a_number_is_no_rank(world: World) -> None:
    world.enter(math.nan, 0.1, 0, 0.1, 1)
    (row,) = board_page(BENCHMARK, "", Selection()).rows
    assert (row.rank, row.reason) == (None, "no result for Mean of shifts")
