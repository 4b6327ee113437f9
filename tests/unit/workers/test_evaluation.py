"""The evaluation path with real runner processes: what comes out, and every way it can end."""

import os
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from tests.unit.evaluators.scoring.made import detected, figures_of

from farfield.errors import PredictionsError, UnknownName
from farfield_evaluators.catalog import find
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.run_plan import Cell, Evidence
from farfield_evaluators.scoring.detection import OPENOOD
from farfield_workers.evaluation import Evaluator, Request, say_remarks
from farfield_workers.failures import RunFailure
from farfield_workers.installed import Installed, describe_installed
from farfield_workers.runnable import Runnable
from farfield_workers.sandbox.base import Stopped
from farfield_workers.sandbox.process import ProcessSandbox
from farfield_workers.untrusted import load_array


@pytest.fixture
def run(installed: Installed, sandbox: ProcessSandbox, pack: Pack, tmp_path: Path, observer):
    def evaluate(method: str, benchmark: str = "imagenet-ood/mini", **config: object):
        runnable = Runnable(description=installed.method(method))
        cell = Cell(at={"trial": 0}, seed=1)
        request = Request(benchmark=find(benchmark), pack=pack, runnable=runnable, cell=cell, config=config)
        return Evaluator(installed, sandbox, tmp_path).run(request, observer)

    return evaluate


def test_a_method_is_fitted_run_and_scored(run, observer, tmp_path: Path) -> None:
    evaluated = run("toy-brightness")
    scores = {(s.metric, s.domain): s.value for s in evaluated.evidence.figures}
    assert scores["accuracy", "shifts"] == 1
    assert observer.stages == ["preparing", "running", "scoring"]
    assert "fitting on 8 images of " in observer.text
    assert evaluated.seconds["run"] > 0
    assert 0 < evaluated.memory.peak_bytes < evaluated.memory.limit_bytes
    assert list((tmp_path / "scratch").iterdir()) == []


def test_the_configuration_reaches_the_method(run) -> None:
    scores = {(s.metric, s.domain): s.value for s in run("toy-brightness", shift=1).evidence.figures}
    assert scores["accuracy", "shifts"] == 0


def test_a_detector_is_scored(run) -> None:
    scores = {(s.metric, s.domain): s.value for s in run("toy-detector", "ood-detection/mini").evidence.figures}
    assert 0 <= scores["auroc", "near"] <= 1
    assert scores["accuracy", "id"] == 1


def test_scores_in_the_wrong_direction_are_said_in_the_log(observer) -> None:
    tests = [detected("photographs", "id", np.zeros(5)), detected("flags", "far", np.ones(5))]
    say_remarks(Evidence(figures=figures_of(tests, (OPENOOD,))), observer)
    assert "negate the scores [scores.direction]" in observer.text


@pytest.mark.parametrize(
    ("method", "code", "says"),
    [
        ("toy-raises", "plugin.raised", "ValueError: colour is a lie"),
        ("toy-nan", "plugin.protocol", "must be finite"),
        ("toy-sleeps", "resources.time", "longer than its 0.1 minutes"),
        ("toy-eats", "resources.memory", "memory"),
        ("toy-floods", "resources.time", "longer than its 0.1 minutes"),
        ("toy-dies", "plugin.crashed", "exit status 139"),
        ("toy-quits", "predictions.invalid", "logits.npy was not written"),
        ("toy-quits-late", "predictions.invalid", "result.json was not written"),
    ],
)
def test_every_bad_end_has_a_code_and_leaves_nothing(
    run, observer, tmp_path: Path, method: str, code: str, says: str
) -> None:
    with pytest.raises(RunFailure, match=says) as caught:
        run(method)
    assert caught.value.code == code
    assert not caught.value.infrastructure
    assert list((tmp_path / "scratch").iterdir()) == []
    assert orphans() == []


@pytest.mark.parametrize("method", ["toy-eats", "toy-nan", "toy-quits"])
def test_a_run_that_fails_says_what_it_held_too(run, method: str) -> None:
    with pytest.raises(RunFailure) as caught:
        run(method)
    assert caught.value.memory.peak_bytes > 1 << 20


def test_the_log_is_there_when_a_method_raises(run, observer) -> None:
    with pytest.raises(RunFailure):
        run("toy-raises")
    assert observer.text.rstrip().endswith("ValueError: colour is a lie")


def test_a_flooded_log_is_bounded_and_keeps_its_last_lines(run, observer) -> None:
    with pytest.raises(RunFailure):
        run("toy-floods")
    assert len(observer.text) < 4 << 20
    assert "bytes of log left out]" in observer.text
    assert observer.text.rstrip().endswith("x" * 500)


def test_a_stopped_run_ends_within_seconds(run, observer) -> None:
    observer.stop_when = lambda seen: "asleep" in seen.text
    started = time.monotonic()
    with pytest.raises(Stopped):
        run("toy-sleeps")
    assert time.monotonic() - started < 5
    assert orphans() == []


def test_no_credential_reaches_the_method(run, observer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FARFIELD_WORKER_TOKEN", "hunter2")
    monkeypatch.setenv("FARFIELD_BROKER_URL", "redis://secret")
    run("toy-environment")
    seen = observer.text[observer.text.index("ENV ") :]
    assert "FARFIELD" not in seen
    assert "'HOME'" in seen


@pytest.mark.parametrize(
    ("method", "benchmark", "config", "code"),
    [
        ("toy-brightness", "ood-detection/mini", {}, "plugin.wrong_family"),
        ("toy-brightness", "imagenet-ood/mini", {"shift": -1}, "plugin.bad_config"),
        ("toy-brightness", "imagenet-ood/mini", {"shfit": 1}, "plugin.bad_config"),
    ],
)
def test_a_request_that_does_not_fit(run, method: str, benchmark: str, config: dict, code: str) -> None:
    with pytest.raises(RunFailure) as caught:
        run(method, benchmark, **config)
    assert caught.value.code == code


def test_an_unknown_method_names_the_known(run) -> None:
    with pytest.raises(UnknownName, match="toy-brightness"):
        run("toy-brigthness")


def test_arrays_from_the_sandbox_are_never_pickles_links_or_too_large(tmp_path: Path) -> None:
    np.save(tmp_path / "pickle.npy", np.array([{}], dtype=object), allow_pickle=True)
    np.save(tmp_path / "large.npy", np.zeros((1000, 1000)))
    (tmp_path / "text.npy").write_text("hello")
    np.save(tmp_path / "real.npy", np.zeros((2, 2)))
    (tmp_path / "link.npy").symlink_to(tmp_path / "real.npy")
    for name in ("pickle", "large", "text", "link", "absent"):
        with pytest.raises(PredictionsError, match=name):
            load_array(tmp_path / f"{name}.npy", (2, 2))
    assert load_array(tmp_path / "real.npy", (2, 2)).shape == (2, 2)


def test_killing_the_worker_kills_the_run(tmp_path: Path, toy_plugin: Path, pack: Pack) -> None:
    script = (
        "import sys; from pathlib import Path; from farfield_evaluators.catalog import find;"
        "from farfield_evaluators.data.packs import open_pack; from farfield_workers.evaluation import *;"
        "from farfield_workers.installed import describe_installed; from farfield_workers.quiet import Quiet;"
        "from farfield_workers.sandbox.process import ProcessSandbox; s = ProcessSandbox();"
        "pack = open_pack(Path(sys.argv[1]), 'farfield-mini'); i = describe_installed(s); print('ready', flush=True);"
        "m = Runnable(description=i.method('toy-sleeps')); b = find('imagenet-ood/mini');"
        "r = Request(benchmark=b, pack=pack, runnable=m, cell=Cell(at={'trial': 0}, seed=1));"
        "Evaluator(i, s, Path(sys.argv[2])).run(r, Quiet())"
    )
    packs = pack.folder.parent.parent
    command = [os.sys.executable, "-c", script, str(packs), str(tmp_path)]
    worker = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None
    worker.stdout.readline()
    wait_until(lambda: runners(tmp_path))
    worker.kill()
    worker.wait()
    worker.stdout.close()
    wait_until(lambda: not runners(tmp_path))
    wait_until(lambda: not orphans())


def wait_until(condition, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "timed out"
        time.sleep(0.05)


def processes(text: str) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if text in line and str(os.getpid()) != path.parent.name:
            found.append(line)
    return found


def runners(folder: Path) -> list[str]:
    return [line for line in processes("farfield.runner") if str(folder) in line and "launch.py" not in line]


def orphans() -> list[str]:
    return processes("farfield-orphan")


@pytest.mark.parametrize(
    ("code", "said"),
    [("raise RuntimeError('not today')", "not today"), ("import os; os._exit(0)", "the process ended")],
)
def test_operating_a_worker_with_a_broken_plugin_offers_the_others(
    sandbox: ProcessSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, said: str
) -> None:
    info = tmp_path / "broken_thing-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken-thing\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[farfield]\nbroken = broken_thing\n")
    (tmp_path / "broken_thing.py").write_text(code)
    monkeypatch.setenv("FARFIELD_PLUGIN_PATH", os.pathsep.join((os.environ["FARFIELD_PLUGIN_PATH"], str(tmp_path))))
    described = describe_installed(sandbox)
    assert "toy-brightness" in described.methods
    (line,) = described.refused
    assert "broken-thing" in line
    assert said in line
