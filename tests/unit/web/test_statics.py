"""Static files: fingerprints and compression without a build step, and the sources where nothing was gathered."""

import gzip
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.services import static_files_in

from farfield_web import statics

pytestmark = pytest.mark.services
SHEET = re.compile(r'href="(/static/farfield/farfield\.[0-9a-f]{12}\.css)"')


def body_of(answer: Any) -> bytes:
    content = b"".join(answer.streaming_content)
    answer.close()
    return content


@pytest.fixture
def gathered(settings: Any, tmp_path: Path) -> Path:
    static_files_in(settings, tmp_path / "var" / "static")
    statics.gather()
    return Path(settings.STATIC_ROOT)


@pytest.mark.django_db
def test_names_have_fingerprints_and_are_kept_for_good(gathered: Path) -> None:
    client = Client()
    page = client.get("/").content.decode()
    address = SHEET.search(page)
    assert address
    answer = client.get(address[1], headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "immutable" in answer.headers["Cache-Control"]
    assert b"--paper" in gzip.decompress(body_of(answer))
    assert body_of(client.get("/static/farfield/mark.svg")).startswith(b"<svg")


def test_gathering_again_changes_nothing(gathered: Path) -> None:
    before = sorted(path.name for path in gathered.rglob("*"))
    statics.gather()
    assert sorted(path.name for path in gathered.rglob("*")) == before
    assert not any("rest_framework" in name for name in before)


@pytest.mark.django_db
def test_nothing_gathered_serves_the_sources(settings: Any, tmp_path: Path) -> None:
    static_files_in(settings, tmp_path / "none")
    client = Client()
    assert 'href="/static/farfield/farfield.css"' in client.get("/").content.decode()
    assert body_of(client.get("/static/farfield/farfield.css")).startswith(b"/* Farfield")


def test_a_folder_that_cannot_be_written_to_is_said(
    settings: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    static_files_in(settings, tmp_path / "file" / "static")
    statics.gather()
    assert "without fingerprints" in caplog.text
