"""Every address of the account pages: ours to look at, counted, and gone where it is not set up."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import allauth
import pytest
from django.template.loader import get_template
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from farfield_web.accounts import doors
from farfield_web.accounts.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.services]
PASS = "a fine long password"
OURS = Path(__file__).parents[3] / "platform" / "farfield_web" / "templates"
NOT_ALLAUTHS = {"account", "my-submissions", "revoke-token", "notifications", "change-webhook", "unsubscribe"}
# Only read, or only a redirect.
READ_ONLY = {
    "account_inactive", "account_email_verification_sent", "account_reset_password_done",
    "account_reset_password_from_key_done", "mfa_index", "mfa_view_recovery_codes", "mfa_download_recovery_codes",
    "mfa_list_webauthn", "socialaccount_login_cancelled", "socialaccount_login_error",
}  # fmt: skip
SAME = {"account_signup", "account_login", "account_logout", "account_change_password"}


def routed(patterns: Any = None, prefix: str = "") -> Iterator[tuple[str, str]]:
    """(name, module of the view) of every address below /account/."""
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        place = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routed(pattern.url_patterns, place)
        elif isinstance(pattern, URLPattern) and place.startswith("account/"):
            view = getattr(pattern.callback, "view_class", pattern.callback)
            yield pattern.name or "", view.__module__


def templates_of_allauth() -> set[str]:
    """The pages of allauth's apps that we route: all but those of ways that we do not have."""
    folder = Path(allauth.__file__).parent / "templates"
    names = {str(path.relative_to(folder)) for part in ("account", "mfa", "usersessions", "socialaccount")
             for path in (folder / part).rglob("*.html")}  # fmt: skip
    elsewhere = ("phone", "code", "passkey", "base_", "snippets/", "trust", "signup_form", "login_redirect")
    unused = {"account/login.html", "account/signup.html", "account/logout.html", "account/password_change.html",
              "account/email.html", "account/verified_email_required.html", "mfa/totp/base.html",
              "mfa/recovery_codes/base.html", "mfa/webauthn/base.html"}  # fmt: skip
    kept = {name for name in names if not any(word in name for word in elsewhere)}
    kept |= {name for name in names if "recovery_codes" in name and "base" not in name}
    return kept - unused


def test_every_page_of_allauth_is_in_our_design() -> None:
    foreign = [name for name in templates_of_allauth() if not Path(get_template(name).origin.name).is_relative_to(OURS)]
    assert foreign == [], "write our own, or do not route it"
    assert len(templates_of_allauth()) > 20


def test_every_door_is_counted() -> None:
    names = {name for name, _ in routed()} - NOT_ALLAUTHS
    known = set(doors.RULES) | doors.COUNTED_INSIDE | READ_ONLY | SAME
    assert names - known == set(), "add them to accounts/doors.py, or say above that they are only read"
    assert set(doors.RULES) <= names


def test_nothing_of_allauth_is_routed_elsewhere() -> None:
    for name in ("account_request_login_code", "mfa_login_webauthn", "account_verify_phone"):
        with pytest.raises(NoReverseMatch):
            reverse(name)


@pytest.mark.parametrize("place", ["github/", "github/back/", "orcid/", "orcid/back/", "oidc/sso/", "oidc/sso/back/"])
def test_a_place_that_is_not_set_up_is_not_there(place: str, client: Client) -> None:
    assert client.get(f"/account/places/{place}").status_code == 404
    assert client.post(f"/account/places/{place}").status_code == 404


@pytest.fixture
def signed_in(client: Client, db: None) -> Client:
    User.objects.create_user("ada", password=PASS)
    assert client.post("/account/sign-in/", {"username": "ada", "password": PASS}).status_code == 302
    return client


@pytest.mark.parametrize(
    "path",
    [
        "email/", "password/", "second-factor/", "second-factor/app/", "second-factor/keys/add/", "sessions/",
        "places/", "again/", "password/reset/",
    ],
)  # fmt: skip
def test_pages_of_the_account(signed_in: Client, path: str) -> None:
    signed_in.post("/account/again/", {"password": PASS})
    response = signed_in.get(f"/account/{path}")
    page = response.content.decode()
    assert response.status_code == 200
    assert 'class="site-header"' in page
    assert page.count("<h1") == 1
    assert " style=" not in page


def test_letters_that_one_address_asks_for_are_bounded(settings: Any, client: Client) -> None:
    settings.THROTTLES = settings.THROTTLES | {"letters asked for": (2, 3600)}
    asked = [client.post("/account/password/reset/", {"email": f"{n}@example.org"}) for n in range(3)]
    assert [response.status_code for response in asked] == [302, 302, 429]
    assert int(asked[-1]["Retry-After"]) > 0


def test_letters_to_one_mailbox_are_bounded(settings: Any) -> None:
    settings.THROTTLES = settings.THROTTLES | {"letters to a mailbox": (2, 3600)}
    asked = [
        Client(REMOTE_ADDR=f"192.0.2.{n}").post("/account/password/reset/", {"email": "Ada@example.org"})
        for n in range(3)
    ]
    assert [response.status_code for response in asked] == [302, 302, 429]


def test_keys_of_letters_cannot_be_tried_without_end(settings: Any, client: Client) -> None:
    settings.THROTTLES = settings.THROTTLES | {"mailed keys": (2, 3600)}
    tried = [client.get(f"/account/password/reset/1-{n}-abc/").status_code for n in range(3)]
    assert tried == [200, 200, 429]


def test_the_password_asked_for_again_is_no_cheaper_to_guess(settings: Any, signed_in: Client) -> None:
    settings.THROTTLES = settings.THROTTLES | {"wrong passwords at home": (2, 600)}
    assert [signed_in.post("/account/again/", {"password": "wrong"}).status_code for _ in range(3)] == [200, 200, 429]


def test_sessions_are_listed_and_others_end(signed_in: Client) -> None:
    other = Client(headers={"user-agent": "Lynx/2.9"})
    other.post("/account/sign-in/", {"username": "ada", "password": PASS})
    page = signed_in.get("/account/sessions/").content.decode()
    assert "Lynx/2.9" in page
    assert "Sign out all others" in page
    signed_in.post("/account/sessions/")
    assert other.get("/account/").status_code == 302
    assert signed_in.get("/account/").status_code == 200
