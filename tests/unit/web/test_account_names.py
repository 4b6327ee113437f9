"""Two doors, two rules: what an account may be called, and its password, are the same wherever one is made."""

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from tests.unit.web.conftest import api_error
from tests.unit.web.test_api import basic

from farfield_web.accounts import names
from farfield_web.accounts.models import User

pytestmark = [pytest.mark.services, pytest.mark.django_db]
PASS = "a long pass phrase"
CYRILLIC_ADA = "\u0430d\u0430"
CYRILLIC_SCOPE = "\u0455\u0441\u043e\u0440\u0435"
FULL_WIDTH_ADA = "\uff41\uff44\uff41"


def by_page(name: str, password: str = PASS) -> str:
    """The page's reason; empty when the account was made."""
    response = Client().post("/account/sign-up/", {"username": name, "password1": password, "password2": password})
    return "" if response.status_code == 302 else response.content.decode()


def by_api(name: str, password: str = PASS) -> str:
    response = Client().post(
        "/api/v1/accounts", {"username": name, "password": password}, content_type="application/json"
    )
    return "" if response.status_code == 201 else api_error(response)[1]


def by_command(name: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASS)
    try:
        call_command("createsuperuser", interactive=False, username=name, email="a@example.org", verbosity=0)
    except (CommandError, ValidationError) as error:
        return str(error)
    return ""


REFUSED = [
    FULL_WIDTH_ADA,
    CYRILLIC_ADA,
    "ADA",
    "\u3164ada",
    "\u3164",
    "ada\u200b",
    "ada\u202e",
    "a\u0301da\u0327\u0327",
    "two words",
    "...",
    "x" * 61,
]


@pytest.mark.parametrize("name", REFUSED)
def test_look_alikes_and_what_cannot_be_seen_are_refused_at_every_door(
    person: User, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert by_page(name)
    assert by_api(name) in ("account.taken", "account.bad_username")
    assert by_command(name, monkeypatch)
    assert User.objects.count() == 1


@pytest.mark.parametrize("pair", [("paul", "pauI"), ("scope", CYRILLIC_SCOPE), ("mary", "rnary"), ("wolf", "vvolf")])
def test_a_name_that_looks_like_another_is_taken(db: None, pair: tuple[str, str]) -> None:
    first, second = pair
    assert by_api(first) == ""
    assert by_api(second) == "account.taken"
    assert "looks like" in by_page(second)


@pytest.mark.parametrize("name", ["admin", "ADMIN", "operator", "Farfield", "far-field", "adrnin", "f\u0430rfield"])
def test_reserved_names_are_the_operators(db: None, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert by_page(name)
    assert by_api(name).startswith("account.")
    assert not User.objects.exists()


def test_who_runs_the_site_may_have_a_reserved_name(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert by_command("operator", monkeypatch) == ""


@pytest.mark.parametrize(
    "name", ["m\u00fcller", "\u0438\u0432\u0430\u043d", "\u5c71\u7530\u592a\u90ce", "ada@example.org"]
)
def test_names_of_other_scripts_can_be_had(db: None, name: str) -> None:
    assert by_api(name) == ""
    assert User.objects.get().username == name


@pytest.mark.parametrize("name", ["\uff4d\uff41\uff52\uff59", "mary", "M\u00fcller"])
def test_an_account_of_the_api_signs_in_on_the_page_and_the_other_way_round(name: str, db: None, call: Any) -> None:
    assert by_api(name) == ""
    entered = {"username": name, "password": PASS}
    assert Client().post("/account/sign-in/", entered).status_code == 302
    other = f"{name}2"
    assert by_page(other) == ""
    token = call("post", "tokens", {"name": "x"}, Authorization=basic(other, PASS))
    assert token.status_code == 201
    assert Client().post("/account/sign-in/", entered | {"username": name.upper()}).status_code == 302


@pytest.mark.parametrize("password", ["        ", " " * 20, "aaaaaaaaaa", "ababababab", "Aa1Aa1Aa1Aa1", "12345678"])
def test_a_password_is_more_than_its_length_at_every_door(db: None, password: str) -> None:
    assert by_page("mary", password)
    assert by_api("mary", password) == "account.bad_password"
    with pytest.raises(ValidationError):
        validate_password(password, User(username="mary"))
    assert not User.objects.exists()


def test_a_password_that_cannot_be_kept_is_no_failure_of_ours(db: None) -> None:
    assert by_api("mary", "long enough \ud800") == "request.invalid"
    with pytest.raises(ValidationError, match="cannot be kept"):
        validate_password("long enough \ud800")


def test_renaming_follows_the_rule_too(person: User, other: User) -> None:
    other.username = "pauI"
    other.save(update_fields=["username"])
    assert User.objects.get(pk=other.pk).skeleton == names.skeleton("paul")
    other.username = "two words"
    with pytest.raises(names.NameRefused):
        other.save()


def test_accounts_from_before_the_rule_keep_working(person: User) -> None:
    """The migration, on names that nobody could get today."""
    User.objects.bulk_create(
        [
            User(username=CYRILLIC_ADA, skeleton="x"),
            User(username="\u3164", skeleton="y"),
            User(username="\uff4dary", skeleton="z"),
        ]
    )
    import_module("farfield_web.accounts.migrations.0002_name_skeletons").fill(apps, None)
    twin, invisible = User.objects.get(username=CYRILLIC_ADA), User.objects.get(username="\u1160")
    assert twin.skeleton == f"ada#{twin.pk}"
    assert User.objects.get(username="ada").skeleton == "ada"
    assert User.objects.filter(username="mary").exists()
    for old in (twin, invisible):
        old.set_password(PASS)
        old.save()
        entered = {"username": old.username, "password": PASS}
        assert Client().post("/account/sign-in/", entered).status_code == 302
    assert Client().post("/account/sign-in/", {"username": "\u3164", "password": PASS}).status_code == 302
    assert by_api("ada") == "account.taken"
