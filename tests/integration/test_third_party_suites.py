"""Suites of third parties, built to wheels, in a fresh environment: one goes the whole way, the broken harm nothing."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from tests.live import PASSWORD, open_to_the_database_user
from tests.suitesite import SUITE, Environment, make_environment

BOARD, METHOD = "specimen/squares", "colour-histogram-detector"
REFUSED = {
    "import-error": "ModuleNotFoundError: No module named 'a_library_that_nobody_has'",
    "duplicate": "the suite mini of farfield-platform 0.1.0 has a benchmark 'ood-detection/mini' too",
    "million": "its plan makes 1,000,000 runs; at most 10,000 are possible (line ",
}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Both suites installed, the specimen's data imported."""
    made = make_environment(tmp_path_factory.mktemp("third-party"))
    said, _ = made.farfield("data", "import", BOARD)
    assert said.startswith("specimen/squares  ")
    return made


@pytest.fixture(scope="module")
def site(environment: Environment) -> Iterator[str]:
    """The address of a site that runs from there, with an evaluation worker that has announced itself."""
    open_to_the_database_user(environment.var)
    with environment.site() as url:
        wait(lambda: httpx.get(f"{url}/api/v1/methods/{METHOD}").is_success)
        yield url


@pytest.fixture(scope="module")
def author(site: str) -> Iterator[httpx.Client]:
    """The public API, as a person who has just signed up."""
    with httpx.Client(base_url=f"{site}/api/v1/", timeout=30) as api:
        assert api.post("accounts", json={"username": "ada", "password": PASSWORD}).status_code == 201
        token = api.post("tokens", json={"name": "test"}, auth=("ada", PASSWORD)).json()["token"]
        api.headers["Authorization"] = f"Bearer {token}"
        yield api


def wait(until: Callable[[], Any], seconds: float = 120.0) -> Any:
    limit = time.monotonic() + seconds
    while not (found := until()):
        assert time.monotonic() < limit, "timed out"
        time.sleep(0.2)
    return found


def finished(api: httpx.Client, number: str) -> dict[str, Any]:
    def ended() -> dict[str, Any] | None:
        submission: dict[str, Any] = api.get(f"submissions/{number}").json()
        return submission if submission["status"] in ("succeeded", "failed", "cancelled") else None

    done: dict[str, Any] = wait(ended)
    return done


def test_the_suites_are_listed_and_the_broken_ones_named(environment: Environment) -> None:
    said, complaints = environment.farfield("suites", "--json", status=1)
    told = json.loads(said)
    suites = {suite["name"]: suite for suite in told["suites"]}
    assert set(suites) == {
        "mini",
        "domainbed",
        "imagenet",
        "openood",
        "wilds",
        "longtail",
        "groups",
        "adaptation",
        "fsdet",
        "coco-c",
        "rdfsl",
        "clip-benchmark",
        "mtil",
        "pruning",
        "specimen",
        "other-version",
        "scorer-raises",
    }
    specimen = suites["specimen"]
    assert (specimen["distribution"], specimen["version"]) == ("farfield-specimen-suite", "1.2")
    assert specimen["benchmarks"] == {BOARD: True}
    assert len(told["refused"]) == len(REFUSED)
    for name, reason in REFUSED.items():
        start = f"suite {name!r} of farfield-broken-suite 0.3: "
        (line,) = [line for line in told["refused"] if line.startswith(start)]
        assert reason in line
    assert complaints == ""
    _, complaints = environment.farfield("benchmarks")
    assert complaints.count("farfield: not used: suite ") == len(REFUSED)


def test_the_card_comes_with_the_suite(environment: Environment) -> None:
    said, _ = environment.farfield("benchmarks", BOARD)
    assert said == (SUITE / "farfield_specimen_suite" / "cards" / "specimen-squares.md").read_text(encoding="utf-8")


def test_an_author_evaluates_at_home(environment: Environment) -> None:
    said, _ = environment.farfield("evaluate", METHOD, "--benchmark", BOARD)
    assert "Near AUROC" in said
    assert "Near gap" in said


@pytest.mark.services
def test_a_submission_goes_the_whole_way(environment: Environment, author: httpx.Client, site: str) -> None:
    body = {"benchmark": BOARD, "method": METHOD, "track": "open", "config": {}}
    entered = author.post("submissions", json=body)
    assert entered.status_code == 201, entered.text
    done = finished(author, entered.json()["id"])
    assert (done["status"], len(done["runs"])) == ("succeeded", 2), [run["failure"] for run in done["runs"]]
    (row,) = author.get(f"leaderboards/{BOARD}").json()["rows"]
    assert (row["submission"], row["rank"]) == (done["id"], 1)
    board = httpx.get(f"{site}/boards/{BOARD}/").text
    assert "Near gap" in board
    assert METHOD in board
    page = httpx.get(f"{site}/submissions/{done['id']}/").text
    assert "fold A" in page
    assert "fold B" in page
    assert [run["at"] for run in done["runs"]] == [{"fold": "train/a"}, {"fold": "train/b"}]
    run = author.get(f"runs/{done['runs'][0]['id']}").json()
    assert run["environment"]["suite"]["distribution"] == "farfield-specimen-suite"
    assert {s["metric"] for s in run["scores"]} == {"auroc", "fpr95", "accuracy", "gap"}


@pytest.mark.services
def test_predictions_made_elsewhere_are_scored_by_the_suites_scorers(
    environment: Environment, author: httpx.Client, tmp_path: Path
) -> None:
    environment.farfield("data", "export", BOARD, str(tmp_path / "images"))
    ids = [path.stem for path in sorted((tmp_path / "images" / "test").iterdir())]
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "mine.npz", ids=np.array(ids), scores=rng.random(len(ids)), logits=rng.random((len(ids), 2)))
    said, _ = environment.farfield("score", BOARD, str(tmp_path / "mine.npz"), "--json")
    assert {figure["metric"] for figure in json.loads(said)["scores"]} == {"auroc", "fpr95", "accuracy", "gap"}


@pytest.mark.services
def test_what_is_broken_harms_nothing_and_is_named(environment: Environment, author: httpx.Client, site: str) -> None:
    names = {one["name"] for one in author.get("benchmarks", params={"page_size": 200}).json()["results"]}
    assert names >= {BOARD, "ood-detection/mini", "broken/other-version"}
    assert "broken/million" not in names
    assert httpx.get(f"{site}/suites/").is_success
    logs = environment.var / "log"
    for log in ("web-server.log", "site-worker.log", "evaluation-worker.log"):
        said = (logs / log).read_text()
        assert all(f"suite {name!r} of farfield-broken-suite 0.3: " in said for name in REFUSED), log
    worker = (logs / "evaluation-worker.log").read_text()
    assert "the site refused the suite other-version: both have farfield-broken-suite 0.3, with different" in worker
    assert author.get("benchmarks/broken/other-version").json()["has_data"] is False


@pytest.mark.services
def test_a_scorer_that_raises_fails_its_own_runs_and_is_named(author: httpx.Client) -> None:
    body = {"benchmark": "broken/scorer-raises", "method": METHOD, "track": "open", "config": {}}
    done = finished(author, author.post("submissions", json=body).json()["id"])
    assert done["status"] == "failed"
    failure = author.get(f"runs/{done['runs'][0]['id']}").json()["failure"]
    assert failure["code"] == "platform.scorer"
    assert "the scorer of auroc failed: RuntimeError: the scores are lost" in failure["message"]
