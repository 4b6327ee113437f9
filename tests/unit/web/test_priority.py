"""Who comes first: what the operator says, then fairness; and how much one person may have under way."""

import uuid
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from tests.unit.web.conftest import make_run, wanted

from farfield_web.accounts.models import User
from farfield_web.runs import lease
from farfield_web.runs.models import Run
from farfield_web.runs.queue import queue
from farfield_web.runs.status import Status
from farfield_web.runs.submit import submit
from farfield_web.submissions.models import Submission

pytestmark = [pytest.mark.services, pytest.mark.django_db]


def titles() -> list[str]:
    found = []
    while run := lease.claim("w", "cpu"):
        found.append(run.submission.title)
    return found


def command(*arguments: str) -> str:
    out = StringIO()
    call_command("priority", *arguments, stdout=out)
    return out.getvalue()


def test_priority_goes_before_fairness(announced: None, person: User, other: User) -> None:
    for title in ("a1", "a2", "a3"):
        submit(person, wanted(title=title))
    submit(other, wanted(title="b1"))
    urgent = Submission.objects.get(title="a3")
    assert "1 open run of" in command(str(urgent.pk), "5").replace("runs", "run")
    command("grace", "-1")
    foretold = [Run.objects.get(pk=key).submission.title for key in queue("cpu")]
    assert foretold == ["a3", "a1", "a2", "b1"]
    assert titles() == foretold


def test_turns_are_kept_across_priorities(announced: None, person: User, other: User) -> None:
    for title in ("a1", "a2"):
        submit(person, wanted(title=title))
    submit(other, wanted(title="b1"))
    command(str(Submission.objects.get(title="a1").pk), "1")
    foretold = [Run.objects.get(pk=key).submission.title for key in queue("cpu")]
    assert foretold == titles() == ["a1", "b1", "a2"]


def test_only_open_runs_are_changed(entered: Submission) -> None:
    make_run(entered, 1, Status.SUCCEEDED)
    assert "1 open run" in command("ada", "7")
    assert [run.priority for run in entered.runs.all()] == [7, 0]


@pytest.mark.parametrize("arguments", [("nobody", "1"), (str(uuid.UUID(int=1)), "1"), ("ada", "9999999999")])
def test_what_cannot_be_done_is_told(person: User, arguments: tuple[str, str]) -> None:
    with pytest.raises(CommandError) as caught:
        command(*arguments)
    assert str(caught.value).endswith(".")


def test_the_priority_stays_through_a_lost_attempt(run: Run) -> None:
    command("ada", "3")
    from farfield_web.runs.outcomes import lose_attempt

    taken = lease.claim("w", "cpu")
    assert taken is not None
    lose_attempt(taken, "platform.lost_worker", "lost")
    assert Run.objects.get().priority == 3


def test_one_person_has_only_so_many_under_way(announced: None, person: User, other: User, settings: Any) -> None:
    settings.MAX_RUNNING_RUNS = 2
    for title in ("a1", "a2", "a3"):
        submit(person, wanted(title=title))
    submit(other, wanted(title="b1"))
    assert titles() == ["a1", "b1", "a2"]
    Run.objects.filter(submission__title="a1").update(status=Status.SUCCEEDED)
    assert titles() == ["a3"]


def test_nought_is_no_limit(announced: None, person: User, settings: Any) -> None:
    settings.MAX_RUNNING_RUNS = 0
    for title in ("a1", "a2"):
        submit(person, wanted(title=title))
    assert titles() == ["a1", "a2"]
