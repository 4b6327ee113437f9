"""What operators do: by page, command and API the same, recorded each time, and for nobody else."""

import uuid
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.core.management import CommandError
from django.db import DatabaseError, transaction
from django.test import Client
from tests.unit.operations.conftest import REASON, only_run, operate
from tests.unit.web.conftest import BOARD, api_error, wanted

from farfield_evaluators.catalog import benchmarks
from farfield_web.accounts.models import User
from farfield_web.accounts.tokens import create_token
from farfield_web.errors import SubmissionError, UserError
from farfield_web.operations import audit
from farfield_web.operations.deeds.perform import DEEDS, perform
from farfield_web.operations.models import AuditLine
from farfield_web.runs import lease, verbs
from farfield_web.runs.models import Run
from farfield_web.runs.status import Status
from farfield_web.runs.submit import submit
from farfield_web.submissions.models import Method, Ruling, Submission
from farfield_web.submissions.quota import quota_of, quotas_of

PASS_PHRASE = "a long pass phrase"  # of the person

pytestmark = [pytest.mark.services, pytest.mark.django_db]


def given(entered: Submission) -> dict[str, dict[str, Any]]:
    """For every deed, values with which it can be done after those before it."""
    entry, person, why = str(entered.pk), "ada", {"reason": REASON}
    return {
        "invalidate": {"submission": entry, **why},
        "restore": {"submission": entry, **why},
        "note": {"submission": entry, **why},
        "priority": {"entry": entry, "priority": "3"},
        "priority-of-person": {"person": person, "priority": 0},
        "cancel": {"entry": str(only_run(entered).pk), **why},
        "again": {"entry": entry, **why},
        "quota": {"person": person, "limit": 2, "benchmark": BOARD, **why},
        "usual-quota": {"person": person, "benchmark": BOARD, **why},
        "ban": {"person": person, **why},
        "unban": {"person": person, **why},
        "dispute-name": {"name": "toy-method", **why},
        "settle-name": {"name": "toy-method", "holder": person, **why},
        "free-name": {"name": "toy-method", **why},
        "drain": {"worker": "worker-1", "now": True, **why},
        "undrain": {"worker": "worker-1"},
        "pause": why,
        "resume": {},
    }


Door = Callable[[str, Mapping[str, Any]], None]


def by_page(operator: User) -> Door:
    client = Client()
    client.force_login(operator)

    def do(name: str, values: Mapping[str, Any]) -> None:
        answer = client.post(f"/operate/do/{name}/", {key: str(value) for key, value in values.items()})
        assert (answer.status_code, answer.headers.get("Location")) == (302, "/operate/"), name

    return do


def by_api(operator: User) -> Door:
    headers = {"Authorization": f"Bearer {create_token(operator, 'test')[1]}"}

    def do(name: str, values: Mapping[str, Any]) -> None:
        path = f"/api/v1/operate/{name}"
        answer = Client().post(path, values, content_type="application/json", headers=headers)
        assert answer.status_code == 200, (name, answer.json())
        assert set(answer.json()) == {"said"}

    return do


def by_command(operator: User) -> Door:
    def do(name: str, values: Mapping[str, Any]) -> None:
        fields = {field.name: field for field in DEEDS[name].fields}
        words: list[str] = []
        for key, value in values.items():
            if fields[key].kind == "flag":
                words.append(f"--{key}")
            elif fields[key].required and key != "reason":
                words.append(str(value))
            else:
                words += [f"--{key}", str(value)]
        assert operate(name, *words)

    return do


@pytest.mark.parametrize("door", [by_page, by_api, by_command])
def test_every_door_does_every_deed_and_records_it(
    door: Callable[[User], Door], entered: Submission, operator: User
) -> None:
    do = door(operator)
    all_values = given(entered)
    assert set(DEEDS) - set(all_values) <= {"keep-result", "replace-result", "freeze", "rescore"}
    for name, values in all_values.items():
        do(name, values)
        line = AuditLine.objects.all()[0]
        assert (line.verb, line.reason) == (name, values.get("reason", ""))
        assert line.actor == ("" if door is by_command else "root")
    assert AuditLine.objects.count() == len(all_values)
    assert [ruling.verb for ruling in Ruling.objects.all()] == ["invalidate", "restore", "note"]


def test_nobody_else_does_anything(entered: Submission, person: User, other: User) -> None:
    all_values = given(entered)
    for who in (None, person, other):
        client, headers = Client(), {}
        if who is not None:
            client.force_login(who)
            headers = {"Authorization": f"Bearer {create_token(who, 'test')[1]}"}
        for name in DEEDS:
            values = all_values.get(name, {"submission": str(entered.pk), "reason": REASON})
            path, api = f"/operate/do/{name}/", f"/api/v1/operate/{name}"
            expected = (302, 302, 401) if who is None else (403, 403, 403)
            pages = (client.get(path), client.post(path, values))
            called = Client().post(api, values, content_type="application/json", headers=headers)
            assert tuple(answer.status_code for answer in (*pages, called)) == expected, name
            if who is not None:
                with pytest.raises(UserError, match="Only the operators"):
                    perform(who, name, values)
    assert not AuditLine.objects.exists()
    assert not Ruling.objects.exists()


@pytest.mark.parametrize("body", ['"-0"', "[]", "7", "null"])
def test_a_body_that_is_no_object_is_refused(operator: User, body: str) -> None:
    headers = {"Authorization": f"Bearer {create_token(operator, 'test')[1]}"}
    answer = Client().post("/api/v1/operate/drain", body, content_type="application/json", headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "request.invalid")


PAGES = ("", "runs/", "data/", "people/", "corrections/", "storage/", "audit/", "admin/", "do/ban/")


def test_pages_are_for_operators(entered: Submission, person: User, operator: User) -> None:
    anonymous, author, staff = Client(), Client(), Client()
    author.force_login(person)
    staff.force_login(operator)
    assert "/operate/" not in author.get("/").content.decode()
    for page in PAGES:
        assert anonymous.get(f"/operate/{page}").status_code == 302, page
        assert author.get(f"/operate/{page}").status_code in (302, 403), page
        answer = staff.get(f"/operate/{page}")
        assert answer.status_code == 200, page
        assert "no-store" in answer.headers["Cache-Control"], page
    for path in ("operate", "operate/audit"):
        headers = [{"Authorization": f"Bearer {create_token(who, 'test')[1]}"} for who in (operator, person)]
        called = [Client().get(f"/api/v1/{path}", headers=each) for each in (*headers, {})]
        assert [answer.status_code for answer in called] == [200, 403, 401], path


def test_what_is_wrong_is_told_at_its_field(entered: Submission, operator: User, call: Any) -> None:
    entry, nobody = str(entered.pk), str(uuid.UUID(int=1))
    for name, values, code, field in (
        ("invalidate", {"submission": entry}, "operate.missing", "reason"),
        ("invalidate", {"submission": nobody, "reason": "x"}, "operate.not_there", "submission"),
        ("invalidate", {"submission": "ada", "reason": "x"}, "operate.not_there", "submission"),
        ("invalidate", {"submission": entry, "reason": "x" * 501}, "operate.too_long", "reason"),
        ("invalidate", {"submission": entry, "reason": "a\nb"}, "operate.not_text", "reason"),
        ("invalidate", {"submission": entry, "reason": "x", "score": 1}, "request.unknown_key", "score"),
        ("restore", {"submission": entry, "reason": "x"}, "ruling.no_change", None),
        ("priority", {"entry": entry, "priority": "9999999999"}, "operate.not_a_number", "priority"),
        ("quota", {"person": "ada", "limit": -1, "reason": "x"}, "operate.not_a_number", "limit"),
        ("quota", {"person": "ada", "limit": 1, "benchmark": "none", "reason": "x"}, "operate.not_there", "benchmark"),
        ("ban", {"person": "root", "reason": "x"}, "operate.no_change", "person"),
        ("drain", {"worker": "w9", "reason": "x"}, "operate.not_there", "worker"),
        ("keep-result", {"submission": entry, "reason": "x"}, "operate.no_change", "submission"),
        ("fly", {}, "operate.unknown_deed", None),
    ):
        error = call("post", f"operate/{name}", values, operator).json()["error"]
        assert (error["code"], error["field"]) == (code, field), name
    assert not AuditLine.objects.exists()


def test_the_log_is_only_ever_added_to_whoever_comes(entered: Submission, operator: User) -> None:
    perform(operator, "invalidate", {"submission": str(entered.pk), "reason": REASON})
    for rows in (AuditLine.objects, Ruling.objects):
        for change in (lambda rows=rows: rows.update(reason="another"), lambda rows=rows: rows.all().delete()):
            with pytest.raises((DatabaseError, TypeError), match="only ever added"), transaction.atomic():
                change()
        with pytest.raises(TypeError):
            rows.get().save()
        with pytest.raises(TypeError):
            rows.get().delete()
    assert [line.what for line in audit.lines("root invalidate trained")] == [f"submission {entered.pk}"]
    assert not audit.lines("nobody did this").exists()


def test_a_deed_that_fails_is_not_recorded(entered: Submission, operator: User, monkeypatch: Any) -> None:
    monkeypatch.setattr(audit, "record", lambda *a, **k: (_ for _ in ()).throw(RuntimeError("no room")))
    with pytest.raises(RuntimeError):
        perform(operator, "invalidate", {"submission": str(entered.pk), "reason": REASON})
    assert not Ruling.objects.exists()


def test_who_is_banned_stays_out_and_is_told_why(entered: Submission, person: User, call: Any, client: Client) -> None:
    client.force_login(person)
    token = create_token(person, "laptop")[1]
    operate("ban", "ada", "--reason", "Many accounts.")
    assert client.get("/account/").status_code == 302
    right = {"username": "ada", "password": PASS_PHRASE}
    page = client.post("/account/sign-in/", right)
    assert "Many accounts." in page.content.decode()
    assert client.get("/account/").status_code == 302
    assert "Many accounts." not in client.post("/account/sign-in/", {**right, "password": "wrong"}).content.decode()
    basic = b64encode(f"ada:{PASS_PHRASE}".encode()).decode()
    refused = client.post("/api/v1/tokens", {"name": "laptop"}, headers={"Authorization": f"Basic {basic}"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "account.banned")
    answer = client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert api_error(answer)[0] in (401, 403)
    assert "Many accounts." in answer.json()["error"]["message"]
    assert call("get", f"submissions/{entered.pk}").status_code == 200
    operate("unban", "ada", "--reason", "One person after all.")
    assert client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_a_pause_stops_what_is_new_and_nothing_else(entered: Submission, person: User, client: Client) -> None:
    operate("pause", "--reason", "New disks until noon.")
    verbs.cancel(entered, person)
    for attempt in (lambda: submit(person, wanted()), lambda: verbs.retry(entered, person)):
        with pytest.raises(SubmissionError) as caught:
            attempt()
        assert caught.value.code == "intake.paused"
        assert "New disks until noon." in caught.value.message
    client.force_login(person)
    for page in ("/submit/", f"/submit/{BOARD}/", f"/submit/{BOARD}/with/constant/"):
        assert "New disks until noon." in client.get(page).content.decode(), page
    operate("resume")
    assert submit(person, wanted()).pk
    assert "New disks" not in client.get("/submit/").content.decode()


def test_a_quota_of_ones_own(person: User, other: User, announced: None) -> None:
    operate("quota", "ada", 1, "--reason", "A course.")
    operate("quota", "ada", 2, "--benchmark", BOARD, "--reason", "A course.")
    assert [quota_of(who, BOARD).limit for who in (person, other)] == [2, 50]
    assert quota_of(person, "domainbed/pacs").limit == 1
    operate("usual-quota", "ada", "--benchmark", BOARD, "--reason", "It is over.")
    assert quota_of(person, BOARD).limit == 1


def test_quotas_of_all_benchmarks_are_asked_for_at_once(
    person: User, other: User, announced: None, django_assert_num_queries: Any
) -> None:
    operate("quota", "ada", 7, "--reason", "A course.")
    operate("quota", "ada", 5, "--benchmark", BOARD, "--reason", "A course.")
    submit(person, wanted())
    submit(other, wanted())
    names = [benchmark.name for benchmark in benchmarks()]
    with django_assert_num_queries(2):
        every = quotas_of(person, names)
    told = {quota.benchmark: (quota.limit, quota.used) for quota in every}
    assert list(told) == names
    assert told == dict.fromkeys(names, (7, 0)) | {BOARD: (5, 1)}


def test_a_drained_worker_gets_nothing_and_is_told_why(
    entered: Submission, person: User, as_worker: Any, wakes: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    run = lease.claim("worker-1", "cpu")
    assert run is not None
    submit(person, wanted())
    operate("drain", "worker-1", "--reason", "A new disk \N{EM DASH} soon")
    answer = as_worker("claim", {"worker": "worker-1", "resource": "cpu"})
    assert (answer.status_code, answer.headers["Farfield-Drained"]) == (204, "A new disk %E2%80%94 soon")
    assert "worker-1: draining" in operate("show", "workers")
    assert lease.claim("worker-2", "cpu") is not None
    run.refresh_from_db()
    assert run.state is Status.PREPARING, "without --now it finishes what it has"
    with django_capture_on_commit_callbacks(execute=True):
        operate("undrain", "worker-1")
    assert wakes == ["cpu"]


def test_a_worker_drained_at_once_costs_its_runs_nothing(entered: Submission) -> None:
    held = lease.claim("worker-1", "cpu")
    assert held is not None
    assert "Given to others: 1." in operate("drain", "worker-1", "--now", "--reason", "The power goes.")
    run = only_run(entered)
    assert (run.state, run.losses, run.queued_at) == (Status.QUEUED, 0, held.queued_at)
    assert "drained" in run.events.last().message
    taken = lease.claim("worker-2", "cpu")
    assert taken is not None
    assert taken.pk == run.pk


def test_an_operator_cancels_and_runs_again_what_is_anybodys(entered: Submission, person: User) -> None:
    assert "1 run was cancelled" in operate("cancel", entered.pk, "--reason", "It hangs.")
    entered.refresh_from_db()
    assert (only_run(entered).state, entered.quota_at) == (Status.CANCELLED, None)
    assert "It hangs." in only_run(entered).events.last().message
    assert "queued again" in operate("again", only_run(entered).pk, "--reason", "Mended.")
    assert (only_run(entered).state, only_run(entered).attempt) == (Status.QUEUED, 2)
    with pytest.raises(CommandError, match="nothing of it has ended"):
        operate("again", entered.pk, "--reason", "Mended.")


def test_what_has_succeeded_is_entered_anew(finished: Callable[..., Submission], person: User) -> None:
    earlier = finished(person)
    used = quota_of(person, BOARD).used
    said = operate("again", earlier.pk, "--reason", "A new driver.")
    again = Submission.objects.exclude(pk=earlier.pk).get()
    assert str(again.pk) in said
    assert (again.owner, again.identity, again.config) == (person, earlier.identity, earlier.config)
    assert (Run.objects.get(submission=again).state, quota_of(person, BOARD).used) == (Status.QUEUED, used)
    assert Method.objects.get().submissions.count() == 2
