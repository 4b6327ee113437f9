"""Entering a sweep: its tier, its settings, and the records of one that was run elsewhere."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.unit.pages.content import BOARD, Site
from tests.unit.pages.sweeps import PACS, announce_sweeps
from tests.unit.web.sweeps import run_files, zip_of

from farfield_evaluators.suites.domainbed import datasets
from farfield_web.submissions.models import Submission

pytestmark = [pytest.mark.django_db, pytest.mark.services]

FORM = f"/submit/{PACS}/with/erm/"
VALID = {"idempotency_key": "k", "tier": "smoke", "track": "open", "title": "", "note": ""}
BRING = f"/submit/{PACS}/bring/predictions/"
RECORDS = {**VALID, "method": "my-erm", "summary": "ERM elsewhere.", "backbone": "resnet-50"}


@pytest.fixture(autouse=True)
def _announced(site: Site) -> None:
    announce_sweeps()


def newest() -> Submission:
    return Submission.objects.order_by("-created_at")[0]


def archive(tier: str, dataset: str = PACS) -> SimpleUploadedFile:
    return SimpleUploadedFile("sweep.zip", zip_of(run_files(tier, dataset=datasets.find(dataset))))


def test_the_form_tells_the_tiers_and_their_sizes(ada: Client) -> None:
    page = ada.get(FORM).content.decode()
    for runs in ("12 runs", "240 runs", "600 runs", "4 runs"):
        assert runs in page
    assert page.count('name="tier"') == 5
    assert page.count("checked") == 2
    assert 'name="tier"' not in ada.get(f"/submit/{BOARD}/with/tuned/").content.decode()


def test_a_sweep_has_a_run_for_each_cell_and_keeps_settings_as_entered(ada: Client) -> None:
    ada.post(FORM, {**VALID, "config-rate": "0.5", "config-steps": "", "config-head": "", "config-freeze": ""})
    assert newest().tier == "smoke"
    assert newest().runs.count() == 4
    assert newest().config == {"rate": 0.5}
    ada.post(FORM, {**VALID, "idempotency_key": "k2", "config-freeze": "off"})
    assert newest().config == {"freeze": False}


def test_the_form_of_a_sweep_takes_domainbeds_hyperparameters_beside_the_methods(ada: Client) -> None:
    page = ada.get(FORM).content.decode()
    assert 'name="config-batch_size"' in page
    assert 'name="config-class_balanced"' in page
    # This method has no network to choose.
    assert 'name="config-resnet18"' not in page
    ada.post(FORM, {**VALID, "config-batch_size": "8", "config-class_balanced": "on"})
    assert newest().config == {"batch_size": 8, "class_balanced": True}
    response = ada.post(FORM, {**VALID, "idempotency_key": "k2", "config-batch_size": "0"})
    assert response.status_code == 422


@pytest.mark.parametrize(("tier", "reason"), [("", "Choose a tier."), ("huge", "has no tier")])
def test_a_wrong_tier_is_explained_beside_its_field(ada: Client, tier: str, reason: str) -> None:
    response = ada.post(FORM, {**VALID, "tier": tier})
    assert response.status_code == 422
    page = response.content.decode()
    assert reason in page[page.index('id="tier-error"') :][:300]


def test_a_tier_too_large_for_the_site_cannot_be_chosen(ada: Client, settings: Any) -> None:
    settings.MAX_ENTRY_RUNS = 100
    page = ada.get(FORM).content.decode()
    assert page.count("this site takes at most 100 runs at once") == 2
    assert "disabled" in page[page.index('id="tier-full"') :].split(">", maxsplit=1)[0]
    response = ada.post(FORM, {**VALID, "tier": "full"})
    assert response.status_code == 422
    assert "at most 100" in response.content.decode()


def test_a_sweep_is_offered_records_instead_of_predictions(ada: Client) -> None:
    assert "Upload the records of a sweep" in ada.get(f"/submit/{PACS}/").content.decode()
    assert "Upload predictions" in ada.get(f"/submit/{BOARD}/").content.decode()
    page = ada.get(BRING).content.decode()
    assert "results.jsonl" in page
    assert 'accept=".zip"' in page


def test_records_become_a_submission_with_one_run(ada: Client) -> None:
    response = ada.post(BRING, {**RECORDS, "file": archive("smoke")}, follow=True)
    assert response.redirect_chain == [(f"/submissions/{newest().pk}/", 302)]
    assert (newest().kind, newest().tier) == ("predictions", "smoke")
    assert newest().runs.count() == 1
    page = response.content.decode()
    assert "Uploaded predictions, not run here" in page
    assert '<details class="group">' not in page
    assert "Timeline" in page


def test_records_of_another_tier_are_refused_beside_the_tier(ada: Client) -> None:
    response = ada.post(BRING, {**RECORDS, "tier": "defaults", "file": archive("smoke")})
    assert response.status_code == 422
    page = response.content.decode()
    assert "records.wrong_tier" in page[page.index('id="tier-error"') :][:600]
    assert "Received: sweep.zip" in page
    assert Submission.objects.filter(benchmark=PACS).count() == 0


def test_records_of_another_data_set_are_refused(ada: Client) -> None:
    response = ada.post(BRING, {**RECORDS, "file": archive("smoke", "domainbed/vlcs")})
    assert response.status_code == 422
    assert "holds records of VLCS, not of PACS" in response.content.decode()


def test_a_package_can_enter_a_tier(ada: Client) -> None:
    page = ada.get(f"/submit/{PACS}/bring/package/").content.decode()
    assert page.count('name="tier"') == 5
    response = ada.post(f"/submit/{PACS}/bring/package/", {**VALID, "tier": ""})
    assert "Choose a tier." in response.content.decode()
