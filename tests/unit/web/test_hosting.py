"""The rules of a benchmark's intake: who changes them, and that every door holds to them."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from tests.unit.web.conftest import BOARD, api_error, report_of, wanted

from farfield_evaluators.catalog import find
from farfield_web.accounts.models import User
from farfield_web.errors import HostingError, SubmissionError
from farfield_web.hosting.change import add_phase, change, close_phase
from farfield_web.hosting.hidden import may_host
from farfield_web.hosting.models import Hosting, Phase
from farfield_web.hosting.questions import check_answers, read_questions
from farfield_web.hosting.rules import rules_of
from farfield_web.operations.audit import lines
from farfield_web.runs import lease
from farfield_web.runs.models import Run, RunEvent, RunLog
from farfield_web.runs.retention import KIND, remove_old
from farfield_web.runs.status import Status, move
from farfield_web.runs.submit import submit
from farfield_web.runs.tasks import store_report
from farfield_web.submissions.models import Submission

pytestmark = [pytest.mark.django_db, pytest.mark.services]
DAY = timedelta(days=1)
CODE = {"key": "code", "title": "Where is the code?", "required": True, "on_board": True}
SIZE = {"key": "size", "title": "How large?", "kind": "choice", "choices": ["small", "large"]}
OWN = {"key": "own", "title": "Your own data?", "kind": "yes-no"}


def done(entered: Submission) -> Submission:
    """The entry, after its run has succeeded."""
    taken = lease.claim("w", "cpu")
    assert taken is not None
    store_report(report_of(taken))
    return entered


def refused(person: User, **changes: Any) -> tuple[str, str]:
    with pytest.raises(SubmissionError) as caught:
        submit(person, wanted(**changes))
    return caught.value.code, str(caught.value)


def test_a_benchmark_without_rules_takes_entries(announced: None, person: User) -> None:
    made = submit(person, wanted())
    assert (made.phase, made.answers) == (None, {})
    assert not Hosting.objects.exists()


@pytest.mark.parametrize("intake", ["paused", "closed"])
def test_new_entries_are_refused_and_those_that_wait_go_on(entered: Submission, person: User, intake: str) -> None:
    change(BOARD, {"intake": intake, "sentence": "We look at the last round."}, by=None)
    code, text = refused(person)
    assert code == f"benchmark.{intake}"
    assert text.startswith("We look at the last round. The intake of")
    assert entered.runs.get().state is Status.QUEUED
    change(BOARD, {"intake": "open"}, by=None)
    assert submit(person, wanted()).pk != entered.pk


def test_a_phase_bounds_time_and_the_entries_of_a_person(announced: None, person: User, other: User) -> None:
    now = timezone.now()
    first = add_phase(BOARD, "Round 1", now - DAY, now + DAY, most=1, by=None)
    add_phase(BOARD, "Round 2", now + 2 * DAY, by=None)
    assert submit(person, wanted()).phase == first
    assert refused(person)[0] == "quota.phase_used_up"
    assert submit(other, wanted()).phase == first
    close_phase(first, by=None)
    code, text = refused(other)
    assert code == "benchmark.no_phase"
    assert "Round 2 opens at" in text
    close_phase(Phase.objects.get(name="round-2"), by=None)
    assert [phase.name for phase in rules_of(BOARD).phases] == ["round-1"]
    assert "last phase" in refused(other)[1]


@pytest.mark.parametrize(
    ("title", "opens", "closes", "names"),
    [
        ("Round 1", 5, 6, "There is a phase round-1 already"),
        ("Round 3", 0, 5, "overlap with Round 1"),
        ("Round 3", -9, None, "overlap with Round 1"),
        ("Round 3", 9, 8, "closes after it opens"),
        ("!?", 5, 6, "letters or digits"),
        ("a\u202eb", 5, 6, "cannot be seen"),
    ],
)
def test_a_phase_that_cannot_be_is_refused(db: None, title: str, opens: int, closes: int | None, names: str) -> None:
    now = timezone.now()
    add_phase(BOARD, "Round 1", now - DAY, now + DAY, by=None)
    with pytest.raises(HostingError, match=names):
        add_phase(BOARD, title, now + opens * DAY, None if closes is None else now + closes * DAY, by=None)
    assert Phase.objects.count() == 1


def test_what_is_asked_is_answered_or_refused(announced: None, person: User) -> None:
    change(BOARD, {"questions": [CODE, SIZE, OWN]}, by=None)
    given = {"code": " example.org/x ", "size": "large", "own": False}
    made = submit(person, wanted(answers=given))
    assert made.answers == {"code": "example.org/x", "size": "large", "own": False}
    assert refused(person)[0] == "answers.invalid"
    assert "Where is the code? (code): it needs an answer" in refused(person)[1]
    assert "one of: small, large" in refused(person, answers={**given, "size": "tiny"})[1]
    assert "true or false" in refused(person, answers={**given, "own": "no"})[1]
    assert refused(person, answers={**given, "colour": "red"})[0] == "answers.unknown"


@pytest.mark.parametrize(
    ("questions", "names"),
    [
        ("none", "a list of at most"),
        ([{"key": "a"}], "Question 1 has a key and a title"),
        ([{**CODE, "colour": 1}], "Question 1 has a key and a title"),
        ([CODE, CODE], "Two questions have the key 'code'"),
        ([{**CODE, "key": "No"}], "lower-case"),
        ([{**CODE, "title": " "}], "no title"),
        ([{**CODE, "kind": "poem"}], "no kind 'poem'"),
        ([{**CODE, "choices": ["a"]}], "kind choice"),
        ([{**SIZE, "choices": ["a", "a"]}], "different choices"),
        ([{**CODE, "required": "yes"}], "true or false"),
        ([{**SIZE, "choices": [[1]]}], "list of texts"),
        ([{**SIZE, "kind": []}], "no kind"),
        ([{**SIZE, "choices": 5}], "choices"),
    ],
)
def test_questions_that_cannot_be_asked_are_named(questions: Any, names: str) -> None:
    with pytest.raises(HostingError, match=names):
        read_questions(questions)


def test_answers_keep_the_order_of_the_questions() -> None:
    asked = read_questions([CODE, SIZE, OWN])
    assert list(check_answers(asked, {"own": True, "code": "x"})) == ["code", "own"]


def test_who_may_change_them(person: User) -> None:
    benchmark = find(BOARD)
    assert not may_host(person, benchmark.name)
    person.is_staff = True
    assert may_host(person, benchmark.name)
    person.is_active = False
    assert not may_host(person, benchmark.name)


def test_the_api_shows_and_changes_them(call: Callable[..., Any], announced: None, person: User, other: User) -> None:
    other.is_staff = True
    other.save()
    path = f"benchmarks/{BOARD}/rules"
    assert call("get", path).json()["takes_entries"] is True
    assert api_error(call("patch", path, {"intake": "paused"}, person))[0] == 403
    assert call("patch", path, {"intake": "paused", "questions": [CODE]}, other).json()["why_not"]
    assert api_error(call("patch", path, {"intake": "ajar"}, other))[0] == 400
    assert api_error(call("patch", path, {"color": 1}, other)) == (400, "request.unknown_key")
    body = {"benchmark": BOARD, "method": "constant", "track": "open", "answers": {"code": "x"}}
    assert api_error(call("post", "submissions", body, person)) == (400, "benchmark.paused")
    call("patch", path, {"intake": "open"}, other)
    made = call("post", "submissions", body, person)
    assert made.json()["answers"] == {"code": "x"}
    now = timezone.now()
    phase = {"title": "Finals", "opens_at": (now - DAY).isoformat(), "closes_at": (now + DAY).isoformat(), "most": 3}
    assert api_error(call("post", f"benchmarks/{BOARD}/phases", phase, person))[0] == 403
    assert call("post", f"benchmarks/{BOARD}/phases", phase, other).json()["open"] is True
    assert call("get", path).json()["phases"][0]["name"] == "finals"
    made = call("post", "submissions", {**body, "again": True}, person)
    assert made.json()["phase"] == "finals"
    gone = call("delete", f"benchmarks/{BOARD}/phases/finals", {}, other)
    assert gone.status_code == 204, gone.content
    assert call("get", path).json()["takes_entries"] is False


def test_the_command_does_the_same(db: None) -> None:
    def told(*words: str) -> str:
        out = StringIO()
        call_command("hosting", *words, "--benchmark", BOARD, stdout=out)
        return out.getvalue()

    assert "open, entries are taken" in told("show")
    assert "says: Soon." in told("set", "--intake", "paused", "--sentence", "Soon.", "--keep-days", "30")
    assert "30 days" in told("show")
    assert "days" not in told("set", "--keep-days", "ever")
    assert "phase round-1: from 2030-01-01 00:00 on UTC" in told("phase", "Round 1", "--opens", "2030-01-01")
    with pytest.raises(CommandError, match="it has: round-1"):
        told("close", "round-9")
    assert "phase" not in told("close", "round-1")
    with pytest.raises(CommandError, match="hosting.bad_days"):
        told("set", "--keep-days", "0")


def test_files_of_ended_entries_go_and_scores_stay(run: Run) -> None:
    change(BOARD, {"keep_days": 7}, by=None)
    now = timezone.now()
    RunLog.objects.create(run=run, attempt=1, head="hello", length=5)
    assert remove_old(now + 30 * DAY) == 0  # it is under way
    move(run, Status.CANCELLED, "", finished_at=now)
    assert remove_old(now + 6 * DAY) == 0
    assert remove_old(now + 8 * DAY) == 1
    assert not run.logs.exists()
    assert "1 logs" in RunEvent.objects.get(run=run, kind=KIND).message
    assert remove_old(now + 9 * DAY) == 0


def test_each_deed_of_a_host_is_in_the_audit_log(announced: None, person: User) -> None:
    now = timezone.now()
    change(BOARD, {"intake": "paused", "sentence": "A moment."}, by=person)
    phase = add_phase(BOARD, "Round 1", now - DAY, now + DAY, by=person)
    close_phase(phase, by=person)
    close_phase(phase, by=person)  # it is closed: nothing is done, and nothing is said
    close_phase(add_phase(BOARD, "Round 2", now + 2 * DAY, by=None), by=None)
    told = [(line.actor, line.role, line.verb) for line in lines()][::-1]
    own = [(person.username, "host", verb) for verb in ("change hosting", "add phase", "close phase")]
    assert told == [*own, ("", "operator", "add phase"), ("", "operator", "remove phase")]
    changed = lines("hosting").get()
    assert (changed.what, changed.facts["was"]["intake"], changed.facts["now"]["intake"]) == (
        f"benchmark {BOARD}",
        "open",
        "paused",
    )
    with pytest.raises(HostingError):
        change(BOARD, {"intake": "ajar"}, by=person)
    assert lines().count() == 5


def test_phase_and_answers_stand_on_the_entrys_page_and_on_the_board(
    announced: None, person: User, client: Any
) -> None:
    now = timezone.now()
    change(BOARD, {"questions": [CODE, OWN]}, by=None)
    first = add_phase(BOARD, "Round 1", now - DAY, now + DAY, by=None)
    told = done(submit(person, wanted(answers={"code": "https://example.org/<b>", "own": True})))
    close_phase(first, by=None)
    add_phase(BOARD, "Round 2", timezone.now(), by=None)
    later = done(submit(person, wanted(config={"bias": 0.9}, answers={"code": "nowhere"})))
    page = client.get(f"/submissions/{told.pk}/").content.decode()
    assert "<dt>Phase</dt><dd>Round 1</dd>" in page
    assert "<dt>Where is the code?</dt><dd>https://example.org/&lt;b&gt;</dd>" in page
    assert "<dt>Your own data?</dt><dd>yes</dd>" in page
    board = client.get(f"/boards/{BOARD}/").content.decode()
    assert "Where is the code?: </span>https://example.org/&lt;b&gt;" in board
    assert "Your own data?" not in board
    for query, title, found in (("phase=round-1", "Round 1", told), ("phase=round-2", "Round 2", later)):
        chosen = client.get(f"/boards/{BOARD}/?{query}").content.decode()
        assert [str(one.pk) in chosen for one in (told, later)] == [one == found for one in (told, later)]
        assert f">{title} " in chosen, "what is chosen is called by its title"
        (row,) = client.get(f"/api/v1/leaderboards/{BOARD}?{query}").json()["rows"]
        assert (row["submission"], row["phase"]) == (str(found.pk), query.partition("=")[2])
        assert client.get(f"/api/v1/submissions/{found.pk}").json()["phase"] == row["phase"]
    assert client.get(f"/api/v1/leaderboards/{BOARD}?phase=round-3").json()["rows"] == []
