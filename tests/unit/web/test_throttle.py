"""Two doors, two rules: one throttle for the page and the API, by address and by name, shared by all processes."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from django.utils import timezone
from tests.unit.web.conftest import api_error
from tests.unit.web.test_api import basic

from farfield_web.accounts import throttle
from farfield_web.accounts.models import Allowance, User
from farfield_web.address import address_of, network
from farfield_web.errors import TooMany

pytestmark = [pytest.mark.services, pytest.mark.django_db]
PASS = "a long pass phrase"
HOME, ELSEWHERE = "192.0.2.1", "198.51.100.7"


@pytest.fixture(autouse=True)
def few(settings: Any) -> None:
    """Limits that a test reaches."""
    settings.THROTTLES = settings.THROTTLES | {
        "wrong passwords by address": (6, 600),
        "wrong passwords by name": (4, 3600),
        "wrong passwords at home": (3, 600),
        "sign-ups": (3, 3600),
        "wrong tokens": (3, 60),
        "API calls": (5, 60),
    }


def enter(name: str, password: str, address: str = HOME) -> int:
    return Client(REMOTE_ADDR=address).post("/account/sign-in/", {"username": name, "password": password}).status_code


def test_guessing_on_the_page_ends_with_a_time(person: User) -> None:
    assert [enter("ada", f"wrong {n}") for n in range(4)] == [200] * 4
    response = Client(REMOTE_ADDR=HOME).post("/account/sign-in/", {"username": "ada", "password": PASS})
    assert response.status_code == 429
    assert 800 < int(response["Retry-After"]) <= 900
    assert "Try again at" in response.content.decode()


def test_the_page_and_the_api_count_together(person: User, call: Any) -> None:
    for n in range(2):
        assert enter("ada", f"wrong {n}", "127.0.0.1") == 200
        assert call("post", "tokens", {"name": "x"}, Authorization=basic("ada", f"wrong {n}")).status_code == 401
    refused = call("post", "tokens", {"name": "x"}, Authorization=basic("ada", PASS))
    assert api_error(refused) == (429, "request.throttled")
    assert int(refused["Retry-After"]) > 0
    assert enter("ada", PASS, "127.0.0.1") == 429


def test_an_attacker_does_not_shut_out_the_owner_at_home(person: User, other: User) -> None:
    assert enter("ada", PASS, HOME) == 302
    for n in range(6):
        enter("ada", f"wrong {n}", ELSEWHERE)
    assert enter("ada", PASS, ELSEWHERE) == 429
    assert enter("ada", PASS, HOME) == 302
    assert enter("grace", PASS, HOME) == 302


def test_right_passwords_use_nothing_up(person: User) -> None:
    assert [enter("ada", PASS) for _ in range(12)] == [302] * 12


def test_names_that_do_not_exist_count_alike_and_cost_a_hash(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    monkeypatch.setattr(User, "set_password", lambda self, text: hashed.append(text))
    assert [enter("nobody-here", "wrong") for _ in range(5)] == [200] * 4 + [429]
    assert len(hashed) == 4


def test_many_names_from_one_address(db: None) -> None:
    assert [enter(f"name-{n}", "wrong") for n in range(7)][-1] == 429


def test_sign_ups_count_at_both_doors(db: None) -> None:
    client = Client()
    form = {"username": "one", "password1": PASS, "password2": PASS}
    assert client.post("/account/sign-up/", form).status_code == 302
    for name in ("two", "three"):
        made = client.post("/api/v1/accounts", {"username": name, "password": PASS}, content_type="application/json")
        assert made.status_code == 201
    page = Client().post("/account/sign-up/", form | {"username": "four"})
    assert (page.status_code, "Retry-After" in page) == (429, True)
    assert api_error(client.post("/api/v1/accounts", {}, content_type="application/json")) == (429, "request.throttled")


def test_the_old_password_is_no_cheaper_to_guess(person: User) -> None:
    client = Client(REMOTE_ADDR=HOME)
    client.force_login(person)
    form = {"old_password": "wrong", "new_password1": "another long phrase", "new_password2": "another long phrase"}
    assert [client.post("/account/password/", form).status_code for _ in range(5)] == [200] * 4 + [429]


def test_calls_of_the_api_are_bounded_for_each_person_and_address(person: User, other: User, call: Any) -> None:
    assert [call("get", "methods").status_code for _ in range(6)] == [200] * 5 + [429]
    assert call("get", "me", person=person).status_code == 200


def test_wrong_tokens_are_bounded_too(db: None, call: Any) -> None:
    answers = [call("get", "me", Authorization="Bearer ff_no").status_code for _ in range(4)]
    assert answers == [401, 401, 401, 429]


def test_workers_are_not_bounded(db: None, as_worker: Any) -> None:
    assert all(as_worker("claim", {"worker": "w", "resource": "cpu"}).status_code == 204 for _ in range(8))


def test_what_is_used_up_comes_back(db: None) -> None:
    for _ in range(3):
        throttle.take("sign-ups", "x", "no")
    with pytest.raises(TooMany) as caught:
        throttle.take("sign-ups", "x", "no")
    assert 1199 <= caught.value.seconds <= 1200
    throttle.give_back("sign-ups", "x")
    throttle.take("sign-ups", "x", "no")
    Allowance.objects.update(until=timezone.now() - timedelta(seconds=1))
    throttle.take("sign-ups", "x", "no")


def test_no_limit_is_a_limit_of_none(db: None, settings: Any) -> None:
    settings.THROTTLES = settings.THROTTLES | {"sign-ups": (0, 3600)}
    for _ in range(9):
        throttle.take("sign-ups", "x", "no")
    assert not Allowance.objects.exists()


def test_what_says_nothing_any_more_is_forgotten(db: None) -> None:
    throttle.take("sign-ups", "x", "no")
    Allowance.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert (throttle.forget(), Allowance.objects.count()) == (1, 0)


@pytest.mark.django_db(transaction=True)
def test_requests_at_once_cannot_take_the_same_twice() -> None:
    taken: list[bool] = []

    def one() -> None:
        try:
            throttle.take("sign-ups", "x", "no")
            taken.append(True)
        except TooMany:
            taken.append(False)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [False] * 9 + [True] * 3


def test_addresses_behind_proxies_and_of_ipv6(rf: RequestFactory, settings: Any) -> None:
    request = rf.get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="1.1.1.1, 2.2.2.2")
    settings.PROXIES = 0
    assert address_of(request) == "10.0.0.1"
    settings.PROXIES = 1
    assert address_of(request) == "2.2.2.2"
    assert network("2001:db8::1") == network("2001:db8::ffff")
    assert network("") == ""
