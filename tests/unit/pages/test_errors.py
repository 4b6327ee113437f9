"""Pages for what goes wrong."""

import pytest
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from tests.unit.pages.content import Site

from farfield_web.pages.views.errors import bad_request

pytestmark = [pytest.mark.django_db, pytest.mark.services]


def test_a_body_that_is_too_large_is_413(rf: RequestFactory) -> None:
    response = bad_request(rf.post("/"), RequestDataTooBig())
    assert response.status_code == 413
    assert b"too large" in response.content


def test_other_bad_requests_are_400(rf: RequestFactory) -> None:
    assert bad_request(rf.get("/"), SuspiciousOperation()).status_code == 400


def test_a_form_larger_than_the_site_takes(ada: Client, settings: object) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100  # type: ignore[attr-defined]
    response = ada.post("/account/", "name=" + "x" * 1000, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 413


def test_an_expired_form_says_what_to_do(site: Site) -> None:
    browser = Client(enforce_csrf_checks=True)
    response = browser.post("/account/sign-in/", {"username": "ada", "password": "x"})
    assert response.status_code == 403
    assert b"reload the page" in response.content


def test_the_page_of_our_own_failures_needs_nothing() -> None:
    assert "on our side" in render_to_string("500.html")


def test_a_failing_view_shows_it(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("farfield_web.pages.views.home.fullest", broken)
    response = Client(raise_request_exception=False).get("/")
    assert response.status_code == 500
    assert b"Something broke on our side" in response.content
