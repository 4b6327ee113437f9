"""Kept pages: the same for all who are not signed in, only while nothing has changed, and nobody else's."""

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from tests.unit.web.conftest import BOARD
from tests.unit.web.test_boards import evaluated

from farfield_web import kept
from farfield_web.accounts.models import User
from farfield_web.submissions.rulings import invalidate


@pytest.fixture(autouse=True)
def fresh(settings: Any, monkeypatch: pytest.MonkeyPatch) -> kept.Pages:
    settings.KEPT_BYTES = 2_000_000
    pages = kept.Pages()
    monkeypatch.setattr(kept, "PAGES", pages)
    return pages


class Counting:
    """A view that says how often it was asked."""

    def __init__(self, **headers: str) -> None:
        self.asked, self.stamp, self.headers = 0, "one", headers
        self.view = kept.kept(lambda request: self.stamp)(self._answer)

    def _answer(self, request: HttpRequest) -> HttpResponse:
        self.asked += 1
        return HttpResponse(f"asked {self.asked}", headers=self.headers)

    def __call__(self, path: str = "/", **headers: str) -> str:
        cookies = headers.pop("cookies", "")
        request = RequestFactory().get(path, headers=headers, HTTP_COOKIE=cookies)
        return str(self.view(request).content.decode())


def test_a_page_is_made_once_for_a_stamp_and_an_address() -> None:
    view = Counting()
    assert [view(), view(), view("/?page=2"), view()] == ["asked 1", "asked 1", "asked 2", "asked 1"]
    view.stamp = "two"
    assert [view(), view()] == ["asked 3", "asked 3"]


@pytest.mark.parametrize("headers", [{"Authorization": "Bearer x"}, {"HX-Request": "true"}])
def test_what_is_asked_for_oneself_is_neither_served_nor_kept(headers: dict[str, str]) -> None:
    view = Counting()
    assert [view(**headers), view(), view(**headers), view()] == ["asked 1", "asked 2", "asked 3", "asked 2"]


def test_who_has_a_session_or_a_message_gets_a_page_of_their_own(settings: Any) -> None:
    view = Counting()
    for cookie in (f"{settings.SESSION_COOKIE_NAME}=x", "messages=x"):
        asked = view.asked
        assert [view(cookies=cookie), view(cookies=cookie)] == [f"asked {asked + 1}", f"asked {asked + 2}"]


def test_nothing_is_kept_where_the_operator_wants_that(settings: Any) -> None:
    settings.KEPT_BYTES = 0
    view = Counting()
    assert [view(), view()] == ["asked 1", "asked 2"]


def test_none_is_kept_for_longer_than_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    view, now = Counting(), [0.0]
    monkeypatch.setattr(kept.time, "monotonic", lambda: now[0])
    view()
    now[0] = kept.MOST_SECONDS + 1
    assert view() == "asked 2"


def test_no_more_is_kept_than_fits(settings: Any, fresh: kept.Pages) -> None:
    view = Counting()
    one = len("asked 1") + len(kept.gzip.compress(b"asked 1", 6, mtime=0))
    settings.KEPT_BYTES = 2 * one
    assert [view("/a"), view("/b"), view("/a"), view("/c")] == ["asked 1", "asked 2", "asked 1", "asked 3"]
    assert [view("/a"), view("/b")] == ["asked 1", "asked 4"]


@pytest.mark.services
@pytest.mark.django_db
def test_pages_follow_their_boards_and_tell_unchanged_ones(
    announced: None, person: User, client: Client, django_assert_num_queries: Any
) -> None:
    made = evaluated(person, 0.7)
    addresses = ["/", f"/boards/{BOARD}/", "/methods/constant/", f"/submissions/{made.pk}/"]
    addresses.append(f"/api/v1/leaderboards/{BOARD}")
    for address in addresses:
        client.get(address)  # which makes the lines of every board that had none
    first = {address: client.get(address) for address in addresses}
    for address, was in first.items():
        with django_assert_num_queries(4, exact=False):
            again = client.get(address, headers={"Accept-Encoding": "gzip"})
        assert again.headers["Content-Encoding"] == "gzip"
        assert kept.gzip.decompress(again.content) == was.content
        assert client.get(address, headers={"If-None-Match": was.headers["ETag"]}).status_code == 304
    invalidate(made, "It saw the labels.", "operator")
    for address, was in first.items():
        now = client.get(address)
        assert now.status_code == 200
        assert now.content != was.content, address


@pytest.mark.services
@pytest.mark.django_db
def test_who_is_signed_in_sees_their_own_name_and_leaves_nothing(announced: None, person: User, client: Client) -> None:
    evaluated(person, 0.7)
    client.force_login(person)
    assert "Sign out" in client.get("/").content.decode()
    stranger = Client().get("/").content.decode()
    assert "Sign in" in stranger
    assert "Sign out" not in stranger
    assert "Sign out" in client.get("/").content.decode()
