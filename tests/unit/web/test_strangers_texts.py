"""Bodies that cost more than they weigh, and texts that are kept: bounded, and without what cannot be seen."""

import json
from typing import Any

import pytest
from django.test import Client
from tests.unit.web.conftest import BOARD, api_error

from farfield_web.accounts.models import User
from farfield_web.accounts.tokens import create_token
from farfield_web.errors import PluginRefused, SubmissionError
from farfield_web.runs.submit import submit
from farfield_web.submissions import description
from farfield_web.submissions.request import Claims, Request

pytestmark = [pytest.mark.services, pytest.mark.django_db]
HOSTILE = {
    "990 deep": "[" * 990 + "]" * 990,
    "990 objects deep": '{"a":' * 990 + "1" + "}" * 990,
    "not closed": "[" * 100_000,
    "5000 digits": '{"username": ' + "9" * 5000 + "}",
    "NaN": '{"username": NaN}',
    "no text": b"\xff\xfe\x00",
}


@pytest.mark.parametrize("path", ["v1/accounts", "worker/v1/announce", "v1/submissions"])
@pytest.mark.parametrize("kind", sorted(HOSTILE))
def test_json_that_costs_more_than_it_weighs_is_400(
    client: Client, person: User, settings: Any, path: str, kind: str
) -> None:
    token = settings.WORKER_TOKEN if path.startswith("worker") else create_token(person, "test")[1]
    sent = {} if path == "v1/accounts" else {"Authorization": f"Bearer {token}"}
    answer = client.post(f"/api/{path}", HOSTILE[kind], content_type="application/json", headers=sent)
    assert api_error(answer) == (400, "request.parse_error"), answer.content[:300]


def test_a_body_of_megabytes_is_not_read(client: Client, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    answer = client.post("/api/v1/accounts", json.dumps({"username": "x" * 2000}), content_type="application/json")
    assert api_error(answer) == (413, "request.too_large")


def test_a_bad_boundary_gets_a_hint_about_forms_and_not_about_json(client: Client, person: User) -> None:
    headers = {"Authorization": f"Bearer {create_token(person, 'test')[1]}"}
    answer = client.post("/api/v1/uploads", b"x", content_type="multipart/form-data; boundary=", headers=headers)
    assert api_error(answer) == (400, "request.form_error")
    assert "multipart/form-data" in answer.json()["error"]["hint"]


def refusal(person: User, **changes: Any) -> SubmissionError:
    asked: dict[str, Any] = {"benchmark": BOARD, "track": "open", "method": "toy", "kind": "configuration", **changes}
    with pytest.raises(SubmissionError) as caught:
        submit(person, Request(**asked))
    return caught.value


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"title": "a\u202eb"}, "text.invalid", "title"),
        ({"title": "two\nlines"}, "text.invalid", "title"),
        ({"note": "a\x00b"}, "text.invalid", "note"),
        ({"note": "a\u2066b"}, "text.invalid", "note"),
        ({"summary": "a\x1b[31mb"}, "text.invalid", "summary"),
        ({"image": "x" * 301}, "image.too_long", "image"),
        ({"config": {"a": "x" * 3_900_000}}, "config.invalid", "config"),
        ({"config": {f"s{i}": i for i in range(5000)}}, "config.invalid", "config"),
        ({"config": {"a": "\u202e"}}, "config.invalid", "config"),
    ],
)
def test_what_is_kept_of_a_request_is_short_and_can_be_seen(person: User, changes: Any, code: str, field: str) -> None:
    error = refusal(person, **changes)
    assert (error.code, error.field) == (code, field)
    assert len(error.message) < 500


def test_a_note_may_have_lines_in_any_script(person: User) -> None:
    assert refusal(person, note="Grüße\n\t世界 \U0001f468\u200d\U0001f469", benchmark="none/such").code == (
        "benchmark.unknown"
    )


@pytest.mark.parametrize(
    "claims",
    [
        Claims(backbone="x" * 900_000),
        Claims(backbone="a\u202eb"),
        Claims(backbone="none", pretraining=("imagenet",) * 5000),
        Claims(backbone="none", extra_data=("a\u202eb",)),
    ],
)
def test_claims_are_short_and_can_be_seen(claims: Claims) -> None:
    from farfield_web.submissions.claims import as_claims

    problems = as_claims(claims).problems()
    assert problems
    assert all(len(problem) < 500 for problem in problems)


def described(**changes: Any) -> dict[str, Any]:
    from farfield import Images, MethodSpec, TaskFamily, TrackClaims

    spec = MethodSpec(
        name="toy",
        family=TaskFamily.CLASSIFICATION,
        summary="A toy.",
        build=dict,
        inputs=Images(size=32),
        claims=TrackClaims(backbone="none"),
    )
    return {**spec.describe(), **changes}


def settings_of(count: int, **prop: Any) -> dict[str, Any]:
    one = {"type": "string", "description": "", "default": "", "maxLength": 10_000, **prop}
    return {"properties": {f"s{i}": one for i in range(count)}}


@pytest.mark.parametrize(
    "changes",
    [
        {"config_schema": settings_of(199, default="x" * 10_000)},
        {"config_schema": settings_of(1, enum=["", *(f"{i}" + "x" * 9000 for i in range(100))])},
        {"config_schema": settings_of(1, default="\u202e")},
        {"config_schema": settings_of(1, description="a\u202eb")},
        {"summary": "a\u202eb"},
        {"papers": ["p"] * 5000},
        {"claims": [1]},
        {"claims": {"backbone": "x" * 900_000}},
        {"inputs": 3},
        {"inputs_by_settings": "yes"},
        {"resources": {"gpu": [[[[]]]]}},
        {"config_schema": {"properties": {"a": {"type": "integer", "default": 10**400}}}},
    ],
)
def test_a_description_that_would_be_repeated_in_every_list_is_short(changes: Any) -> None:
    assert description.read(described())["name"] == "toy"
    assert description.read(described(inputs_by_settings=True))["inputs_by_settings"] is True
    with pytest.raises(PluginRefused) as caught:
        description.read(described(**changes))
    assert caught.value.code == "plugin.bad_spec"
    assert len(str(caught.value)) < 2000
