"""The forms for a package, predictions and an image: help, errors beside their field, sent once."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.unit.pages.brought import IMAGE, npz_bytes, send, wheel_bytes
from tests.unit.pages.content import BOARD, HOSTILE, Site

from farfield_web.submissions.models import Submission, Upload, Worker

pytestmark = [pytest.mark.django_db, pytest.mark.services]

WHEEL = "toy_method-1.0-py3-none-any.whl"
PACKAGE, PREDICTIONS, CONTAINER = (f"/submit/{BOARD}/bring/{way}/" for way in ("package", "predictions", "container"))
FORM = {"idempotency_key": "k1", "track": "open", "title": "mine", "note": "", "upload": ""}
SAYS = {"method": "elsewhere", "summary": "Made at home.", "backbone": "clip", "pretraining": "laion-2b, imagenet-1k"}


@pytest.fixture
def wheel(tmp_path: Path) -> bytes:
    return wheel_bytes(tmp_path / "w")


def post(browser: Client, path: str, name: str = "", content: bytes = b"", **values: str) -> Any:
    file = {"file": SimpleUploadedFile(name, content)} if name else {}
    return browser.post(path, {**FORM, **values, **file})


def beside(page: str, field: str) -> str:
    """The page around a field, up to the next one."""
    start = page.index(f'for="id_{field}"')
    end = page.find('<div class="field">', start)
    return page[start : end if end > 0 else None]


def test_the_four_ways_are_offered(client: Client, site: Site) -> None:
    page = client.get(f"/submit/{BOARD}/").content.decode()
    for text in ("Configure a listed method", "Upload a package", "Upload predictions", "Name a container image"):
        assert text in page
    assert "No worker takes this at present" not in page
    Worker.objects.update(accepts=["configuration"])
    assert client.get(f"/submit/{BOARD}/").content.decode().count("No worker takes this at present") == 3


def test_the_package_page_says_what_to_know(ada: Client, site: Site) -> None:
    page = ada.get(PACKAGE).content.decode()
    for text in ("farfield check PATH", "256 MB", "without a network", "wheels only", 'enctype="multipart/form-data"'):
        assert text in page
    assert ada.get(f"/submit/{BOARD}/bring/nothing/").status_code == 404


def test_a_package_becomes_a_submission(ada: Client, site: Site, wheel: bytes) -> None:
    response = post(ada, PACKAGE, WHEEL, wheel, config='{"rate": 0.1}', note="hello")
    made = Submission.objects.get(kind="plugin")
    assert response["Location"] == f"/submissions/{made.pk}/"
    assert (made.config, made.title, made.note, made.method) == ({"rate": 0.1}, "mine", "hello", None)
    assert made.upload
    assert made.upload.filename == WHEEL


def test_sending_twice_makes_one(ada: Client, site: Site, wheel: bytes) -> None:
    first, second = (post(ada, PACKAGE, WHEEL, wheel) for _ in "ab")
    assert first["Location"] == second["Location"]
    assert Submission.objects.filter(kind="plugin").count() == 1


def test_a_form_sent_again_with_other_values_asks_first(ada: Client, site: Site, wheel: bytes) -> None:
    post(ada, PACKAGE, WHEEL, wheel)
    page = post(ada, PACKAGE, WHEEL, wheel, title="other").content.decode()
    assert "You sent this form before" in page
    assert 'value="k1"' not in page


@pytest.mark.parametrize(
    ("values", "field", "reason"),
    [
        ({"config": "{rate: 1}"}, "config", "at line 1, column 2"),
        ({"config": "[1]"}, "config", "Write an object in braces"),
        ({"config": '{"a": NaN}'}, "config", "NaN is not a number"),
        ({"config": "[" * 100_000}, "config", "cannot be read"),
        ({"config": '{"a": [1]}'}, "config", "<code>config.invalid</code>"),
        ({"method": "Not A Name"}, "method", "<code>method.bad_name</code>"),
        ({"method": "constant"}, "method", "<code>plugin.name_taken</code>"),
        ({"title": "x" * 101}, "title", "at most 100 characters"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_errors_stand_beside_their_field(
    ada: Client, site: Site, wheel: bytes, values: dict[str, str], field: str, reason: str
) -> None:
    response = post(ada, PACKAGE, WHEEL, wheel, **values)
    assert response.status_code == 422
    page = response.content.decode()
    assert reason in beside(page, field)
    assert f"Received: {WHEEL}" in page
    assert not Submission.objects.filter(kind="plugin").exists()


def test_a_file_that_was_taken_need_not_be_sent_again(ada: Client, site: Site, wheel: bytes) -> None:
    page = post(ada, PACKAGE, WHEEL, wheel, config="{").content.decode()
    kept = re.search(r'name="upload" value="(\w{64})"', page)
    assert kept
    assert post(ada, PACKAGE, upload=kept[1]).status_code == 302
    assert Submission.objects.get(kind="plugin").upload == Upload.objects.get(content__sha256=kept[1])


def test_a_refused_file_ends_what_was_taken_before_it(ada: Client, site: Site, wheel: bytes) -> None:
    page = post(ada, PACKAGE, WHEEL, wheel, config="{").content.decode()
    kept = re.search(r'name="upload" value="(\w{64})"', page)
    assert kept
    page = post(ada, PACKAGE, "next.whl", b"no", upload=kept[1]).content.decode()
    assert kept[1] not in page
    assert "Choose a file." in post(ada, PACKAGE).content.decode()


@pytest.mark.parametrize(
    ("path", "name", "content", "code"),
    [
        (PACKAGE, "x.whl", b"no", "plugin.not_a_package"),
        (PACKAGE, "x.whl", b"", "plugin.not_a_package"),
        (PACKAGE, f"{HOSTILE}.whl", b"no", "plugin.not_a_package"),
        (PACKAGE, "p.npz", npz_bytes(), "plugin.not_a_package"),
        (PREDICTIONS, "p.npz", b"no", "predictions.not_a_file"),
        (PREDICTIONS, WHEEL, b"no", "predictions.not_a_file"),
    ],
)
def test_a_file_that_is_refused_says_why(
    ada: Client, site: Site, path: str, name: str, content: bytes, code: str
) -> None:
    response = post(ada, path, name, content, **SAYS)
    assert response.status_code == 422
    page = response.content.decode()
    assert f"<code>{code}</code>" in beside(page, "file")
    assert "Choose a file." not in page
    assert "<script>alert" not in page
    assert not Upload.objects.exists()


def test_a_file_is_needed(ada: Client, site: Site) -> None:
    page = post(ada, PACKAGE).content.decode()
    assert "Choose a file." in beside(page, "file")


@pytest.mark.parametrize("size", [200, 3 * 1024 * 1024])
def test_a_file_over_the_limit(ada: Client, site: Site, settings: Any, var: Path, size: int) -> None:
    settings.MAX_UPLOAD_BYTES = 100
    response = post(ada, PACKAGE, WHEEL, b"x" * size)
    assert response.status_code == 422
    assert "<code>upload.too_large</code>" in beside(response.content.decode(), "file")
    assert not list(var.rglob("*/*"))


def test_another_persons_file_is_not_taken(ada: Client, site: Site, wheel: bytes) -> None:
    theirs = send(site.grace, WHEEL, wheel)
    page = post(ada, PACKAGE, upload=theirs.sha256).content.decode()
    assert "<code>upload.unknown</code>" in page
    assert f"Received: {WHEEL}" not in page


@pytest.mark.parametrize("track", ["", "none"])
def test_a_track_is_needed(ada: Client, site: Site, wheel: bytes, track: str) -> None:
    page = post(ada, PACKAGE, WHEEL, wheel, track=track).content.decode()
    assert "Choose a track." in page[page.index('id="track-error"') :][:300]


def test_without_a_worker_for_it_the_form_says_so(ada: Client, site: Site, wheel: bytes) -> None:
    Worker.objects.update(accepts=["configuration"])
    assert "No worker of this site takes this kind" in ada.get(PACKAGE).content.decode()
    page = post(ada, PACKAGE, WHEEL, wheel).content.decode()
    assert "platform.no_sandbox" in page


def test_too_many_files_within_the_hour(ada: Client, site: Site, wheel: bytes, settings: Any) -> None:
    settings.THROTTLES = {**settings.THROTTLES, "uploads": (1, 3600)}
    post(ada, PACKAGE, WHEEL, wheel)
    assert "upload.too_many" in post(ada, PACKAGE, WHEEL, wheel).content.decode()


def test_a_folder_of_predictions_is_listed_by_the_names_of_its_files(ada: Client, site: Site) -> None:
    page = ada.get("/submit/wilds/poverty/bring/predictions/").content.decode()
    assert "The 20 files that it holds" in page
    for fold in "ABCDE":
        assert f"<code>poverty_split:id_val_fold:{fold}.csv</code>" in page
    assert "split:train" not in page
    assert "files that it holds" not in ada.get(PREDICTIONS).content.decode()


def test_predictions_become_a_submission(ada: Client, site: Site) -> None:
    post(ada, PREDICTIONS, "p.npz", npz_bytes(), **SAYS)
    made = Submission.objects.get(kind="predictions")
    assert made.method
    claims = {"backbone": "clip", "pretraining": ["laion-2b", "imagenet-1k"], "extra_data": []}
    assert (made.method.name, made.method.spec["claims"]) == ("elsewhere", claims)


@pytest.mark.parametrize(
    ("values", "field", "reason"),
    [
        ({"method": ""}, "method", "required"),
        ({"summary": ""}, "summary", "required"),
        ({"backbone": ""}, "backbone", "required"),
        ({"method": "constant"}, "method", "plugin.name_taken"),
        ({"backbone": "a\u202eb"}, "backbone", ""),
    ],
    ids=str,
)
def test_what_is_said_of_predictions_is_checked(
    ada: Client, site: Site, values: dict[str, str], field: str, reason: str
) -> None:
    response = post(ada, PREDICTIONS, "p.npz", npz_bytes(), **(SAYS | values))
    if reason:
        assert response.status_code == 422
        assert reason in beside(response.content.decode(), field)


def test_a_track_that_the_claims_close(ada: Client, site: Site) -> None:
    page = post(ada, PREDICTIONS, "p.npz", npz_bytes(), **SAYS, track="scratch").content.decode()
    assert "track.refused" in page[page.index('id="track-error"') :][:600]


def test_an_image_becomes_a_submission(ada: Client, site: Site) -> None:
    post(ada, CONTAINER, image=IMAGE)
    assert Submission.objects.get(kind="container").image == IMAGE
    page = post(ada, CONTAINER, image="method:latest", idempotency_key="k2").content.decode()
    assert "<code>plugin.not_allowed</code>" in beside(page, "image")


def test_hostile_text_is_only_text(ada: Client, site: Site, wheel: bytes) -> None:
    page = post(ada, PACKAGE, WHEEL, wheel, method=HOSTILE[:60], config=HOSTILE, note=HOSTILE).content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
