"""`make dev`: a site with debug pages that starts anew when a file of it changes."""

from pathlib import Path

import httpx
import pytest

import farfield_web
from farfield_local.processes import while_working
from farfield_local.site import Site, running_site

pytestmark = [pytest.mark.services, pytest.mark.slow]


def log_of(site: Site) -> str:
    return (site.var / "log" / "web-server.log").read_text(encoding="utf-8")


def test_it_shows_debug_pages_and_starts_anew_when_a_file_changes(tmp_path: Path) -> None:
    watched = Path(farfield_web.__file__).with_name("words.py")
    with running_site(tmp_path / "var", None, lambda said: None, settings=while_working({})) as site:
        missing = httpx.get(f"{site.url}/no-such-page/", timeout=60)
        assert missing.status_code == 404
        assert "DEBUG = True" in missing.text
        watched.touch()
        site.wait(lambda: "words.py changed, reloading" in log_of(site), 60, "the reload")
        # The socket stays open meanwhile, so that nobody is refused.
        assert httpx.get(f"{site.url}/no-such-page/", timeout=60).status_code == 404
