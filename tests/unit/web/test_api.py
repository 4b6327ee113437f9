"""The public API."""

import base64
import uuid
from typing import Any

import pytest
import yaml
from django.test import Client
from tests.unit.web.conftest import BOARD, api_error, report_of

from farfield_web.accounts.models import ApiToken, User
from farfield_web.runs import lease
from farfield_web.runs.models import Run
from farfield_web.runs.tasks import store_report
from farfield_web.submissions.models import Submission

pytestmark = [pytest.mark.services, pytest.mark.django_db]
PASS = "a long pass phrase"
BODY = {"benchmark": BOARD, "method": "constant", "track": "open"}


def basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def test_from_sign_up_to_the_board(announced: None, call: Any, client: Client) -> None:
    made = call("post", "accounts", {"username": "demo", "password": PASS})
    assert (made.status_code, made.json()["username"]) == (201, "demo")
    token = call("post", "tokens", {"name": "demo"}, Authorization=basic("demo", PASS))
    assert token.status_code == 201
    bearer = f"Bearer {token.json()['token']}"
    submitted = call("post", "submissions", {**BODY, "config": {"bias": 0.2}}, Authorization=bearer)
    assert submitted.status_code == 201
    run = lease.claim("w", "cpu")
    assert run is not None
    store_report(report_of(run))
    found = call("get", f"submissions/{submitted.json()['id']}").json()
    assert (found["status"], found["owner"], found["config"]) == ("succeeded", "demo", {"bias": 0.2})
    assert found["runs"][0]["scores"][0]["value"] == 0.5
    row = call("get", f"leaderboards/{BOARD}").json()["rows"][0]
    assert (row["rank"], row["owner"], row["method"], row["submission"]) == (1, "demo", "constant", found["id"])
    assert row["figures"][0] == {"value": 0.5, "stderr": 0.01, "std": None, "ci95": None, "trials": 1}


def test_reading_needs_no_account(run: Run, call: Any) -> None:
    for path in (
        "benchmarks",
        f"benchmarks/{BOARD}",
        f"leaderboards/{BOARD}?track=open&ranked_by=accuracy:id",
        "methods",
        "methods?family=classification",
        "methods/constant",
        "submissions?owner=ada&benchmark=imagenet-ood/mini&method=constant&track=open",
        f"submissions/{run.submission_id}",
        f"runs/{run.pk}",
        f"runs/{run.pk}/events",
        f"runs/{run.pk}/log?offset=0",
        "schema",
    ):
        assert call("get", path).status_code == 200, path


def test_a_queued_run_shows_its_outlook(run: Run, call: Any) -> None:
    found = call("get", f"runs/{run.pk}").json()
    assert found["outlook"] == {"place": 1, "of": 1, "run_seconds": None, "wait_seconds": 0.0}
    assert (found["failure"], found["progress"]) == (None, None)


def test_a_failed_run_has_code_sentence_and_message(run: Run, call: Any) -> None:
    taken = lease.claim("w", "cpu")
    assert taken is not None
    failure = {"code": "plugin.protocol", "message": "predict: wrong shape"}
    store_report(report_of(taken, outcome="failed", failure=failure))
    found = call("get", f"runs/{run.pk}").json()["failure"]
    assert (found["code"], found["message"]) == ("plugin.protocol", "predict: wrong shape")
    assert "farfield check" in found["sentence"]


def test_the_log_can_be_followed(run: Run, call: Any) -> None:
    taken = lease.claim("w", "cpu")
    assert taken is not None
    lease.heartbeat(taken.pk, taken.token, taken.state, None, "one\n", 0)
    first = call("get", f"runs/{run.pk}/log").json()
    assert first == {"attempt": 1, "offset": 0, "text": "one\n", "length": 4, "left_out": 0, "open": True}
    assert call("get", f"runs/{run.pk}/log?offset=4").json()["text"] == ""


def test_benchmark_detail_has_protocol_and_data(announced: None, call: Any) -> None:
    found = call("get", f"benchmarks/{BOARD}").json()
    assert found["columns"][0] == {
        "name": "accuracy:shifts",
        "metric": "accuracy",
        "domain": "shifts",
        "title": "Mean of shifts",
    }
    assert found["data"]["classes"] == ["dog", "cat"]
    assert call("get", "benchmarks/ood-detection/mini").json()["data"] is None


@pytest.mark.parametrize(
    ("verb", "path", "body", "status", "code"),
    [
        ("get", "nothing/here", None, 404, "request.not_found"),
        ("get", "benchmarks/none/such", None, 404, "request.not_found"),
        ("get", "leaderboards/none/such", None, 404, "request.not_found"),
        ("get", f"leaderboards/{BOARD}?track=none", None, 400, "request.invalid"),
        ("get", f"leaderboards/{BOARD}?ranked_by=99", None, 400, "request.invalid"),
        ("get", f"leaderboards/{BOARD}?ranked_by=1", None, 400, "request.invalid"),
        ("get", "methods/none", None, 404, "request.not_found"),
        ("get", f"submissions/{uuid.UUID(int=1)}", None, 404, "request.not_found"),
        ("get", f"runs/{uuid.UUID(int=1)}", None, 404, "request.not_found"),
        ("get", f"runs/{uuid.UUID(int=1)}/log?offset=-1", None, 400, "request.invalid"),
        ("get", "me", None, 401, "auth.required"),
        ("get", "quota", None, 401, "auth.required"),
        ("get", "tokens", None, 401, "auth.required"),
        ("post", "submissions", BODY, 401, "auth.required"),
        ("post", f"submissions/{uuid.UUID(int=1)}/cancel", None, 401, "auth.required"),
        ("put", "methods", {}, 405, "request.method_not_allowed"),
        ("post", "accounts", {"username": "ada"}, 400, "request.invalid"),
        ("post", "accounts", {"username": "grace", "password": "123"}, 400, "account.bad_password"),
        ("post", "accounts", "{broken", 400, "request.parse_error"),
        ("post", "accounts", "[1]", 400, "request.invalid"),
        ("get", "submissions?owner=%00", None, 400, "request.invalid"),
        ("get", "submissions?cursor=cD14", None, 400, "request.invalid"),
    ],
)
def test_error_shapes(announced: None, call: Any, verb: str, path: str, body: Any, status: int, code: str) -> None:
    assert api_error(call(verb, path, body)) == (status, code)


def test_more_error_shapes(run: Run, call: Any, client: Client, person: User, other: User) -> None:
    def code(verb: str, path: str, body: Any = None, **options: Any) -> tuple[int, str]:
        return api_error(call(verb, path, body, **options))

    assert code("delete", "methods", person=person) == (405, "request.method_not_allowed")
    assert code("get", "me", Authorization="Bearer nonsense") == (401, "token.invalid")
    assert code("post", "tokens", {"name": "x"}, Authorization=basic("ada", "wrong"))[0] == 401
    assert code("post", "submissions", {}, person=person) == (400, "request.invalid")
    assert code("post", "submissions", {**BODY, "track": "none"}, person=person) == (400, "track.unknown")
    assert code("post", f"submissions/{run.submission_id}/cancel", person=other) == (403, "submission.not_yours")
    assert code("post", f"submissions/{run.submission_id}/retry", person=other) == (403, "submission.not_yours")
    assert code("post", f"submissions/{run.submission_id}/retry", person=person) == (409, "submission.nothing_to_retry")
    assert code("post", f"submissions/{uuid.UUID(int=1)}/cancel", person=person) == (404, "request.not_found")
    text = client.post("/api/v1/accounts", "x=1", content_type="text/plain")
    assert api_error(text) == (415, "request.unsupported_media_type")


def test_a_missing_field_is_named(call: Any, person: User) -> None:
    error = call("post", "submissions", {"benchmark": BOARD, "method": "m"}, person=person).json()["error"]
    assert error["field"] == "track"


def test_cancel_and_retry(run: Run, call: Any, person: User) -> None:
    path = f"submissions/{run.submission_id}"
    cancelled = call("post", f"{path}/cancel", person=person).json()
    assert (cancelled["status"], cancelled["quota_given_back"]) == ("cancelled", True)
    again = call("post", f"{path}/retry", person=person).json()
    assert (again["status"], again["quota_given_back"], again["runs"][0]["attempt"]) == ("queued", False, 2)


def test_idempotency(announced: None, call: Any, person: User) -> None:
    first, second = (call("post", "submissions", BODY, person=person, Idempotency_Key="k") for _ in range(2))
    assert first.json()["id"] == second.json()["id"]
    changed = call("post", "submissions", {**BODY, "title": "x"}, person=person, Idempotency_Key="k")
    assert api_error(changed) == (409, "idempotency.reused")
    assert Submission.objects.count() == 1


def test_quota_used_up_is_429(announced: None, call: Any, person: User, settings: Any) -> None:
    settings.QUOTA_SUBMISSIONS = 0
    assert api_error(call("post", "submissions", BODY, person=person)) == (429, "quota.used_up")
    quota = call("get", "quota", person=person).json()[0]
    assert (quota["benchmark"], quota["limit"], quota["remaining"]) == (BOARD, 0, 0)


def test_tokens_are_listed_without_text_and_revoked_only_by_their_owner(call: Any, person: User, other: User) -> None:
    assert call("get", "me", person=person).json()["username"] == "ada"
    listed = call("get", "tokens", person=person).json()
    assert "token" not in listed[0]
    number = ApiToken.objects.filter(owner=person).first().pk  # type: ignore[union-attr]
    assert api_error(call("delete", f"tokens/{number}", person=other)) == (404, "request.not_found")
    assert call("delete", f"tokens/{number}", person=person).status_code == 204
    assert ApiToken.objects.get(pk=number).revoked_at is not None


def test_wrong_passwords_are_throttled(call: Any, person: User) -> None:
    answers = [call("post", "tokens", {"name": "x"}, Authorization=basic("ada", str(n))) for n in range(61)]
    assert answers[0].status_code == 401
    assert api_error(answers[-1]) == (429, "request.throttled")
    assert "Retry-After" in answers[-1]


def test_a_browser_session_works_and_needs_its_csrf_token(announced: None, person: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    assert client.get("/api/v1/me").json()["username"] == "ada"
    assert api_error(client.post("/api/v1/submissions", BODY, content_type="application/json"))[0] == 403


def test_pages_by_cursor(entered: Submission, call: Any, person: User) -> None:
    call("post", "submissions", {**BODY, "again": True}, person=person)
    first = call("get", "submissions?page_size=1").json()
    assert (len(first["results"]), first["previous"]) == (1, None)
    rest = call("get", first["next"].split("/api/v1/")[1]).json()
    assert rest["results"][0]["id"] == str(entered.pk)
    assert rest["next"] is None
    assert api_error(call("get", "submissions?cursor=nonsense")) == (404, "request.not_found")


def test_an_unchanged_answer_is_not_sent_again(entered: Submission, call: Any) -> None:
    tag = call("get", "submissions").headers["ETag"]
    assert call("get", "submissions", If_None_Match=tag).status_code == 304


def test_the_schema_is_openapi_and_leaves_workers_out(client: Client) -> None:
    schema = yaml.safe_load(client.get("/api/v1/schema").content)
    assert schema["openapi"].startswith("3.")
    assert all(path.startswith("/api/v1/") for path in schema["paths"])
    assert "/api/v1/submissions/{number}/cancel" in schema["paths"]
