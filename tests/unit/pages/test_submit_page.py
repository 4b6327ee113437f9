"""The way to a submission: choose, fill in, be told what is wrong, send once."""

import re

import pytest
from django.test import Client
from tests.unit.pages.content import BOARD, Site

from farfield_web.submissions.models import Method, Submission

pytestmark = [pytest.mark.django_db, pytest.mark.services]

FORM = f"/submit/{BOARD}/with/tuned/"
VALID = {
    "idempotency_key": "k1", "track": "open", "config-rate": "0.5", "config-steps": "7", "config-head": "linear",
    "config-freeze": "on", "title": "mine", "note": "",
}  # fmt: skip


def newest() -> Submission:
    return Submission.objects.order_by("-created_at")[0]


def test_only_methods_of_the_family_are_offered(ada: Client, site: Site) -> None:
    page = ada.get(f"/submit/{BOARD}/").content.decode()
    assert "/with/tuned/" in page
    assert "msp" not in page
    assert ada.get(f"/submit/{BOARD}/with/msp/").status_code == 404


def test_a_valid_form_becomes_a_submission(ada: Client, site: Site) -> None:
    response = ada.post(FORM, VALID, follow=True)
    assert response.redirect_chain == [(f"/submissions/{newest().pk}/", 302)]
    assert newest().config == {"rate": 0.5, "steps": 7, "head": "linear", "freeze": True}
    assert newest().title == "mine"


def test_sending_twice_makes_one(ada: Client, site: Site) -> None:
    before = Submission.objects.count()
    first, second = ada.post(FORM, VALID), ada.post(FORM, VALID)
    assert first["Location"] == second["Location"]
    assert Submission.objects.count() == before + 1


def test_each_form_has_a_key_of_its_own(ada: Client, site: Site) -> None:
    keys = [re.search(r'name="idempotency_key" value="(\w{32})"', ada.get(FORM).content.decode()) for _ in "ab"]
    assert keys[0]
    assert keys[1]
    assert keys[0][1] != keys[1][1]


def test_a_form_sent_again_with_other_values_asks_first(ada: Client, site: Site) -> None:
    ada.post(FORM, VALID)
    response = ada.post(FORM, {**VALID, "config-steps": "8"})
    page = response.content.decode()
    assert response.status_code == 422
    assert "You sent this form before" in page
    assert 'value="k1"' not in page


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("config-rate", "2", "Must be at most 1"),
        ("config-steps", "few", "Enter a whole number."),
        ("title", "x" * 101, "at most 100 characters"),
    ],
)
def test_a_wrong_value_is_explained_beside_its_field(
    ada: Client, site: Site, field: str, value: str, reason: str
) -> None:
    before = Submission.objects.count()
    response = ada.post(FORM, {**VALID, field: value})
    assert response.status_code == 422
    assert Submission.objects.count() == before
    page = response.content.decode()
    around = page[page.index(f'name="{field}"') - 300 : page.index(f'name="{field}"') + 700]
    assert reason in around
    assert 'aria-invalid="true"' in around
    assert 'value="k1"' in page


def test_refused_tracks_are_disabled_with_their_reason(ada: Client, site: Site) -> None:
    page = ada.get(FORM).content.decode()
    refused = page[page.index('id="track-scratch"') :]
    assert "disabled" in refused[: refused.index(">")]
    assert "pre-training on laion-2b is not allowed" in refused


@pytest.mark.parametrize(("track", "reason"), [("scratch", "may not enter"), ("", "Choose a track"), ("x", "no track")])
def test_a_refused_track_is_explained(ada: Client, site: Site, track: str, reason: str) -> None:
    response = ada.post(FORM, {**VALID, "track": track})
    assert response.status_code == 422
    page = response.content.decode()
    assert reason in page[page.index('id="track-error"') :][:300]


def test_a_used_up_quota_says_when(ada: Client, site: Site, settings: object) -> None:
    settings.QUOTA_SUBMISSIONS = 1  # type: ignore[attr-defined]
    response = ada.post(FORM, VALID)
    assert response.status_code == 422
    assert "The next is possible at" in response.content.decode()


def test_a_method_that_no_worker_offers_any_more(ada: Client, site: Site) -> None:
    Method.objects.filter(name="tuned").update(available=False)
    assert "No worker offers" in ada.post(FORM, VALID).content.decode()
    assert "cannot be submitted" in ada.get("/methods/tuned/").content.decode()


def test_a_stranger_to_the_site_must_sign_in(client: Client, site: Site) -> None:
    assert "What you filled in is kept: sign in" in client.post(FORM, VALID).content.decode()
