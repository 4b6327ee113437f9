"""Signing in from elsewhere: where it is set up, by our rule of names, never onto an account by an address alone."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.test import Client

from farfield_web.accounts.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.services]
PASS = "a fine long password"


@pytest.fixture(autouse=True)
def github(settings: Any) -> None:
    """Set up, as by the environment."""
    app = {"client_id": "id", "secret": "secret"}
    settings.SOCIALACCOUNT_PROVIDERS = settings.SOCIALACCOUNT_PROVIDERS | {"github": {"APPS": [app]}}


def arrived(login: str, address: str = "") -> Client:
    """A browser that GitHub has just sent back, of somebody who is new here."""
    client = Client()
    session = client.session
    account = SocialAccount(provider="github", uid="7", extra_data={"login": login})
    addresses = [EmailAddress(email=address, verified=True, primary=True)] if address else []
    user, place = User(username=login, email=address), get_adapter().get_provider(None, "github")
    made = SocialLogin(user=user, account=account, email_addresses=addresses, provider=place)
    session["socialaccount_sociallogin"] = made.serialize()
    session.save()
    return client


def test_the_button_leads_there_by_a_page_of_ours(client: Client) -> None:
    page = client.get("/account/sign-in/").content.decode()
    assert "Sign in with GitHub" in page
    assert "ORCID" not in page
    away = client.post("/account/places/github/?process=login")
    assert away.status_code == 200
    assert "https://github.com/login/oauth/authorize?client_id=id" in away.content.decode()
    assert "form-action 'self'" in away["Content-Security-Policy"]


def test_looking_at_the_address_leads_nowhere(client: Client) -> None:
    assert "github.com/login" not in client.get("/account/places/github/").content.decode()


def test_an_answer_that_nobody_asked_for_signs_nobody_in(client: Client) -> None:
    answered = client.get("/account/places/github/back/?code=x&state=made-up")
    assert answered.status_code == 401
    assert "Not signed in" in answered.content.decode()


@pytest.mark.parametrize("name", ["\u0430d\u0430", "ADA", "admin", "two words", "\uff41\uff44\uff41"])
def test_names_are_held_to_the_rule_there_too(name: str) -> None:
    User.objects.create_user("ada", password=PASS)
    client = arrived("whatever")
    refused = client.post("/account/places/sign-up/", {"username": name})
    assert refused.status_code == 200
    assert User.objects.count() == 1


def test_a_new_account_has_the_name_that_its_person_chose() -> None:
    client = arrived("ada-l")
    assert 'value="ada-l"' in client.get("/account/places/sign-up/").content.decode()
    assert client.post("/account/places/sign-up/", {"username": "lovelace"}).status_code == 302
    made = User.objects.get()
    assert (made.username, made.has_usable_password()) == ("lovelace", False)
    assert "lovelace" in client.get("/account/").content.decode()


ASKED_AGAIN = ("password/set/", "second-factor/app/", "second-factor/keys/add/")


@pytest.mark.parametrize("path", ASKED_AGAIN)
def test_who_has_no_password_signs_in_again_where_it_was_long_ago(path: str) -> None:
    client = arrived("ada-l")
    client.post("/account/places/sign-up/", {"username": "lovelace"})
    assert client.get(f"/account/{path}").status_code == 200, "they have just arrived"
    session = client.session
    records = [{**record, "at": record["at"] - 3600} for record in session["account_authentication_methods"]]
    session["account_authentication_methods"] = records
    session.save()
    asked = client.get(f"/account/{path}", follow=True)
    assert asked.redirect_chain == [(f"/account/sign-in/?next=%2Faccount%2F{path.replace('/', '%2F')}", 302)]
    page = asked.content.decode()
    assert "who has no password here" in page
    assert f"next=%2Faccount%2F{path.replace('/', '%2F')}" in page, "the button leads back"
    assert 'name="password"' not in page
    assert client.get("/account/again/").status_code == 302


def test_who_came_from_elsewhere_sets_a_password() -> None:
    client = arrived("ada-l")
    client.post("/account/places/sign-up/", {"username": "lovelace"})
    client.post("/account/password/set/", {"password1": PASS, "password2": PASS})
    assert User.objects.get().check_password(PASS)
    assert client.get("/account/second-factor/app/").status_code == 302, "now there is a password to be asked for"


def test_an_address_that_is_somebodys_opens_nothing() -> None:
    ada = User.objects.create_user("ada", password=PASS)
    EmailAddress.objects.create(user=ada, email="ada@example.org", verified=True, primary=True)
    client = arrived("mallory", "ada@example.org")
    client.post("/account/places/sign-up/", {"username": "mallory", "email": "ada@example.org"})
    assert not SocialAccount.objects.filter(user=ada).exists()
    assert EmailAddress.objects.filter(email="ada@example.org", verified=True).get().user == ada
