"""The base phase on the real path, in a process of its own: trained once, shared, and never half-done."""

import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.phasedplugin import install_phased_plugin
from tests.unit.workers.conftest import Recorder
from tests.unit.workers.test_parts import DETECTION, make

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.plans.trials import Trials
from farfield_evaluators.run_plan import Cell
from farfield_workers import base_phase, evaluation, made_of
from farfield_workers.evaluation import Evaluator, Outcome, Request
from farfield_workers.failures import RunFailure
from farfield_workers.installed import Installed, describe_installed
from farfield_workers.model_shelf import MODEL
from farfield_workers.runnable import Runnable
from farfield_workers.sandbox.base import MIB, Limits, Stopped
from farfield_workers.sandbox.process import ProcessSandbox
from farfield_workers.settings import SettingsError

BOARD = replace(DETECTION, plan=Trials(3))
WITHHELD = replace(BOARD, withheld_after_base=True)


@pytest.fixture(scope="module")
def parted(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return make(tmp_path_factory.mktemp("parts") / "src")


@pytest.fixture(autouse=True)
def phased(tmp_path_factory: pytest.TempPathFactory, toy_plugin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path_factory.getbasetemp() / "phased-plugin"
    monkeypatch.setenv("FARFIELD_PLUGIN_PATH", str(folder if folder.exists() else install_phased_plugin(folder)))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = install_phased_plugin(tmp_path_factory.getbasetemp() / "phased-plugin")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("FARFIELD_PLUGIN_PATH", str(folder))
        return describe_installed(ProcessSandbox())


class Site:
    """A worker's evaluation path on one data folder."""

    def __init__(self, var: Path, pack: Pack, installed: Installed) -> None:
        self.var, self.pack, self.installed = var, pack, installed

    def run(
        self, name: str, observer: Recorder, *, board: Benchmark = BOARD, trial: int = 0, **changes: Any
    ) -> Outcome:
        request = Request(
            benchmark=board,
            pack=self.pack,
            runnable=Runnable(description=self.installed.method(f"phased-{name}")),
            cell=Cell(at={"trial": trial}, seed=trial),
            **{"base_seed": 7, "config": {}, **changes},
        )
        return Evaluator(self.installed, ProcessSandbox(), self.var).run(request, observer)

    def begin(self, board: Benchmark, runnable: Runnable) -> base_phase.BaseRun:
        """A run before its base phase."""
        staging = evaluation.Staging(
            benchmark=board, pack=self.pack, tier="", cell=Cell(at={"trial": 0}), folder=self.var / "in",
            entrant=evaluation.Entrant(identity="", benchmark="b", method="m"), description={}, config={},
        )  # fmt: skip
        part = board.plan.base_part(staging)
        assert part is not None
        return base_phase.BaseRun(
            part=part, runnable=runnable, gpu=None,
            machine={"plugin": "farfield-phased", "device": "cpu", "threads": 2},
            limits=Limits(memory_bytes=1 << 30, seconds=60), folder=self.var, withheld=board.withheld_after_base,
        )  # fmt: skip

    @property
    def shelf(self) -> list[str]:
        """Whatever lies on the shelf, without the names of hashes."""
        home = self.var / "cache" / "base-models"
        return sorted("/".join(path.relative_to(home).parts[1:]) for path in home.rglob("*") if path.is_file())

    @property
    def model(self) -> Path:
        (folder,) = (self.var / "cache" / "base-models").glob(f"*/{MODEL}")
        return folder


WHOLE = ["model/files/share.npy", "model/manifest.json"]


@pytest.fixture
def site(tmp_path: Path, parted: Pack, installed: Installed) -> Site:
    return Site(tmp_path, parted, installed)


def test_three_runs_train_the_base_model_once(site: Site) -> None:
    told = [Recorder() for _ in range(3)]
    outcomes = [site.run("phased", each, trial=trial, board=WITHHELD) for trial, each in enumerate(told)]
    assert [figure.value for figure in outcomes[2].evidence.figures][:1] == [pytest.approx(1.0)]
    assert [each.text.count("BASE of 4 images, ['base', 'job.json'], seed 7") for each in told] == [1, 0, 0]
    assert [each.text.count("LOADED [0.25, 0.25, 0.75, 0.75]") for each in told] == [1, 1, 1]
    assert all("NOVEL, ['base-model', 'job.json', 'support', 'test']" in each.text for each in told)
    assert "base model trained in " in told[0].text
    assert "base model taken from the shelf\n" in told[1].text
    assert told[0].stages == ["preparing", "running", "running", "scoring"]
    assert all(outcome.seconds.keys() == {"prepare", "base", "run", "predict", "score"} for outcome in outcomes)
    assert outcomes[1].seconds["base"] < outcomes[0].seconds["base"]
    assert site.shelf == WHOLE
    assert json.loads((site.model / "manifest.json").read_text())["made_of"]["job"]["config"] == {"side": 0.5}


def test_whatever_makes_another_model_is_in_its_hash(site: Site, installed: Installed) -> None:
    description = installed.method("phased-phased")
    run = site.begin(BOARD, Runnable(description=description))
    part, machine = run.part, run.machine

    def hashed(run: base_phase.BaseRun, environment: str = "e") -> str:
        return base_phase.hash_of(run.made_of(environment))

    def job(**changes: Any) -> base_phase.BaseRun:
        return replace(run, part=replace(part, job={**part.job, **changes}))

    others = [
        hashed(run, "another"),
        hashed(job(seed=8)),
        hashed(job(config={"side": 0.4})),
        hashed(job(novel_classes=())),
        hashed(replace(run, part=replace(part, data={**part.data, "set": "train"}))),
        hashed(replace(run, machine={**machine, "device": "cuda"})),
        hashed(replace(run, runnable=Runnable(description={**description, "version": "1.1"}))),
        hashed(replace(run, runnable=Runnable(description=description, image="sha256:1"))),
        hashed(replace(run, runnable=Runnable(description=description, plugin=site.var, record={"sha256": "1"}))),
    ]
    assert len({hashed(run), *others}) == 1 + len(others)
    assert hashed(job(config={"side": 0.5})) == hashed(run)
    assert hashed(replace(run, folder=site.var / "x", withheld=True)) == hashed(run)


def test_a_file_that_settings_name_is_in_the_hash_where_the_method_sees_it(tmp_path: Path) -> None:
    weights = tmp_path / "weights.bin"
    weights.write_bytes(b"one")
    settings = {"weights": str(weights), "side": 0.5, "absent": "/no/such/file", "folder": str(tmp_path), "word": "sgd"}
    before = made_of.named_files(settings)
    assert [name for name, *_ in before] == [str(weights)]
    weights.write_bytes(b"others")
    assert made_of.named_files(settings) != before
    assert made_of.named_files({"weights": "weights\0.bin", "long": "/" + "x" * 5000}) == []


def test_what_has_no_pair_learns_in_its_own_run(site: Site, observer: Recorder) -> None:
    outcome = site.run("together", observer)
    assert "BASE of 4 images, ['base', 'job.json', 'support', 'test']" in observer.text
    assert outcome.seconds.keys() == {"prepare", "run", "predict", "score"}
    assert site.shelf == []


def test_withheld_base_images_need_the_pair(site: Site, observer: Recorder) -> None:
    with pytest.raises(RunFailure, match="add `save_base.folder.` and `load_base.folder.` to the method") as caught:
        site.run("together", observer, board=WITHHELD)
    assert (caught.value.code, observer.stages) == ("plugin.base_phase", ["preparing"])
    site.run("novel", observer, board=WITHHELD)
    assert "NOVEL, ['job.json', 'support', 'test']" in observer.text


def test_a_failure_names_the_phase(site: Site, observer: Recorder) -> None:
    with pytest.raises(RunFailure, match="^in the base phase: ValueError: no such base") as caught:
        site.run("raises", observer)
    assert (caught.value.code, caught.value.infrastructure) == ("plugin.raised", False)
    with pytest.raises(RunFailure, match="^in the base phase: `save_base` left name, which is no plain file") as caught:
        site.run("savesalink", observer)
    assert caught.value.code == "plugin.protocol"
    assert site.shelf == []


def test_the_time_of_a_method_is_that_of_each_phase(
    site: Site, observer: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = base_phase.BasePhases._execute

    def shorter(self: Any, of: Any, kind: str, folder: Path, limits: Limits, observer: Any) -> Any:
        seconds = 1.5 if kind == "base" else limits.seconds
        return run(self, of, kind, folder, replace(limits, seconds=seconds), observer)

    monkeypatch.setattr(base_phase.BasePhases, "_execute", shorter)
    with pytest.raises(RunFailure, match="^in the base phase: the run took longer than its 0.025 minutes") as caught:
        site.run("sleeps", observer)
    assert caught.value.code == "resources.time"


def test_a_run_that_is_cancelled_while_it_trains_leaves_nothing(site: Site, observer: Recorder) -> None:
    observer.stop_when = lambda seen: "BASE asleep" in seen.text
    with pytest.raises(Stopped):
        site.run("sleeps", observer)
    assert site.shelf == []
    assert list((site.var / "scratch").iterdir()) == []


def test_of_two_runs_at_once_one_trains_and_the_other_waits(site: Site) -> None:
    told = [Recorder(), Recorder()]
    threads = [threading.Thread(target=site.run, args=("slow", each)) for each in told]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(each.text.count("BASE of") for each in told) == [0, 1]
    assert sorted("waiting for it" in each.text for each in told) == [False, True]
    assert all("LOADED" in each.text for each in told)
    assert site.shelf == WHOLE


KILLED = """
import sys
from pathlib import Path
from tests.unit.workers.test_base_phase import Recorder, Site, describe_installed
from farfield_evaluators.data.packs import open_pack
from farfield_workers.sandbox.process import ProcessSandbox
from farfield_workers.settings import SettingsError

class Printing(Recorder):
    def log(self, text):
        print(text, flush=True)

var, packs = Path(sys.argv[1]), Path(sys.argv[2])
Site(var, open_pack(packs, "own/parts"), describe_installed(ProcessSandbox())).run("slow", Printing())
"""


def test_a_worker_killed_while_it_trains_stops_nobody(site: Site, observer: Recorder) -> None:
    packs = site.pack.folder.parents[2]
    worker = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(site.var), str(packs)],
        stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )  # fmt: skip
    assert worker.stdout is not None
    assert any("BASE of" in line for line in worker.stdout)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    worker.stdout.close()
    assert site.shelf == ["import.lock"]  # whose holder is gone
    site.run("slow", observer)
    assert "waiting for it" not in observer.text
    assert observer.text.count("BASE of") == 1
    assert site.shelf == WHOLE


def test_a_model_that_finds_no_place_is_used_all_the_same(
    site: Site, observer: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(base_phase.SHELF_GIB, "0")
    site.run("phased", observer)
    assert "note: the base model is not kept for other runs: it has" in observer.text
    assert "LOADED" in observer.text
    assert site.shelf == []
    monkeypatch.setenv(base_phase.SHELF_GIB, "much")
    with pytest.raises(SettingsError, match="FARFIELD_BASE_MODELS_GIB is 'much', which is not a number"):
        site.run("phased", observer)


def test_a_full_disk_keeps_a_run_from_nothing(site: Site, observer: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("farfield_workers.model_shelf.write_kept", full)
    site.run("phased", observer)
    assert "not kept for other runs: No space left on device" in observer.text
    assert "LOADED" in observer.text
    assert site.shelf == []


class LaysAllOut(Trials):
    """A suite's plan that does not look at what is left out."""

    def stage(self, staging: Any) -> Any:
        return super().stage(replace(staging, left_out=frozenset()))


def test_no_plan_brings_base_images_back(site: Site, observer: Recorder) -> None:
    with pytest.raises(RunFailure, match="laid base images out after the base phase") as caught:
        site.run("novel", observer, board=replace(WITHHELD, plan=LaysAllOut(1)))
    assert (caught.value.code, caught.value.infrastructure) == ("platform.plan", True)


def test_an_image_of_a_release_before_there_were_phases(
    site: Site, observer: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object) -> None:
        raise RunFailure("platform.bad_job", "job.json has the kind 'phases'; this runner knows method")

    monkeypatch.setattr(base_phase, "execute", unknown)
    old = Runnable(description=site.installed.method("phased-together"), image="sha256:1")
    for board, ends in ((BOARD, None), (WITHHELD, "plugin.base_phase")):
        begun = site.begin(board, old)
        phases = base_phase.BasePhases(sandbox=ProcessSandbox(), shelf=base_phase.shelf_of(site.var), environment="e")
        if ends is None:
            assert phases.take(begun, observer) == base_phase.Based()
        else:
            with pytest.raises(RunFailure, match="in the base phase alone") as caught:
                phases.take(begun, observer)
            assert caught.value.code == ends


def test_what_a_run_does_to_its_copy_reaches_no_other(site: Site) -> None:
    told = [Recorder(), Recorder()]
    for each in told:
        site.run("poisons", each)
    assert all("LOADED [0.25, 0.25, 0.75, 0.75]" in each.text for each in told)
    assert "BASE of" not in told[1].text


def test_a_damaged_model_is_trained_again(site: Site, observer: Recorder) -> None:
    site.run("phased", observer)
    path = site.model / "files" / "share.npy"
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    site.run("phased", observer)
    assert observer.text.count("BASE of") == 2
    assert path.read_bytes() == content
    assert len(content) < MIB
