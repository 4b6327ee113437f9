"""What the public API may be asked: everything else is refused by its name, on every address."""

import json
import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml
from django.test import Client
from django.urls import URLPattern
from tests.unit.web.conftest import BOARD, api_error

from farfield_web.accounts.models import User
from farfield_web.api.strict import PublicView
from farfield_web.api.urls import urlpatterns
from farfield_web.runs.models import Run

pytestmark = [pytest.mark.services, pytest.mark.django_db]
Call = Callable[..., Any]
NAMES = {"benchmark": BOARD, "leaderboard": BOARD, "method": "constant"}


def views() -> Iterator[tuple[str, type[PublicView]]]:
    for pattern in urlpatterns:
        view = getattr(pattern.callback, "view_class", getattr(pattern.callback, "cls", None))
        if isinstance(pattern, URLPattern) and view is not None:
            yield str(pattern.name), view


def schema() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(Client().get("/api/v1/schema").content)
    return found


def test_every_view_refuses_what_it_does_not_know() -> None:
    found = dict(views())
    assert len(found) >= 19
    assert [name for name, view in found.items() if not issubclass(view, PublicView)] == []


def test_the_schema_names_the_parameters_that_are_taken(run: Run) -> None:
    """Two ways to say the same would drift apart."""
    by_view = {name: view.known_parameters() for name, view in views()}
    for path, verbs in schema()["paths"].items():
        name = next(p.name for p in urlpatterns if p.pattern.regex.match(address(path, run)))
        queries = {p["name"] for verb in verbs.values() for p in verb.get("parameters", ()) if p["in"] == "query"}
        # drf-spectacular names two of its own for the schema: they are for who looks at it in another language.
        assert queries - {"lang"} == by_view[str(name)], path


def address(path: str, run: Run) -> str:
    """A path of the schema with something that exists in its braces."""
    part = path.removeprefix("/api/v1/")
    for word, value in (
        ("benchmarks", BOARD),
        ("leaderboards", BOARD),
        ("methods", "constant"),
        ("tokens", "1"),
        ("webhooks", "1"),
        ("operate", "pause"),
    ):
        part = re.sub(rf"^{word}/\{{\w+\}}", f"{word}/{value}", part)
    kind = run.pk if part.startswith("runs") else run.submission_id
    return re.sub(r"\{\w+\}", str(kind), part)


def test_unknown_query_parameters_are_refused_by_name(run: Run, call: Call, person: User) -> None:
    paths = [address(path, run) for path, verbs in schema()["paths"].items() if "get" in verbs]
    assert len(paths) >= 13
    for path in paths:
        answer = call("get", f"{path}?surprise=1", person=person)
        assert api_error(answer) == (400, "request.unknown_parameter"), path
        assert answer.json()["error"]["field"] == "surprise"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("submissions?status=failed", "benchmark, cursor, method, owner, page_size, team, tier, track"),
        (f"leaderboards/{BOARD}?rule=oracle", "ranked_by, tier, track"),
        ("methods?search=x", "cursor, family, page_size"),
        ("me?verbose=1", "It takes no query parameter."),
    ],
)
def test_a_refusal_says_what_can_be_asked(announced: None, person: User, call: Call, query: str, names: str) -> None:
    error = call("get", query, person=person).json()["error"]
    assert names in error["hint"]


def test_unknown_keys_of_every_body_are_refused_by_name(run: Run, call: Call, person: User, client: Client) -> None:
    person.is_staff = True  # who may do it at all is asked first
    person.save()
    bodies = [(address(p, run), v["post"]) for p, v in schema()["paths"].items() if "post" in v]
    assert len(bodies) >= 7
    for path, described in bodies:
        if "multipart/form-data" in described.get("requestBody", {}).get("content", {}):
            client.force_login(person)
            answer = client.post(f"/api/v1/{path}", {"surprise": "1"})
        else:
            answer = call("post", path, {"surprise": 1}, person=person)
        assert api_error(answer) == (400, "request.unknown_key"), path
        assert answer.json()["error"]["field"] == "surprise"


@pytest.mark.parametrize("body", [7, [1], "text", True])
def test_what_takes_no_body_says_so_of_any(run: Run, call: Call, person: User, body: Any, client: Client) -> None:
    client.force_login(person)
    path = f"/api/v1/submissions/{run.submission_id}/cancel"
    answer = client.post(path, json.dumps(body), content_type="application/json")
    assert api_error(answer) == (400, "request.invalid")


def test_unknown_keys_inside_a_body_are_refused(announced: None, call: Call, person: User) -> None:
    claims = {"backbone": "none", "pretrained_on": []}
    body = {"benchmark": BOARD, "kind": "predictions", "track": "open", "claims": claims}
    answer = call("post", "submissions", body, person=person)
    assert api_error(answer) == (400, "request.unknown_key")
    assert "backbone, departs, extra_data, pretraining" in answer.json()["error"]["hint"]
    typo = call(
        "post", "submissions", {"benchmark": BOARD, "method": "constant", "track": "open", "privat": True}, person
    )
    assert (typo.status_code, typo.json()["error"]["field"]) == (400, "privat")


@pytest.mark.parametrize("size", ["abc", "0", "-1", "201", "1e2", "9" * 5000, "\u0661"])
@pytest.mark.parametrize("path", ["submissions", "methods"])
def test_a_page_size_is_a_number_in_its_range(db: None, call: Call, path: str, size: str) -> None:
    answer = call("get", f"{path}?page_size={size}")
    assert api_error(answer) == (400, "request.invalid")
    assert answer.json()["error"]["field"] == "page_size"


def test_a_column_is_asked_for_by_its_name(announced: None, call: Call) -> None:
    found = call("get", f"leaderboards/{BOARD}?ranked_by=accuracy:id").json()
    assert found["ranked_by"] == "accuracy:id"
    assert found["ranked_by"] in [column["name"] for column in found["columns"]]
    error = call("get", f"leaderboards/{BOARD}?ranked_by=1").json()["error"]
    assert error["field"] == "ranked_by"
    assert "accuracy:shifts, accuracy:id" in error["message"]


def test_methods_come_in_pages_without_their_specification(announced: None, call: Call) -> None:
    found = call("get", "methods").json()
    assert set(found) == {"next", "previous", "results"}
    assert found["results"][0]["name"] == "constant"
    assert "spec" not in found["results"][0]
    assert call("get", "methods/constant").json()["spec"]["config_schema"]["properties"]
    error = call("get", "methods?family=nonsense").json()["error"]
    assert (error["field"], "classification" in error["message"]) == ("family", True)


def test_answers_lead_to_pages(run: Run, call: Call, client: Client, settings: Any) -> None:
    settings.SITE_URL = "https://farfield.example"
    number = run.submission_id
    listed = call("get", "submissions").json()["results"][0]
    board = call("get", f"leaderboards/{BOARD}").json()
    found = [
        (listed["page"], f"/submissions/{number}/"),
        (call("get", f"submissions/{number}").json()["page"], f"/submissions/{number}/"),
        (call("get", f"runs/{run.pk}").json()["page"], f"/runs/{run.pk}/"),
        (call("get", "methods/constant").json()["page"], "/methods/constant/"),
        (call("get", f"benchmarks?cursor={BOARD}").json()["results"][0]["board"], f"/boards/{BOARD}/"),
        (call("get", f"benchmarks/{BOARD}").json()["page"], f"/benchmarks/{BOARD}/"),
        (board["page"], f"/boards/{BOARD}/"),
    ]
    for given, path in found:
        assert given == f"https://farfield.example{path}"
        assert client.get(path).status_code == 200


def test_the_hint_on_a_missing_token_says_how_to_make_one(call: Call) -> None:
    for verb, path, body in (("get", "me", None), ("post", "tokens", {"name": "x"})):
        hint = call(verb, path, body).json()["error"]["hint"]
        assert "user name and password by HTTP Basic" in hint
        assert "curl -u NAME" in hint


def test_addresses_that_are_not_there_have_a_code_like_all_others(call: Call) -> None:
    assert api_error(call("get", f"runs/{uuid.UUID(int=1)}")) == (404, "request.not_found")
