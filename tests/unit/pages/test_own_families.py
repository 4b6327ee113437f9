"""Boards of one's own of boxes and of numbers: pages and API offer what can be handed in, and nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.unit.evaluators.own.made import installed
from tests.unit.evaluators.own.test_coco import TEXT as OF_BOXES
from tests.unit.evaluators.own.test_regression_board import TEXT as OF_NUMBERS
from tests.unit.pages.brought import npz_bytes
from tests.unit.pages.content import Site, announce_data

from farfield_evaluators.catalog import find
from farfield_web.accounts.models import User
from farfield_web.accounts.tokens import create_token
from farfield_web.submissions.models import Submission

pytestmark = [pytest.mark.django_db, pytest.mark.services]

BOXES, NUMBERS = "own/boxed", "own/numbered"
PUBLIC = "[access]\npublic = true\n"
FORM = {"idempotency_key": "k1", "track": "open", "title": "mine", "note": "", "upload": ""}
SAYS = {"method": "elsewhere", "summary": "Made at home.", "backbone": "none", "pretraining": ""}


@pytest.fixture
def boards(tmp_path: Path, site: Site) -> Iterator[None]:
    with installed(tmp_path / "var", boxed=OF_BOXES + PUBLIC, numbered=OF_NUMBERS + PUBLIC):
        for name in (BOXES, NUMBERS):
            announce_data(find(name))
        yield


@pytest.mark.parametrize("name", [BOXES, NUMBERS])
@pytest.mark.parametrize(
    "address",
    [
        "/benchmarks/{}/", "/boards/{}/", "/submit/", "/submit/{}/", "/submit/{}/bring/package/",
        "/submit/{}/bring/container/", "/api/v1/benchmarks/{}", "/api/v1/leaderboards/{}",
    ],
)  # fmt: skip
def test_every_page_is_there(ada: Client, boards: None, name: str, address: str) -> None:
    assert ada.get(address.format(name)).status_code == 200


def test_predictions_are_offered_where_an_image_has_one_row(ada: Client, boards: None) -> None:
    assert "Upload predictions" not in ada.get(f"/submit/{BOXES}/").content.decode()
    assert "in one of three ways" in ada.get(f"/submit/{BOXES}/").content.decode()
    assert ada.get(f"/submit/{BOXES}/bring/predictions/").status_code == 404
    assert "Upload predictions" in ada.get(f"/submit/{NUMBERS}/").content.decode()
    assert "in one of four ways" in ada.get(f"/submit/{NUMBERS}/").content.decode()
    assert "of regression" in ada.get(f"/submit/{NUMBERS}/bring/predictions/").content.decode()


def test_a_file_of_boxes_is_refused_in_words(ada: Client, boards: None) -> None:
    file = SimpleUploadedFile("p.npz", npz_bytes())
    page = ada.post(f"/submit/{NUMBERS}/bring/predictions/", {**FORM, **SAYS, "file": file})
    assert page.status_code == 302
    sent = Submission.objects.get(benchmark=NUMBERS).upload
    assert sent
    headers = {"Authorization": f"Bearer {create_token(User.objects.get(username='ada'), 'test')[1]}"}
    body = {
        "benchmark": BOXES, "kind": "predictions", "track": "open", "method": "elsewhere", "summary": "At home.",
        "upload": sent.sha256, "claims": {"backbone": "none"},
    }  # fmt: skip
    response = Client().post("/api/v1/submissions", body, content_type="application/json", headers=headers)
    assert response.status_code in (400, 422), response.content
    assert b"predictions.not_taken" in response.content
