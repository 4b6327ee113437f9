"""A site with content in every state, served from this process, for what only a browser can tell of its pages."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.test import Client
from tests.services import safe_settings
from tests.unit.pages.brought import bring_all
from tests.unit.pages.content import BOARD, Site, drive, enter, fill
from tests.unit.pages.sweeps import PACS, announce_sweeps, finished, under_way

from farfield_evaluators.confusions import confusion
from farfield_web.accounts.models import User
from farfield_web.entries.models import RunConfusion
from farfield_web.runs import logs
from farfield_web.runs.models import Run
from farfield_web.submissions.models import Submission

# Playwright keeps an event loop in the thread of the tests, for which Django would refuse its database. Here, because
# the database is made ready before any fixture of ours.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
__all__ = ["filled", "safe_settings", "served"]
LONG_NAME, LONG_TITLE = "n" * 150, "T" * 100
COMPARED = ("succeeded", "floor", "long")
WAYS = ("package", "predictions", "container")
LOG = "\x1b[31mERROR\x1b[0m a loss of \x1b[1mnan\x1b[0m\nprogress 1%\rprogress 100%\n"


@dataclass(frozen=True, kw_only=True)
class Filled:
    """The site, its content, and the cookie of the person who made most of it."""

    url: str
    site: Site
    brought: dict[str, Submission]
    sweep: Submission
    session: str

    @property
    def cookie(self) -> Any:
        """By which a browser is that person's."""
        return {"name": django_settings.SESSION_COOKIE_NAME, "value": self.session, "url": self.url}

    @property
    def pages(self) -> list[str]:
        """The address of every kind of page, in the states that look different."""
        runs = [self.site.run(name).pk for name in ("failed", "running", "succeeded")]
        made = [*self.site.submissions.values(), *self.brought.values(), self.sweep]
        boards = [
            f"/boards/{BOARD}/",
            f"/boards/{BOARD}/?reported=1",
            f"/boards/{BOARD}/?track=scratch&heat=1",
            f"/boards/{BOARD}/plots/",
            f"/boards/{PACS}/",
            "/boards/ood-detection/mini/",
        ]
        entries = "&".join(f"entries={self.site.submissions[name].pk}" for name in COMPARED)
        chosen = [f"/compare/?{entries}", f"/standings/?benchmarks={BOARD}&by=win-rate"]
        return [
            "/", "/about/", "/benchmarks/", f"/benchmarks/{BOARD}/", f"/benchmarks/{PACS}/", *boards, *chosen,
            "/methods/", "/methods/tuned/", "/methods/elsewhere/", "/submit/", f"/submit/{BOARD}/",
            f"/submit/{BOARD}/with/tuned/",
            f"/submit/{PACS}/with/erm/", *(f"/submit/{BOARD}/bring/{way}/" for way in WAYS),
            *(f"/submissions/{one.pk}/" for one in made), *(f"/runs/{pk}/" for pk in runs), f"/runs/{runs[0]}/log/",
            *(f"/submissions/{made[4].pk}/{deed}/" for deed in ("edit", "withdraw", "author")),
            f"/submissions/{self.sweep.pk}/runs/", "/account/",
            "/account/notifications/", "/account/second-factor/", "/account/sessions/", "/account/email/",
            "/teams/", f"/people/{self.site.ada.username}/", "/account/submissions/", "/account/password/",
            "/reference/", "/reference/submissions/",
            "/nothing/here/",
        ]  # fmt: skip


@pytest.fixture
def served(
    safe_settings: None, live_server: Any, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Site:
    """Two people and an entry in each state, at the address of `live_server`."""
    for module in ("runs.submit", "runs.outcomes", "runs.verbs"):
        monkeypatch.setattr(f"farfield_web.{module}.wake_on_commit", lambda resource, count=1: None)
    settings.VAR, settings.SITE_URL = tmp_path / "var", live_server.url
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    cache.clear()
    return fill()


@pytest.fixture
def filled(served: Site, live_server: Any, tmp_path: Path) -> Filled:
    """And what people brought, sweeps, the longest names, a confusion and a coloured log."""
    brought = bring_all(served, tmp_path / "wheels")
    announce_sweeps()
    finished(served, "coral", 0.6)
    sweep = under_way(served)
    _long(served)
    _confused(served.run("succeeded"), served)
    logs.append(served.run("failed"), LOG, len("loading\n"))
    return Filled(url=live_server.url, site=served, brought=brought, sweep=sweep, session=session_of(served.ada))


def session_of(person: User) -> str:
    """The cookie by which a browser is somebody's."""
    client = Client()
    client.force_login(person)
    return client.cookies[django_settings.SESSION_COOKIE_NAME].value


def _confused(run: Run, site: Site) -> None:
    """What a run took for what: of each of two classes a third for the other."""
    labels = np.repeat([0, 1], 30)
    said = np.where(np.arange(60) % 3, labels, 1 - labels)
    counts = confusion(site.benchmark.domains[0].name, (0, 1), labels, said).as_json()
    RunConfusion.objects.create(run=run, attempt=run.attempt, domain=counts["domain"], counts=counts)


def _long(site: Site) -> None:
    """An entry on the board by somebody with the longest name, with the longest title, both without a break."""
    # Past the rule of today: such names were taken before it.
    (person,) = User.objects.bulk_create([User(username=LONG_NAME)])
    site.submissions["long"] = enter(person, "tuned", "open", title=LONG_TITLE, config={"rate": 0.25})
    drive(site.run("long"), "succeeded", site.benchmark, accuracy=0.9)
