"""Codes at signing in: at every door, counted, and each used once."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core.management import call_command
from django.test import Client
from tests.unit.web.test_api import basic

from farfield_web.accounts.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.services]
PASS = "a fine long password"


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada", password=PASS)


def enter(client: Client, **more: str) -> Any:
    return client.post("/account/sign-in/", {"username": "ada", "password": PASS, **more})


def again(client: Client) -> None:
    """What is about to be changed asks for the password once more."""
    assert client.post("/account/again/", {"password": PASS}).status_code == 302


def code_of(secret: str, minutes_on: int = 0) -> str:
    counter = next(iter(totp.yield_hotp_counters_from_time())) + minutes_on
    return str(totp.format_hotp_value(totp.hotp_value(secret, counter)))


@pytest.fixture
def secret(ada: User) -> str:
    """Turned on by the pages."""
    client = Client()
    enter(client)
    again(client)
    page = client.get("/account/second-factor/app/")
    assert "data:image/svg+xml" in page.content.decode()
    secret = str(page.context["form"].secret)
    turned_on = client.post("/account/second-factor/app/", {"code": code_of(secret)})
    assert turned_on.status_code == 302
    return secret


def recovery_codes(ada: User) -> list[str]:
    return list(Authenticator.objects.get(user=ada, type="recovery_codes").wrap().get_unused_codes())


def test_the_password_alone_signs_nobody_in(ada: User, secret: str) -> None:
    client = Client()
    assert enter(client, next="/submit/")["Location"].startswith("/account/second-factor/code/")
    assert client.get("/account/").status_code == 302
    assert "A code, please" in client.get("/account/second-factor/code/").content.decode()
    done = client.post("/account/second-factor/code/", {"code": code_of(secret, 1)})
    assert done["Location"] == "/submit/"
    assert client.get("/account/").status_code == 200


def test_signing_in_makes_a_new_session(ada: User, secret: str) -> None:
    client = Client()
    enter(client)
    before = client.session.session_key
    client.post("/account/second-factor/code/", {"code": code_of(secret, 1)})
    assert client.session.session_key != before


def test_a_code_works_once(ada: User, secret: str) -> None:
    code = code_of(secret, 1)
    answers = []
    for _ in range(2):
        client = Client()
        enter(client)
        answers.append(client.post("/account/second-factor/code/", {"code": code}).status_code)
    assert answers == [302, 200]


def test_a_recovery_code_works_once(ada: User, secret: str) -> None:
    code = recovery_codes(ada)[0]
    answers = []
    for _ in range(2):
        client = Client()
        enter(client)
        answers.append(client.post("/account/second-factor/code/", {"code": code}).status_code)
    assert answers == [302, 200]
    assert len(recovery_codes(ada)) == 9


def test_codes_cannot_be_guessed(settings: Any, ada: User, secret: str) -> None:
    settings.THROTTLES = settings.THROTTLES | {"wrong codes": (3, 3600)}
    answers = []
    for n in range(4):
        client = Client(REMOTE_ADDR=f"192.0.2.{n}")
        enter(client)
        answers.append(client.post("/account/second-factor/code/", {"code": f"00000{n}"}).status_code)
    assert answers == [200, 200, 200, 429]
    client = Client()
    enter(client)
    assert client.post("/account/second-factor/code/", {"code": code_of(secret, 1)}).status_code == 429


def test_the_api_takes_no_password_without_the_code(ada: User, secret: str, client: Client) -> None:
    headers = {"authorization": basic("ada", PASS)}
    made = client.post("/api/v1/tokens", {"name": "x"}, content_type="application/json", headers=headers)
    assert (made.status_code, made.json()["error"]["code"]) == (401, "auth.password_not_enough")


def test_a_new_password_by_mail_does_not_pass_the_second_factor(ada: User, secret: str) -> None:
    ada.set_password("yet another long one")
    ada.save()
    client = Client()
    entered = client.post("/account/sign-in/", {"username": "ada", "password": "yet another long one"})
    assert "second-factor/code" in entered["Location"]


def test_the_operator_can_take_it_away(ada: User, secret: str) -> None:
    assert call_command("second_factor", "ada") == "ada has a second factor."
    assert call_command("second_factor", "ada", remove=True) == "ada has no second factor."
    assert enter(Client())["Location"] == "/"


def test_it_can_be_turned_off(ada: User, secret: str) -> None:
    client = Client()
    enter(client)
    client.post("/account/second-factor/code/", {"code": code_of(secret, 1)})
    again(client)
    assert client.post("/account/second-factor/app/off/").status_code == 302
    assert enter(Client())["Location"] == "/"
