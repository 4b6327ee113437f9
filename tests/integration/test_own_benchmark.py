"""A benchmark of one's own on a site: its owner enters, a worker runs it, the board is there, and for nobody else."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from tests.live import PASSWORD, open_to_the_database_user
from tests.unit.evaluators.own.made import tree

from farfield_evaluators.own.importer import import_own
from farfield_evaluators.own.reader import read_file
from farfield_local.site import Site, running_site

pytestmark = [pytest.mark.services, pytest.mark.slow]
NAME = "own/toys"
FILE = """title = "Secret toys"
[access]
owners = ["ada"]
[data]
layout = "{place}/{split}/{class}"
groups = ["place"]
[train]
where = { split = "train" }
[[tests]]
name = "test"
where = { split = "test" }
[[columns]]
metric = "accuracy"
on = "test"
worst_over = ["place", "class"]
[[columns]]
metric = "accuracy"
on = "id"
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("own")
    open_to_the_database_user(folder)
    file = folder / "var" / "benchmarks" / "toys.toml"
    file.parent.mkdir(parents=True)
    file.write_text(FILE)
    data = tree(folder / "data", ("meadow", "beach"), ("train", "test"), ("cow", "camel"))
    import_own(read_file(file), data, folder / "var" / "packs")
    with running_site(folder / "var", None, print, settings={"FARFIELD_SANDBOX": "process"}) as running:
        yield running


def person(site: Site, name: str) -> httpx.Client:
    api = httpx.Client(base_url=f"{site.url}/api/v1/", timeout=30)
    assert api.post("accounts", json={"username": name, "password": PASSWORD}).status_code == 201
    token = api.post("tokens", json={"name": "test"}, auth=(name, PASSWORD)).json()["token"]
    api.headers["Authorization"] = f"Bearer {token}"
    return api


def wait(site: Site, until: Callable[[], Any]) -> Any:
    for _ in range(600):
        if found := until():
            return found
        site.pause()
    raise AssertionError("timed out")


def test_an_owners_entry_goes_the_whole_way_and_nobody_else_sees_it(site: Site) -> None:
    with contextlib.ExitStack() as clients:
        ada, grace = (clients.enter_context(contextlib.closing(person(site, name))) for name in ("ada", "grace"))
        body = {"benchmark": NAME, "method": "constant", "track": "open", "config": {}}
        wait(site, lambda: ada.get("methods/constant").is_success and ada.get(f"benchmarks/{NAME}").json()["has_data"])
        entered = ada.post("submissions", json=body)
        assert entered.status_code == 201, entered.text
        number = entered.json()["id"]
        ended = ("succeeded", "failed", "cancelled")
        done = wait(site, lambda: (said := ada.get(f"submissions/{number}").json())["status"] in ended and said)
        assert done["status"] == "succeeded", done
        (row,) = ada.get(f"leaderboards/{NAME}").json()["rows"]
        assert (row["submission"], row["rank"]) == (number, 1)
        figures = {(s["metric"], s["domain"]): s["value"] for s in done["runs"][0]["scores"]}
        assert figures["worst-place-label-accuracy", "test"] == 0  # whatever the one class is that it answers
        assert figures["accuracy", "id"] == 0.5
        refused = grace.post("submissions", json=body)
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "benchmark.unknown")
        run = done["runs"][0]["id"]
        for path in (
            f"leaderboards/{NAME}",
            f"benchmarks/{NAME}",
            f"submissions/{number}",
            f"runs/{run}",
            f"runs/{run}/log",
        ):
            assert ada.get(path).status_code == 200, path
            assert grace.get(path).status_code == 404, path
        for page in (f"boards/{NAME}/", f"submissions/{number}/", f"runs/{run}/"):
            assert httpx.get(f"{site.url}/{page}").status_code == 404, page
        assert "Secret toys" not in httpx.get(f"{site.url}/").text
