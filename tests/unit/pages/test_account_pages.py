"""Sign-up, sign-in, sign-out, tokens."""

import re

import pytest
from django.test import Client
from tests.unit.pages.content import PASSWORD, Site

from farfield_web.accounts.models import ApiToken, User
from farfield_web.accounts.tokens import find_token

pytestmark = [pytest.mark.django_db, pytest.mark.services]

NEW = {"username": "mary", "password1": "a fine long password", "password2": "a fine long password"}


def test_signing_up_signs_in_and_goes_on(client: Client) -> None:
    response = client.post("/account/sign-up/", {**NEW, "next": "/submit/"})
    assert response["Location"] == "/submit/"
    assert "mary" in client.get("/").content.decode()


@pytest.mark.parametrize("elsewhere", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"])
def test_signing_up_never_leads_elsewhere(client: Client, elsewhere: str) -> None:
    assert client.post("/account/sign-up/", {**NEW, "next": elsewhere})["Location"] == "/"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"username": "ADA"}, "is taken, or looks like"),
        ({"username": "a b"}, "valid username"),
        ({"password1": "12345678", "password2": "12345678"}, "too common"),
        ({"password2": "another"}, "match"),
    ],
)
def test_a_refused_sign_up_says_why(client: Client, site: Site, change: dict[str, str], reason: str) -> None:
    response = client.post("/account/sign-up/", {**NEW, **change})
    assert response.status_code == 422
    assert reason in response.content.decode()
    assert not User.objects.filter(username="mary").exists()


def test_signing_in_and_out(client: Client, site: Site) -> None:
    form = {"username": "ada", "password": PASSWORD, "next": "/account/"}
    assert client.post("/account/sign-in/", form)["Location"] == "/account/"
    assert client.get("/account/sign-out/")["Location"] == "/account/"
    assert client.get("/account/").status_code == 200
    assert client.post("/account/sign-out/")["Location"] == "/"
    assert client.get("/account/").status_code == 302


def test_a_wrong_password_is_explained(client: Client, site: Site) -> None:
    page = client.post("/account/sign-in/", {"username": "ada", "password": "wrong"}).content.decode()
    assert "No account has this user name and password" in page


def test_a_token_is_shown_once_and_can_be_revoked(ada: Client, site: Site) -> None:
    page = ada.post("/account/", {"name": "laptop"}, follow=True).content.decode()
    secret = re.search(r'class="secret">(ff_[\w-]+)<', page)
    assert secret
    assert find_token(secret[1])
    assert secret[1] not in ada.get("/account/").content.decode()
    ada.get(f"/account/tokens/{ApiToken.objects.get().pk}/revoke/")
    assert find_token(secret[1])
    ada.post(f"/account/tokens/{ApiToken.objects.get().pk}/revoke/")
    assert find_token(secret[1]) is None
    assert "laptop" not in ada.get("/account/").content.decode().replace("example: laptop", "").replace(
        "The token laptop was revoked", ""
    )


def test_a_stranger_cannot_revoke_a_token(ada: Client, stranger: Client, site: Site) -> None:
    ada.post("/account/", {"name": "laptop"})
    token = ApiToken.objects.get()
    assert stranger.post(f"/account/tokens/{token.pk}/revoke/").status_code == 404
    assert ApiToken.objects.get(pk=token.pk).revoked_at is None


def test_a_token_needs_a_name(ada: Client, site: Site) -> None:
    response = ada.post("/account/", {"name": " "})
    assert response.status_code == 422
    assert not ApiToken.objects.exists()


def test_the_password_can_be_changed(ada: Client, site: Site) -> None:
    form = {"old_password": PASSWORD, "new_password1": NEW["password1"], "new_password2": NEW["password1"]}
    assert "password was changed" in ada.post("/account/password/", form, follow=True).content.decode()
    site.ada.refresh_from_db()
    assert site.ada.check_password(NEW["password1"])


def test_my_submissions_are_mine_and_paged(ada: Client, stranger: Client, site: Site) -> None:
    assert "queued one" in ada.get("/account/submissions/").content.decode()
    assert "queued one" not in stranger.get("/account/submissions/").content.decode()
    assert ada.get("/account/submissions/?page=99").status_code == 200
    assert "Nothing submitted yet" in signed_up("newcomer").get("/account/submissions/").content.decode()


def signed_up(name: str) -> Client:
    client = Client()
    client.force_login(User.objects.create_user(name, password=PASSWORD))
    return client
