"""PovertyMap's folds on a site: made arrays in the official layout, a whole entry, and one that lacks a fold."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.live import PASSWORD, open_to_the_database_user
from tests.suites.wilds.data import trees

from farfield_evaluators.suites.wilds.data.poverty_pack import import_poverty
from farfield_local.site import Site, running_site

pytestmark = [pytest.mark.services, pytest.mark.slow]
BOARD = "wilds/poverty"
METHODS = '''
import numpy as np
from farfield import Images, MethodSpec, TaskFamily, TrackClaims, hookimpl

class Bands:
    """A line through the mean of all bands."""
    def __init__(self, context):
        self.context = context
    def fit(self, train, *, val=None):
        means, wealth = zip(*((batch.inputs.mean(axis=(1, 2, 3)), batch.targets[:, 0]) for batch in train.batches(64)))
        self.context.log(f"{batch_shape(train)}; val of {len(val)}")
        self.line = np.polyfit(np.concatenate(means), np.concatenate(wealth), 1)
    def predict(self, arrays):
        return np.polyval(self.line, arrays.mean(axis=(1, 2, 3)))

def batch_shape(train):
    (batch, *_) = train.batches(1)
    return f"arrays {batch.inputs.dtype} {list(batch.inputs.shape[1:])}"

class NeedsKenya(Bands):
    """Breaks in the one fold in which no village of Kenya is learned from."""
    def fit(self, train, *, val=None):
        if "kenya" not in self.context.domain_names:
            raise RuntimeError("nothing is known of Kenya")
        super().fit(train, val=val)

def spec(name, build):
    return MethodSpec(
        name=name, summary="A line.", family=TaskFamily.REGRESSION, build=build,
        inputs=Images(size=64), claims=TrackClaims(backbone="none"),
    )

@hookimpl
def farfield_methods():
    return [spec("bands", Bands), spec("needs-kenya", NeedsKenya)]
'''


def install(folder: Path) -> Path:
    info = folder / "farfield_bands-1.0.dist-info"
    info.mkdir(parents=True)
    (folder / "farfield_bands.py").write_text(METHODS)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: farfield-bands\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[farfield]\nfarfield-bands = farfield_bands\n")
    return folder


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("folds")
    open_to_the_database_user(folder)
    import_poverty(trees.poverty(folder / "release"), folder / "var" / "packs", subset=True)
    os.environ["FARFIELD_PLUGIN_PATH"] = str(install(folder / "plugins"))
    try:
        with running_site(folder / "var", None, print, settings={"FARFIELD_SANDBOX": "process"}) as running:
            yield running
    finally:
        os.environ.pop("FARFIELD_PLUGIN_PATH", None)


@pytest.fixture(scope="module")
def api(site: Site) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{site.url}/api/v1/", timeout=30) as client:
        assert client.post("accounts", json={"username": "ada", "password": PASSWORD}).status_code == 201
        token = client.post("tokens", json={"name": "test"}, auth=("ada", PASSWORD)).json()["token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


def wait(site: Site, until: Callable[[], Any]) -> Any:
    limit = time.monotonic() + 120
    while not (found := until()):
        assert time.monotonic() < limit, "timed out"
        site.pause()
    return found


def entered(site: Site, api: httpx.Client, method: str) -> dict[str, Any]:
    """The submission of a method once it has ended."""
    wait(site, lambda: api.get(f"methods/{method}").is_success and api.get(f"benchmarks/{BOARD}").json()["has_data"])
    answer = api.post("submissions", json={"benchmark": BOARD, "method": method, "track": "open", "config": {}})
    assert answer.status_code == 201, answer.text
    number, ended = answer.json()["id"], ("succeeded", "failed", "cancelled")
    done: dict[str, Any] = wait(
        site, lambda: (said := api.get(f"submissions/{number}").json())["status"] in ended and said
    )
    return done


def test_five_folds_are_one_entry_with_a_rank(site: Site, api: httpx.Client) -> None:
    done = entered(site, api, "bands")
    assert done["status"] == "succeeded", [run["failure"] for run in done["runs"]]
    assert [run["at"] for run in done["runs"]] == [{"fold": fold} for fold in "ABCDE"]
    (row,) = [row for row in api.get(f"leaderboards/{BOARD}").json()["rows"] if row["submission"] == done["id"]]
    assert row["rank"] == 1
    figures = {(figure["metric"], figure["domain"]): figure for figure in done["figures"]}
    headline = figures["worst-group-pearson", "test"]
    of_folds = [figures["worst-group-pearson", f"test[fold={fold}]"]["value"] for fold in "ABCDE"]
    assert headline["value"] == pytest.approx(sum(of_folds) / 5)
    assert headline["value"] > 0.9
    log = api.get(f"runs/{done['runs'][0]['id']}/log").text
    assert "arrays float32 [4, 4, 8]; val of " in log


def test_an_entry_that_lacks_a_fold_has_no_rank_and_says_which(site: Site, api: httpx.Client) -> None:
    done = entered(site, api, "needs-kenya")
    failed = {run["at"]["fold"]: run["status"] for run in done["runs"]}
    assert failed == {"A": "succeeded", "B": "succeeded", "C": "succeeded", "D": "succeeded", "E": "failed"}
    (row,) = [row for row in api.get(f"leaderboards/{BOARD}").json()["rows"] if row["submission"] == done["id"]]
    assert row["rank"] is None
    assert "4 of 5 runs are done, 1 failed; fold E has no result: failed (plugin." in row["reason"]
    board = httpx.get(f"{site.url}/boards/{BOARD}/").text
    assert "fold E has no result" in board
