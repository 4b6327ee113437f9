"""The database, and a site with content: two people, three methods, entries in every state."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.services import safe_settings
from tests.unit.pages.brought import bring_all
from tests.unit.pages.content import PASSWORD, Site, fill

from farfield_web.accounts.models import User
from farfield_web.submissions.models import Submission

__all__ = ["safe_settings"]


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers are not woken: pages only read what is stored."""
    monkeypatch.setattr("farfield_web.runs.submit.wake_on_commit", lambda resource, count=1: None)
    monkeypatch.setattr("farfield_web.runs.outcomes.wake_on_commit", lambda resource, count=1: None)
    monkeypatch.setattr("farfield_web.runs.verbs.wake_on_commit", lambda resource, count=1: None)


@pytest.fixture(autouse=True)
def var(settings: Any, tmp_path: Path) -> Path:
    """The site's own folder, where uploads lie."""
    settings.VAR = tmp_path / "var"
    return tmp_path / "var"


@pytest.fixture
def brought(site: Site, tmp_path: Path) -> dict[str, Submission]:
    """Submissions of packages, predictions and an image, by state."""
    return bring_all(site, tmp_path / "wheels")


@pytest.fixture
def site(db: None) -> Site:
    return fill()


@pytest.fixture
def ada(site: Site) -> Client:
    """The browser of the person who made the submissions."""
    return signed_in(site.ada)


@pytest.fixture
def stranger(site: Site) -> Client:
    """The browser of somebody else."""
    return signed_in(site.grace)


def signed_in(person: User) -> Client:
    client = Client()
    assert client.login(username=person.username, password=PASSWORD)
    return client
