"""The database, and a site with content: two people, three methods, entries in every state."""

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker
from tests.services import rows_of_a_module, safe_settings
from tests.unit.pages.brought import bring_all
from tests.unit.pages.content import PASSWORD, Site, fill

from farfield_web.accounts.models import User
from farfield_web.submissions.models import Submission

__all__ = ["safe_settings"]
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In each file those tests come first that are of an empty site, for what is made for a file stays to its end."""
    places: dict[Path, list[int]] = {}
    for place, item in enumerate(items):
        if item.path.parent == HERE:
            places.setdefault(item.path, []).append(place)
    for there in places.values():
        ordered = sorted((items[place] for place in there), key=_is_of_a_filled_site)
        for place, item in zip(there, ordered, strict=True):
            items[place] = item


def _is_of_a_filled_site(item: pytest.Item) -> bool:
    return "of_the_module" in getattr(item, "fixturenames", ())


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


@pytest.fixture(scope="module")
def of_the_module(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Site]:
    """What `site` is a copy of."""
    with rows_of_a_module(django_db_blocker, fill) as made:
        yield made


@pytest.fixture
def site(of_the_module: Site, db: None) -> Site:
    """Its objects are this test's own; the benchmark is nobody's."""
    return deepcopy(of_the_module, {id(of_the_module.benchmark): of_the_module.benchmark})


@pytest.fixture
def brought(site: Site, tmp_path: Path) -> dict[str, Submission]:
    """Submissions of packages, predictions and an image, by state."""
    return bring_all(site, tmp_path / "wheels")


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
