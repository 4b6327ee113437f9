"""Tokens are kept one a site, whole or not at all, where only their owner reads them."""

import stat
from pathlib import Path

import pytest
from tests.unit.sdk.client.answering import URL

from farfield.client import NotSignedIn, Site, credentials
from farfield.errors import UsageError


@pytest.fixture(autouse=True)
def own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    for name in (credentials.TOKEN, credentials.SITE):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "farfield" / "tokens.json"


def test_only_the_owner_reads_them(own_place: Path) -> None:
    assert credentials.keep(URL, "ff_one") == own_place
    assert stat.S_IMODE(own_place.stat().st_mode) == 0o600
    own_place.chmod(0o644)
    credentials.keep(URL, "ff_two")
    assert stat.S_IMODE(own_place.stat().st_mode) == 0o600
    assert [path.name for path in own_place.parent.iterdir()] == ["tokens.json"]


def test_each_site_has_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    credentials.keep(URL, "ff_one")
    credentials.keep("http://localhost:8000", "ff_two")
    assert [credentials.token_for(url) for url in (URL, "http://localhost:8000", "https://evil.example")] == [
        "ff_one", "ff_two", "",
    ]  # fmt: skip
    monkeypatch.setenv(credentials.TOKEN, "ff_ci")
    assert credentials.token_for(URL) == "ff_ci"


def test_what_is_forgotten_is_gone() -> None:
    credentials.keep(URL, "ff_one")
    assert (credentials.forget(URL), credentials.forget(URL), credentials.token_for(URL)) == ("ff_one", "", "")


def test_a_file_of_another_hand_is_said_and_left(own_place: Path) -> None:
    own_place.parent.mkdir()
    own_place.write_text("{broken")
    with pytest.raises(UsageError, match="remove it, and log in again"):
        credentials.token_for(URL)
    assert own_place.read_text() == "{broken"


@pytest.mark.parametrize("url", ["farfield.example", "ftp://x", "https://me:secret@x", "https://", "https://x?y=1"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="is no address of a site"):
        credentials.site_url(url)


def test_a_deed_that_needs_a_token_says_how_to_get_one() -> None:
    with pytest.raises(NotSignedIn, match=f"farfield login --site {URL}"):
        Site(URL).me()
