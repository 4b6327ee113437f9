"""What a token may do of what its owner may."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.unit.web.conftest import BOARD, api_error

from farfield_web.accounts import scopes
from farfield_web.accounts.models import ApiToken, User
from farfield_web.accounts.tokens import create_token, find_token
from farfield_web.errors import AccountError

pytestmark = [pytest.mark.services, pytest.mark.django_db]
ENTRY = {"benchmark": BOARD, "kind": "configuration", "method": "constant", "track": "open"}


def with_token(person: User, *wanted: str) -> dict[str, str]:
    return {"authorization": f"Bearer {create_token(person, 'test', wanted)[1]}"}


def send(client: Client, verb: str, path: str, headers: dict[str, str], body: Any = None) -> Any:
    return getattr(client, verb)(f"/api/v1/{path}", body, content_type="application/json", headers=headers)


@pytest.mark.parametrize(
    ("has", "verb", "path", "body", "lacks"),
    [
        (scopes.READ, "post", "submissions", ENTRY, "submit"),
        (scopes.READ, "post", "tokens", {"name": "x"}, "manage"),
        (scopes.SUBMIT, "get", "me", None, "read"),
        (scopes.SUBMIT, "post", "tokens", {"name": "x"}, "manage"),
        (scopes.MANAGE, "post", "submissions", ENTRY, "submit"),
    ],
)
def test_a_refused_call_says_which_scope_is_missing(
    announced: None, person: User, client: Client, has: str, verb: str, path: str, body: Any, lacks: str
) -> None:
    refused = send(client, verb, path, with_token(person, has), body)
    assert api_error(refused) == (403, "auth.scope")
    assert f"the scope '{lacks}'" in refused.json()["error"]["message"]


def test_each_scope_opens_its_calls(announced: None, person: User, client: Client) -> None:
    assert send(client, "get", "me", with_token(person, scopes.READ)).status_code == 200
    assert send(client, "post", "submissions", with_token(person, scopes.SUBMIT), ENTRY).status_code == 201
    made = send(client, "post", "tokens", with_token(person, *scopes.SCOPES[:3]), {"name": "x"})
    assert (made.status_code, made.json()["scopes"]) == (201, ["read", "submit"])


def test_a_token_from_before_may_all_that_its_owner_may(announced: None, person: User, client: Client) -> None:
    _, text = create_token(person, "old")
    headers = {"authorization": f"Bearer {text}"}
    assert send(client, "post", "submissions", headers, ENTRY).status_code == 201
    assert send(client, "get", "tokens", headers).json()[0]["scopes"] == list(scopes.SCOPES)


def test_a_token_gives_on_no_more_than_it_has(person: User, client: Client) -> None:
    headers = with_token(person, scopes.READ, scopes.MANAGE)
    refused = send(client, "post", "tokens", headers, {"name": "x", "scopes": ["read", "submit"]})
    assert api_error(refused) == (400, "token.scopes")
    made = send(client, "post", "tokens", headers, {"name": "x", "scopes": ["read"]})
    assert made.status_code == 201


def test_only_operators_have_tokens_that_operate(person: User) -> None:
    with pytest.raises(AccountError, match="Only operators"):
        create_token(person, "x", [scopes.OPERATE])
    person.is_staff = True
    assert create_token(person, "x", [scopes.OPERATE])[0].scopes == ["operate"]


@pytest.mark.parametrize("wanted", [[], ["fly"]])
def test_scopes_that_cannot_be(person: User, wanted: list[str]) -> None:
    with pytest.raises(AccountError) as caught:
        create_token(person, "x", wanted)
    assert caught.value.code == "token.scopes"


def test_a_token_ends_when_it_says(person: User) -> None:
    _, text = create_token(person, "x", expires_at=timezone.now() + timedelta(hours=1))
    assert find_token(text) is not None
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert find_token(text) is None
    with pytest.raises(AccountError, match="before it began"):
        create_token(person, "x", expires_at=timezone.now())


def test_the_page_offers_what_the_person_may(person: User, client: Client) -> None:
    client.force_login(person)
    page = client.get("/account/").content.decode()
    assert "change your account" in page
    assert "do what operators do" not in page
    shown = client.post("/account/", {"name": "ci", "scopes": ["read"], "days": "30"}, follow=True).content.decode()
    token = ApiToken.objects.get()
    assert token.scopes == ["read"]
    assert token.expires_at is not None
    assert f"{token.expires_at:%Y-%m-%d}" in shown
