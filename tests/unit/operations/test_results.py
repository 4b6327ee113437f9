"""A result of the same key: equal within chance it is reproduced, else an operator decides, and nothing is replaced."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.operations.conftest import operate
from tests.unit.web.conftest import BOARD

from farfield_evaluators.figure import Figure
from farfield_web.accounts.models import User
from farfield_web.operations.models import Result
from farfield_web.runs.results import CHANGED, differ, tolerance
from farfield_web.submissions.models import Submission

Finish = Callable[..., Submission]


def figure(value: float, stderr: float | None) -> Figure:
    return Figure(metric="accuracy", domain="id", value=value, stderr=stderr, n=100)


values = st.floats(0, 1)
errors = st.none() | st.floats(0, 0.2)


@given(before=values, after=values, one=errors, two=errors)
def test_a_change_is_the_same_from_both_sides_and_more_than_three_errors(
    before: float, after: float, one: float | None, two: float | None
) -> None:
    first, second = figure(before, one), figure(after, two)
    assert differ(first, second) == differ(second, first)
    assert not differ(first, first)
    assert tolerance(first, second) == max(3 * max(one or 0.0, two or 0.0), 1e-6)
    assert differ(first, second) == (abs(after - before) > tolerance(first, second))
    assert differ(first, None)
    assert not differ(None, None)


def verdicts() -> list[str]:
    return [result.verdict for result in Result.objects.order_by("id")]


@pytest.mark.services
@pytest.mark.django_db
def test_the_same_again_is_reproduced_whoever_ran_it(finished: Finish, person: User, other: User) -> None:
    finished(person, 0.50)
    finished(person, 0.52)
    finished(other, 0.49)
    finished(person, 0.50, config={"bias": 0.7})
    assert verdicts() == ["first", "reproduced", "reproduced", "first"]


@pytest.mark.services
@pytest.mark.django_db
def test_another_result_is_told_and_waits(finished: Finish, person: User, client: Client, call: Any) -> None:
    older, newer = finished(person, 0.50), finished(person, 0.60)
    assert verdicts() == ["first", "changed"]
    event = newer.runs.get().events.get(kind=CHANGED)
    assert str(older.pk) in event.message
    assert "accuracy on id 0.5 before, 0.6 now" in event.message
    body = call("get", f"submissions/{newer.pk}").json()["result"]
    assert (body["verdict"], body["against"], body["decision"]) == ("changed", str(older.pk), "")
    assert {(one["before"], one["after"]) for one in body["changes"]} == {(0.5, 0.6)}
    assert "until the operator has decided" in client.get(f"/submissions/{newer.pk}/").content.decode()
    assert "farfield_changed_results_pending 1.0" in client.get("/metrics").content.decode()


@pytest.mark.services
@pytest.mark.django_db
def test_what_is_accepted_is_what_others_are_held_against(finished: Finish, person: User, other: User) -> None:
    finished(person, 0.50)
    newer = finished(person, 0.60)
    assert operate("replace-result", newer.pk, "--reason", "The driver was broken before.")
    again = finished(other, 0.61)
    assert verdicts() == ["first", "changed", "reproduced"]
    assert again.result.against == newer
    operate("invalidate", newer.pk, "--reason", "Not it either.")
    assert finished(person, 0.50).result.verdict == "reproduced"


@pytest.mark.services
@pytest.mark.django_db
def test_entries_from_before_are_judged_first(finished: Finish, person: User) -> None:
    finished(person, 0.50)
    Result.objects.all().delete()
    finished(person, 0.70)
    assert verdicts() == ["first", "changed"]
    assert BOARD


def standing_rows(call: Any) -> dict[str, tuple[int | None, str, int]]:
    rows = call("get", f"leaderboards/{BOARD}").json()["rows"]
    return {row["submission"]: (row["rank"], row["reason"], row["reproduced"]) for row in rows}


@pytest.mark.services
@pytest.mark.django_db
def test_the_board_keeps_the_older_one_until_it_is_decided(
    finished: Finish, person: User, other: User, call: Any, client: Client
) -> None:
    older, newer = str(finished(person, 0.50).pk), str(finished(person, 0.60).pk)
    waits = "gave other figures than an earlier entry of the same method version and settings; an operator decides"
    assert standing_rows(call) == {older: (1, "", 0), newer: (None, waits, 0)}
    again = str(finished(other, 0.50).pk)
    assert standing_rows(call) == {older: (1, "", 1), again: (1, "", 1), newer: (None, waits, 0)}
    assert "reproduced once" in client.get(f"/boards/{BOARD}/").content.decode()
    operate("keep-result", newer, "--reason", "A broken driver.")
    assert standing_rows(call)[newer] == (None, "the older result stands: A broken driver.", 0)
    operate("replace-result", newer, "--reason", "The other way round.")
    replaced = "replaced by a newer result: The other way round."
    assert standing_rows(call) == {newer: (1, "", 0), older: (None, replaced, 1), again: (None, replaced, 1)}
