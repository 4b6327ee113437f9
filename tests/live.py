"""A whole site with real processes, for the tests that go through all of it: one per test session and process.

Its worker sees the toy plugins and the specimen wheel besides the baselines, and a few digits of noise as MNIST, made
arrays as PovertyMap, and a private benchmark.
"""

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.bands import install_bands
from tests.domaintoys import install_domain_toys
from tests.owned import host_own
from tests.specimen import SPECIMEN, build_wheel, install_wheel
from tests.suites.domainbed.data.trees import digit_files
from tests.suites.wilds.data import trees
from tests.toyplugin import install_toy_plugin

from farfield_evaluators.data.demo import import_demo
from farfield_evaluators.suites.domainbed.data.digits import MNIST, import_digits
from farfield_evaluators.suites.wilds.data.poverty_pack import import_poverty
from farfield_local.site import Site, running_site

READY_SECONDS = 120.0
DIGITS = (360, 120)  # in the training and the test file
ENDING = pytest.StashKey[Callable[[], None]]()  # what ends the site, safe to repeat
PASSWORD = "correct horse battery staple"


@dataclass
class Live:
    """The site, a client for its public API, and the folder with the toy plugins that its worker sees."""

    site: Site
    api: httpx.Client
    plugins: Path

    def sign_up(self, name: str) -> "Live":
        """A client of a new person, with a token got as a user gets it."""
        account = {"username": name, "password": PASSWORD}
        assert self.api.post("accounts", json=account).status_code == 201
        token = self.api.post("tokens", json={"name": "test"}, auth=(name, PASSWORD)).json()["token"]
        headers = {"Authorization": f"Bearer {token}"}
        return Live(self.site, httpx.Client(base_url=self.api.base_url, headers=headers, timeout=30), self.plugins)

    def submit(self, method: str, benchmark: str = "imagenet-ood/mini", **config: object) -> str:
        """Submit; returns the submission's id."""
        body = {"benchmark": benchmark, "method": method, "track": "open", "config": config, "again": True}
        answer = self.api.post("submissions", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def bring(self, package: Path, **more: object) -> str:
        """Upload a package and submit it; returns the submission's id."""
        with package.open("rb") as file:
            taken = self.api.post("uploads", files={"file": (package.name, file)})
        assert taken.status_code == 201, taken.text
        body = {"benchmark": "imagenet-ood/mini", "kind": "plugin", "upload": taken.json()["sha256"], "track": "open"}
        answer = self.api.post("submissions", json=body | more)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def submission(self, number: str) -> dict[str, Any]:
        found: dict[str, Any] = self.api.get(f"submissions/{number}").json()
        return found

    def wait(self, until: Callable[[], object], seconds: float = 90.0) -> None:
        """Keep the site going until something holds."""
        limit = time.monotonic() + seconds
        while not until():
            assert time.monotonic() < limit, "timed out"
            self.site.pause()

    def finished(self, number: str, seconds: float = 90.0) -> dict[str, Any]:
        """The submission once it has ended."""
        self.wait(lambda: self.submission(number)["status"] in ("succeeded", "failed", "cancelled"), seconds)
        return self.submission(number)


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Live]:
    folder = tmp_path_factory.mktemp("live")
    plugins = install_bands(install_domain_toys(install_toy_plugin(folder / "plugins")))
    install_wheel(build_wheel(SPECIMEN, folder / "wheels"), plugins)
    open_to_the_database_user(folder)
    os.environ["FARFIELD_PLUGIN_PATH"] = str(plugins)
    import_demo(folder / "var" / "packs")
    import_digits(MNIST, digit_files(folder / "digits", counts=DIGITS), folder / "var" / "packs", subset=True)
    import_poverty(trees.poverty(folder / "poverty"), folder / "var" / "packs", subset=True)
    host_own(folder / "var", folder / "toys")
    with contextlib.ExitStack() as resources:
        resources.callback(os.environ.pop, "FARFIELD_PLUGIN_PATH", None)
        pytestconfig.stash[ENDING] = resources.close
        site = resources.enter_context(running_site(folder / "var", None, print))
        live = Live(site, resources.enter_context(httpx.Client(base_url=f"{site.url}/api/v1/", timeout=30)), plugins)
        live.wait(lambda: live.api.get("methods/toy-slow").is_success, READY_SECONDS)
        yield live


def end_site(config: pytest.Config) -> None:
    """End the site, if there is one, before the session ends."""
    if end := config.stash.get(ENDING, None):
        end()


def open_to_the_database_user(folder: Path) -> None:
    """pytest's folders are private; PostgreSQL does not run as root and must get through to its own."""
    for parent in [folder, *folder.parents]:
        if parent.stat().st_uid == os.getuid() and not parent.stat().st_mode & 0o001:
            parent.chmod(parent.stat().st_mode | 0o011)
