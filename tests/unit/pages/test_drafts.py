"""A session that ends while a form is filled in: the text is not lost."""

import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.unit.pages.content import BOARD, PASSWORD, Site

from farfield_web.submissions.models import Submission

pytestmark = [pytest.mark.django_db, pytest.mark.services]
TUNED = f"/submit/{BOARD}/with/tuned/"
PACKAGE = f"/submit/{BOARD}/bring/package/"


def draft_in(page: str) -> str:
    found = re.search(r'name="draft" value="([^"]+)"', page)
    return unescape(found[1]) if found else ""


def signed_in_with(client: Client, page: str, password: str = PASSWORD) -> str:
    form = {"username": "ada", "password": password, "draft": draft_in(page)}
    form["next"] = unescape(re.search(r'name="next" value="([^"]+)"', page)[1])  # type: ignore[index]
    return client.post("/account/sign-in/", form, follow=True).content.decode()


def test_a_form_comes_back_filled_after_signing_in(client: Client, site: Site) -> None:
    before = Submission.objects.count()
    page = client.post(TUNED, {"track": "open", "title": "my long title", "note": "two\nlines & <b>"}).content.decode()
    assert "What you filled in is kept" in page
    wrong = signed_in_with(client, page, "wrong")
    assert "Signing in did not work" in wrong
    again = signed_in_with(client, wrong)
    assert 'value="my long title"' in again
    assert "two\nlines &amp; &lt;b&gt;" in again
    assert "was not sent yet" in again
    assert Submission.objects.count() == before
    assert "my long title" not in client.get(TUNED).content.decode()


def test_files_are_not_kept(client: Client, site: Site) -> None:
    file = SimpleUploadedFile("a.whl", b"x" * 100)
    page = client.post(PACKAGE, {"track": "open", "title": "a title", "file": file}).content.decode()
    again = signed_in_with(client, page)
    assert 'value="a title"' in again
    assert "Received:" not in again


def test_a_draft_is_shown_only_where_it_was_written(client: Client, site: Site) -> None:
    page = client.post(TUNED, {"title": "my long title"}).content.decode()
    form = {"username": "ada", "password": PASSWORD, "draft": draft_in(page), "next": PACKAGE}
    assert "my long title" not in client.post("/account/sign-in/", form, follow=True).content.decode()
    assert "my long title" in client.get(TUNED).content.decode()


@pytest.mark.parametrize("draft", ["", "nonsense", "eyJwYXRoIjoiLyJ9:1:x"])
def test_a_draft_that_is_not_ours_is_left_out(client: Client, site: Site, draft: str) -> None:
    form = {"username": "ada", "password": PASSWORD, "draft": draft, "next": TUNED}
    assert client.post("/account/sign-in/", form, follow=True).status_code == 200


def test_too_much_is_not_carried_along(client: Client, site: Site) -> None:
    page = client.post(TUNED, {"note": "x" * 100_000}).content.decode()
    assert draft_in(page) == ""
    assert "Sign in" in page
