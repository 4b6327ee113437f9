"""Claims on a sweep, from the site's answer to the report: a run is trained, or uploaded records are read."""

import errno
import hashlib
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.domaintoys import CLASSES, SEEN, UNSEEN, install_domain_toys, styles_pack
from tests.suites.domainbed.data.trees import digit_files
from tests.suites.domainbed.sweeps import by_hash, sweep, write

from farfield_evaluators.catalog import find
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.suites.domainbed.data.digits import MNIST, import_digits
from farfield_evaluators.suites.domainbed.datasets import COLORED_MNIST, STYLES
from farfield_evaluators.suites.domainbed.parsing import parse
from farfield_evaluators.suites.domainbed.records import Record
from farfield_evaluators.suites.domainbed.staging import environment_sizes, environments
from farfield_evaluators.suites.domainbed.sweep import SMOKE, Cell, cells
from farfield_evaluators.wire import Claim, UploadRef
from farfield_workers.announce import benchmarks_of, offer_of
from farfield_workers.client import Offer, SiteClient
from farfield_workers.sandbox.choose import Chosen
from farfield_workers.sandbox.process import ProcessSandbox
from farfield_workers.settings import WorkerSettings
from farfield_workers.worker import Worker

BENCHMARK = find("domainbed/styles")
CLAIM = Claim(
    id="11111111-1111-1111-1111-111111111111",
    attempt=1,
    token="secret",
    lease_seconds=60,
    benchmark=BENCHMARK.name,
    benchmark_version="1",
    method={"name": "toy-levels"},
    config={"lr": 0.25},
    seed=1,
    tier="smoke",
    cell={"test_envs": [4], "hparams_seed": 0, "trial_seed": 0},
)


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("var")


@pytest.fixture(scope="module")
def pack(var: Path) -> Pack:
    return styles_pack(var)


@pytest.fixture(autouse=True)
def toy_plugin(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FARFIELD_PLUGIN_PATH", str(install_domain_toys(var / "plugin")))


class Site:
    """A site that hands out one file, and takes reports; once it has one, the lease is over."""

    def __init__(self) -> None:
        self.content = b""
        self.reports: list[dict[str, Any]] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/upload"):
            return httpx.Response(200, content=self.content)
        if self.reports:
            return httpx.Response(409)
        length = len(json.loads(request.content)["log"]) + json.loads(request.content)["log_offset"]
        return httpx.Response(200, json={"lease_seconds": 60, "log_length": length})

    def send_task(self, name: str, args: list[dict[str, Any]], **_: Any) -> None:
        self.reports.append(args[0])


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def worker(site: Site, var: Path, pack: Pack) -> Iterator[Worker]:
    settings = WorkerSettings(
        name="w", broker_url="", site_url="http://site", token="t", var=var, heartbeat_seconds=0.05, gpu=None
    )
    made = Worker(settings, SiteClient(settings, httpx.MockTransport(site.answer)), site.send_task)
    made.machine.__dict__["chosen"] = Chosen(sandbox=ProcessSandbox(), lacks="")
    yield made
    site.reports.append({})  # ends the lease of a run that was not reported


def report_of(worker: Worker, site: Site, claim: Claim) -> dict[str, Any]:
    worker.evaluate(claim)
    return site.reports[0]


def records_in(report: dict[str, Any]) -> list[Record]:
    found = [parse(line, f"{n}") for n, line in enumerate(report["lines"].split("\n")[:-1])]
    assert [problems for _, problems in found if problems] == []
    return [record for record, _ in found if record is not None]


def upload(site: Site, folder: Path, records: list[Record]) -> Claim:
    write(folder / "runs", records)
    with zipfile.ZipFile(folder / "runs.zip", "w") as archive:
        for path in sorted((folder / "runs").rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder / "runs").as_posix())
    site.content = (folder / "runs.zip").read_bytes()
    digest = hashlib.sha256(site.content).hexdigest()
    file = UploadRef(sha256=digest, filename="runs.zip", size=len(site.content))
    return replace(CLAIM, kind="predictions", upload=file, cell={}, config={}, method={"name": ""})


def test_the_claimed_run_is_trained_and_its_records_are_reported(worker: Worker, site: Site, pack: Pack) -> None:
    report = report_of(worker, site, CLAIM)
    assert (report["outcome"], report["failure"], report["scores"]) == ("succeeded", None, [])
    assert report["comparability_key"] == BENCHMARK.comparability_key(pack.fingerprint, "smoke")
    records = records_in(report)
    assert [r.step for r in records] == list(SMOKE.checkpoints_of(STYLES)) == [0, 100, 200, 300]
    wanted = Cell(dataset="Styles", algorithm="toy-levels", test_envs=(4,), hparams_seed=0, trial_seed=0)
    assert {r.cell for r in records} == {wanted}
    assert {r.args["seed"] for r in records} == {wanted.seed}
    assert json.loads(records[0].args["hparams"]) == {"lr": 0.25}
    assert report["facts"] == {"sizes": [len(CLASSES) * (UNSEEN if n == 4 else SEEN) for n in range(7)]}
    assert report["seconds"].keys() == {"prepare", "run", "predict", "score"}
    assert report["method_version"] == "1.0"
    assert report["environment"]["precision"] == "float32"


def test_records_that_were_uploaded_are_read_and_reported_whole(worker: Worker, site: Site, tmp_path: Path) -> None:
    made = sweep(by_hash, dataset="Styles", algorithms=["Novel"], steps=301)
    made = [replace(r, args={**r.args, "checkpoint_freq": 100}) for r in made if r.step != 0]
    whole = [replace(r, step=step) for r in made if r.step == 300 for step in (0, 100, 200, 300)]
    report = report_of(worker, site, upload(site, tmp_path, whole))
    assert (report["outcome"], report["facts"], report["scores"]) == ("succeeded", {}, [])
    assert [r.cell for r in records_in(report)][::4] == list(cells(STYLES, "Novel", SMOKE))
    assert len(records_in(report)) == 28
    assert "precision" not in report["environment"]  # nobody knows in what these were computed


@pytest.mark.parametrize(
    ("records", "code"),
    [
        (sweep(by_hash, dataset="Styles"), "records.wrong_tier"),
        (sweep(by_hash, trials=3, steps=5001), "records.wrong_benchmark"),
        (sweep(by_hash, dataset="Styles", algorithms=["ERM", "IRM"]), "records.mixed"),
        (sweep(by_hash, dataset="Styles")[:-2], "records.unfinished"),
    ],
)
def test_records_that_are_no_entry_are_refused_with_a_code(
    worker: Worker, site: Site, tmp_path: Path, records: list[Record], code: str
) -> None:
    report = report_of(worker, site, upload(site, tmp_path, records))
    assert (report["outcome"], report["failure"]["code"], report["infrastructure"]) == ("failed", code, False)
    assert report["lines"] == ""


@pytest.mark.parametrize(
    ("changes", "code", "ours"),
    [
        ({"tier": ""}, "platform.benchmark_version", True),
        ({"tier": "quick"}, "platform.benchmark_version", True),
        ({"cell": {}}, "platform.benchmark_version", True),
        ({"cell": {"test_envs": [7], "hparams_seed": 0, "trial_seed": 0}}, "platform.benchmark_version", True),
        ({"cell": {"test_envs": [1, 1], "hparams_seed": 0, "trial_seed": 0}}, "platform.benchmark_version", True),
        ({"cell": {"test_envs": [1], "hparams_seed": -1, "trial_seed": 0}}, "platform.benchmark_version", True),
        ({"method": {"name": "toy-levels-gpu"}}, "platform.no_gpu", True),
        ({"config": {"rate": 2}}, "plugin.bad_config", False),
        ({"config": {"loss_name": "epoch"}}, "predictions.invalid", False),
        ({"kind": "predictions"}, "predictions.not_a_file", False),
    ],
)
def test_a_claim_that_cannot_be_run_ends_with_a_code(
    worker: Worker, site: Site, changes: dict[str, Any], code: str, ours: bool
) -> None:
    report = report_of(worker, site, replace(CLAIM, **changes))
    assert (report["failure"]["code"], report["infrastructure"]) == (code, ours)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "platform.disk"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "platform.disk"),
        (OSError("1677 requested and 0 written"), "platform.disk"),  # as numpy.save says it
        (OSError(errno.EIO, "Input/output error"), "platform.error"),
    ],
)
def test_a_disk_that_is_full_wherever_a_run_is_laid_out_is_nobodys_fault(
    worker: Worker, site: Site, monkeypatch: pytest.MonkeyPatch, error: OSError, code: str
) -> None:
    def fill(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr("farfield_evaluators.suites.domainbed.staging.stage_inputs", fill)
    monkeypatch.setattr("farfield_workers.sandbox.disk.LEAST_FREE_BYTES", 2**62)
    report = report_of(worker, site, CLAIM)
    assert (report["failure"]["code"], report["infrastructure"]) == (code, True)


@pytest.mark.parametrize("full", ["var", "scratch"])
def test_nothing_is_claimed_while_a_disk_that_runs_write_to_is_full(
    worker: Worker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, full: str
) -> None:
    monkeypatch.setattr("farfield_workers.worker.disk_is_full", lambda folder: folder.name.startswith(full))
    assert worker.drain() == 0
    assert "no run is claimed: the disk of" in caplog.text


def test_a_claim_is_read_with_tier_and_cell() -> None:
    body = CLAIM.as_json()
    settings = WorkerSettings(
        name="w", broker_url="", site_url="http://site", token="t", var=Path(), heartbeat_seconds=1, gpu=None
    )
    asked: list[Any] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(json.loads(request.content))
        return httpx.Response(200, json=body)

    client = SiteClient(settings, httpx.MockTransport(answer))
    assert client.claim(Offer(resource="cpu", benchmarks=(BENCHMARK.name,))) == CLAIM
    assert asked[0]["benchmarks"] == [BENCHMARK.name]


def test_the_data_of_a_sweep_is_counted_by_environment(worker: Worker, pack: Pack, tmp_path: Path) -> None:
    offered = benchmarks_of(worker.machine)
    assert list(offered) == [BENCHMARK.name]
    assert offer_of(worker.machine).benchmarks == (BENCHMARK.name,)
    assert offered[BENCHMARK.name]["counts"] == dict.fromkeys(STYLES.environments, len(CLASSES) * (SEEN + UNSEEN))
    assert offered[BENCHMARK.name]["classes"] == list(CLASSES)
    assert offered[BENCHMARK.name]["key"] == BENCHMARK.comparability_key(pack.fingerprint)
    digits = import_digits(MNIST, digit_files(tmp_path / "files"), tmp_path / "packs", subset=True)
    made = environments(COLORED_MNIST, digits, cells(COLORED_MNIST, "ERM", SMOKE)[0])
    assert list(environment_sizes(COLORED_MNIST, digits).values()) == [len(e.labels) for e in made]
