"""Confirming an address, and a new password by mail: links that work once, and pages that tell nothing of others."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from tests.unit.pages.mailed import letters_to, link_in

from farfield_web.accounts import letters
from farfield_web.accounts.models import Letter, User
from farfield_web.accounts.tokens import create_token, find_token

pytestmark = [pytest.mark.django_db, pytest.mark.services]
PASS, OTHER = "a fine long password", "another fine long one"
ADDRESS = "ada@example.org"


def sign_up(name: str = "ada", address: str = ADDRESS, client: Client | None = None) -> Any:
    form = {"username": name, "email": address, "password1": PASS, "password2": PASS}
    return (client or Client()).post("/account/sign-up/", form)


def confirm(address: str = ADDRESS, client: Client | None = None) -> None:
    (client or Client()).post(link_in(letters_to(address)[-1]))


@pytest.fixture
def ada() -> User:
    """With an address that is confirmed."""
    sign_up()
    confirm()
    mail.outbox.clear()
    return User.objects.get(username="ada")


def test_an_address_is_confirmed_by_a_letter() -> None:
    client = Client()
    assert sign_up(client=client).status_code == 302
    (letter,) = letters_to(ADDRESS)
    assert "The account ada says" in letter
    page = client.get(link_in(letter))
    assert ADDRESS in page.content.decode()
    assert not EmailAddress.objects.get().verified
    client.post(link_in(letter))
    assert EmailAddress.objects.get().verified
    assert Letter.objects.count() == 0


def test_links_lead_to_the_site_whatever_host_was_asked(settings: Any) -> None:
    settings.SITE_URL, settings.ALLOWED_HOSTS = "https://farfield.example", ["*"]
    form = {"username": "ada", "email": ADDRESS, "password1": PASS, "password2": PASS}
    Client().post("/account/sign-up/", form, headers={"host": "evil.example"})
    (letter,) = letters_to(ADDRESS)
    assert "https://farfield.example/account/email/confirm/" in letter
    assert "evil" not in letter


def test_an_account_needs_no_address() -> None:
    assert sign_up(address="").status_code == 302
    assert User.objects.get().email == ""
    assert Letter.objects.count() == 0


def test_the_api_sends_the_letter_too(client: Client) -> None:
    body = {"username": "ada", "password": PASS, "email": ADDRESS}
    assert client.post("/api/v1/accounts", body, content_type="application/json").status_code == 201
    confirm()
    assert EmailAddress.objects.get().verified


class TestAnAddressIsNeeded:
    """Where the operator says so, nobody comes in before it is confirmed, by whichever door."""

    @pytest.fixture(autouse=True)
    def needed(self, settings: Any) -> None:
        settings.EMAIL_REQUIRED, settings.ACCOUNT_EMAIL_VERIFICATION = True, "mandatory"
        settings.ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]

    def test_first_the_letter_then_the_account(self) -> None:
        client = Client()
        assert sign_up(client=client)["Location"] == "/account/email/sent/"
        assert "Follow the link" in client.get("/account/email/sent/").content.decode()
        assert client.get("/account/").status_code == 302
        entered = client.post("/account/sign-in/", {"username": "ada", "password": PASS})
        assert entered["Location"] == "/account/email/sent/"
        confirm(client=Client())
        assert Client().post("/account/sign-in/", {"username": "ada", "password": PASS})["Location"] == "/"

    def test_neither_page_nor_api_takes_an_account_without(self, client: Client) -> None:
        assert sign_up(address="").status_code == 422
        made = client.post("/api/v1/accounts", {"username": "x", "password": PASS}, content_type="application/json")
        assert made.json()["error"]["code"] == "account.no_email"

    def test_a_password_alone_makes_no_token(self, client: Client) -> None:
        from tests.unit.web.test_api import basic

        sign_up()
        headers = {"authorization": basic("ada", PASS)}
        made = client.post("/api/v1/tokens", {"name": "x"}, content_type="application/json", headers=headers)
        assert made.json()["error"]["code"] == "auth.password_not_enough"

    def test_a_taken_address_looks_the_same(self) -> None:
        sign_up()
        confirm()
        first, second = Client(), Client()
        fresh, taken = sign_up("grace", "grace@example.org", first), sign_up("mary", ADDRESS, second)
        assert (fresh.status_code, fresh["Location"]) == (taken.status_code, taken["Location"])
        pages = [client.get(answer["Location"]).content for client, answer in ((first, fresh), (second, taken))]
        assert pages[0].replace(b"grace@example.org", ADDRESS.encode()) == pages[1]
        assert "an account of yours has it already" in letters_to(ADDRESS)[-1]


def test_a_taken_address_tells_nothing_where_none_is_needed(ada: User) -> None:
    fresh, taken = sign_up("grace", "grace@example.org"), sign_up("mary", ADDRESS)
    assert (fresh.status_code, fresh["Location"]) == (taken.status_code, taken["Location"])
    (letter,) = letters_to(ADDRESS)
    assert "an account of yours has it already" in letter
    assert "/email/confirm/" not in letter
    assert EmailAddress.objects.filter(verified=True).count() == 1


def test_a_new_password_by_mail_ends_tokens_and_sessions(ada: User) -> None:
    _, text = create_token(ada, "laptop")
    before, client = Client(), Client()
    before.post("/account/sign-in/", {"username": "ada", "password": PASS})
    client.post("/account/password/reset/", {"email": ADDRESS.upper()})
    link = link_in(letters_to(ADDRESS)[-1])
    page = client.get(link, follow=True)
    assert "Choose a new password" in page.content.decode()
    assert client.post(page.redirect_chain[-1][0], {"password1": OTHER, "password2": OTHER}).status_code == 302
    assert find_token(text) is None
    assert before.get("/account/").status_code == 302
    assert Client().post("/account/sign-in/", {"username": "ada", "password": OTHER}).status_code == 302
    assert "too old" in Client().get(link, follow=True).content.decode()


def test_a_reset_tells_nothing_of_who_has_an_account(ada: User) -> None:
    known, unknown = Client(), Client()
    answers = [known.post("/account/password/reset/", {"email": ADDRESS}),
               unknown.post("/account/password/reset/", {"email": "nobody@example.org"})]  # fmt: skip
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {(302, "/account/password/reset/sent/")}
    pages = {client.get("/account/password/reset/sent/").content for client in (known, unknown)}
    assert len(pages) == 1
    assert "no account has this address" in letters_to("nobody@example.org")[-1]


def test_a_weak_password_is_refused_there_too(ada: User) -> None:
    client = Client()
    client.post("/account/password/reset/", {"email": ADDRESS})
    page = client.get(link_in(letters_to(ADDRESS)[-1]), follow=True)
    refused = client.post(page.redirect_chain[-1][0], {"password1": "aaaaaaaaaa", "password2": "aaaaaaaaaa"})
    assert "different characters" in refused.content.decode()


def test_an_address_is_changed_only_once_the_new_one_is_confirmed(ada: User) -> None:
    client = Client()
    client.post("/account/sign-in/", {"username": "ada", "password": PASS})
    asked = client.post("/account/email/", {"email": "new@example.org", "action_add": "1"})
    assert asked["Location"].startswith("/account/again/")
    client.post(asked["Location"], {"password": PASS, "next": "/account/email/"})
    assert User.objects.get().email == ADDRESS
    confirm("new@example.org", client)
    assert User.objects.get().email == "new@example.org"
    assert EmailAddress.objects.get().email == "new@example.org"
    assert "new@example.org" in letters_to(ADDRESS)[-1]


def test_a_letter_that_cannot_be_sent_is_tried_again_and_then_given_up(settings: Any) -> None:
    sign_up()
    settings.EMAIL_BACKEND = "tests.unit.pages.test_mailed.Broken"
    waits = []
    for _ in range(letters.TRIES):
        before = Letter.objects.get().due_at
        assert letters.send_due() == 0
        left = Letter.objects.first()
        if left is not None:
            waits.append(left.due_at > before)
            Letter.objects.update(due_at=before)
    assert waits == [True] * (letters.TRIES - 1)
    assert Letter.objects.count() == 0


def Broken(**_: object) -> Any:
    raise OSError("no mail server")
