"""A choice goes the whole way, from a package's method to the figures of the model; a run that cheats has none."""

from pathlib import Path

import pytest
from tests.suites.pruning import made
from tests.unit.workers.conftest import Recorder
from tests.unit.workers.test_parts import installed_of

from farfield_evaluators.run_plan import Entrant, cells_of
from farfield_workers.evaluation import Evaluator, Request
from farfield_workers.failures import RunFailure
from farfield_workers.runnable import Runnable
from farfield_workers.sandbox.process import ProcessSandbox

METHODS = '''
import os
from pathlib import Path
import numpy as np
from farfield import BackboneSpec, Features, Images, MethodSpec, TaskFamily, TrackClaims, hookimpl
from farfield.families import data_selection

class Honest:
    """The examples whose labels are what they look like."""
    def __init__(self, context):
        self.log = context.log
    def choose(self, train, most):
        inputs = Path.cwd().parent / "in"
        assert sorted(os.listdir(inputs)) == ["job.json", "test", "train"], os.listdir(inputs)
        assert sorted(os.listdir(inputs / "test")) == ["ask", "give", "stream.json"], os.listdir(inputs / "test")
        batch = train.take(np.arange(len(train)))
        self.log(f"{most} OF {len(train)}")
        return np.flatnonzero((batch.inputs[:, 0] > 0.5) == batch.labels)[::-1]

class Greedy(Honest):
    """All examples, past what the runner looks at."""
    def __init__(self, context):
        super().__init__(context)
        data_selection.positions_of = lambda returned, count, most: np.arange(count)

def levels(device):
    return lambda images: np.stack([images.mean(axis=(1, 2, 3)) / 255, np.ones(len(images))], 1).astype(np.float32)

def spec(name, build):
    return MethodSpec(name=name, family=TaskFamily.DATA_SELECTION, summary="Chooses.", build=build,
                      inputs=Features(backbone="levels", dim=2), claims=TrackClaims(backbone="levels"))

@hookimpl
def farfield_methods():
    return [spec("honest", Honest), spec("greedy", Greedy)]

@hookimpl
def farfield_backbones():
    return [BackboneSpec(name="levels", dim=2, build=levels, inputs=Images(size=8), pretraining=(), licence="CC0")]
'''


@pytest.mark.submitted
def test_a_choice_becomes_the_figures_of_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox, watcher = ProcessSandbox(), Recorder()
    installed = installed_of("chooses", METHODS, sandbox, tmp_path, monkeypatch)
    evaluator, pack = Evaluator(installed, sandbox, tmp_path), made.pack(tmp_path / "levels")
    (cell,) = cells_of(made.PLAN, "50-percent", Entrant(identity="a", benchmark="own/levels", method="any"))

    def request(method: str) -> Request:
        runnable = Runnable(description=installed.method(method))
        return Request(benchmark=made.board(), pack=pack, runnable=runnable, cell=cell, tier="50-percent")

    outcome = evaluator.run(request("honest"), watcher)
    assert {figure.domain: figure.value for figure in outcome.evidence.figures} == {"test": 1.0}
    assert outcome.probes == {}
    assert "8 OF 16" in watcher.text
    with pytest.raises(RunFailure, match="16 examples are chosen; the budget is from 1 to 8") as refused:
        evaluator.run(request("greedy"), watcher)
    assert refused.value.code == "predictions.invalid"
