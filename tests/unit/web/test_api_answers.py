"""What every answer of the API has about it: limits, Allow, tags, and who may read it from another site's page."""

from typing import Any

import pytest
from django.test import Client
from tests.unit.web.conftest import BOARD, api_error

from farfield_web.accounts.models import User
from farfield_web.submissions.models import Submission

pytestmark = [pytest.mark.services, pytest.mark.django_db]
HERE = "https://notebook.example"


@pytest.fixture
def three(settings: Any) -> None:
    """A limit of three calls a minute."""
    settings.THROTTLES = settings.THROTTLES | {"API calls": (3, 60)}


def test_each_answer_says_what_is_left(announced: None, three: None, client: Client) -> None:
    answers = [client.get("/api/v1/methods") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert {answer["RateLimit-Policy"] for answer in answers} == {'"api-calls";q=3;w=60'}
    assert [answer["RateLimit"].partition(";t=")[0] for answer in answers] == [
        f'"api-calls";r={left}' for left in (2, 1, 0, 0)
    ]
    waits = [int(answer["RateLimit"].rpartition("=")[2]) for answer in answers]
    assert waits[:3] == sorted(waits[:3])
    assert waits[3] == int(answers[3]["Retry-After"])


def test_what_is_refused_counts_and_says_so_too(announced: None, three: None, client: Client) -> None:
    wrong = (client.get("/api/v1/methods?x=1"), client.get("/api/v1/quota"), client.put("/api/v1/methods"))
    assert [(a.status_code, "RateLimit" in a) for a in wrong] == [(400, True), (401, True), (405, True)]
    assert client.get("/api/v1/methods").status_code == 429


def test_an_upload_tells_both_of_its_limits(person: User, call: Any) -> None:
    assert call("post", "uploads", {}, person)["RateLimit-Policy"].count(";q=") == 2


def test_without_a_limit_nothing_is_said(announced: None, settings: Any, client: Client) -> None:
    settings.THROTTLES = settings.THROTTLES | {"API calls": (0, 60)}
    assert "RateLimit" not in client.get("/api/v1/methods")


def test_a_wrong_verb_is_told_the_right_ones(announced: None, entered: Submission, client: Client) -> None:
    for path in ("benchmarks", "methods", f"submissions/{entered.pk}", f"leaderboards/{BOARD}", "quota"):
        answer = client.put(f"/api/v1/{path}")
        assert api_error(answer) == (405, "request.method_not_allowed")
        assert "GET" in answer["Allow"]
        assert "PUT" not in answer["Allow"]


def test_what_did_not_change_is_not_sent_again(announced: None, entered: Submission, client: Client) -> None:
    paths = (f"leaderboards/{BOARD}", f"benchmarks/{BOARD}", "benchmarks", "methods", "methods/constant")
    for path in (*paths, "submissions", f"submissions/{entered.pk}", f"runs/{entered.runs.get().pk}"):
        first = client.get(f"/api/v1/{path}")
        again = client.get(f"/api/v1/{path}", headers={"If-None-Match": first["ETag"]})
        assert (first.status_code, again.status_code, again.content) == (200, 304, b""), path
        assert "RateLimit" in again


def test_pages_of_other_sites_may_read_without_credentials(announced: None, client: Client) -> None:
    for path in (f"/api/v1/leaderboards/{BOARD}", f"/boards/{BOARD}/board.csv", "/.well-known/farfield-keys.json"):
        answer = client.get(path, headers={"Origin": HERE})
        assert answer["Access-Control-Allow-Origin"] == "*", path
        assert "Access-Control-Allow-Credentials" not in answer
        assert "ETag" in answer["Access-Control-Expose-Headers"]
    page = client.get(f"/boards/{BOARD}/", headers={"Origin": HERE})
    assert "Access-Control-Allow-Origin" not in page


@pytest.mark.parametrize("wanted", ["authorization", "x-csrftoken", "content-type"])
def test_no_page_of_another_site_may_act_or_send_a_token(client: Client, wanted: str) -> None:
    asks = {"Origin": HERE, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": wanted}
    answer = client.options("/api/v1/submissions", headers=asks)
    assert answer["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert wanted not in answer["Access-Control-Allow-Headers"]


def test_the_schema_has_a_summary_and_errors_of_every_operation(client: Client) -> None:
    schema = client.get("/api/v1/schema?format=json").json()
    assert schema["openapi"].startswith("3.1")
    operations = [each for path in schema["paths"].values() for each in path.values()]
    assert len(operations) > 50
    summaries = [each.get("summary", "") for each in operations]
    assert [text for text in summaries if not 3 < len(text) < 121] == []
    assert all("default" in each["responses"] for each in operations)
