"""A method goes the whole way on episodes: its base phase apart, support and queries by the stream, then figures."""

from pathlib import Path

import pytest
from tests.suites.rdfsl.made import PLAN, board, pack
from tests.unit.workers.conftest import Recorder
from tests.unit.workers.test_parts import installed_of

from farfield_evaluators.run_plan import Entrant, cells_of
from farfield_workers.evaluation import Evaluator, Request
from farfield_workers.runnable import Runnable
from farfield_workers.sandbox.process import ProcessSandbox

METHOD = '''
import os
from pathlib import Path
import numpy as np
from farfield import Images, MethodSpec, TaskFamily, TrackClaims, hookimpl

class Levels:
    """The class whose support is as bright: of a query the base set says how much darker it is."""

    def __init__(self, context):
        assert context.class_names == ("a", "b", "c"), context
        self.log = context.log
    def fit_base(self, dataset):
        assert sorted(set(dataset.labels.tolist())) == [0, 1, 2]
        self.log(f"BASE of {len(dataset)}")
        self.darker = 15.0
    def save_base(self, folder):
        (folder / "darker").write_text(str(self.darker))
    def load_base(self, folder):
        self.darker = float((folder / "darker").read_text())
    def fit_novel(self, support):
        inputs = Path.cwd().parent / "in"
        assert sorted(os.listdir(inputs / "test")) == ["ask", "give", "stream.json"], os.listdir(inputs / "test")
        assert not (inputs / "base").exists() and not (inputs / "support").exists()
        batch = support.take(np.arange(len(support)))
        levels = batch.inputs.mean(axis=(1, 2, 3))
        self.means = np.array([levels[batch.labels == label].mean() for label in range(3)])
    def predict(self, images):
        assert len(images) <= 4
        return -np.abs(images.mean(axis=(1, 2, 3))[:, None] + self.darker - self.means)

@hookimpl
def farfield_methods():
    return [MethodSpec(name="levels", family=TaskFamily.FEW_SHOT_CLASSIFICATION, summary="Levels.", build=Levels,
                       inputs=Images(size=12, crop="center"), claims=TrackClaims(backbone="none"), batch_size=4)]
'''


@pytest.mark.submitted
def test_a_method_learns_once_and_is_right_in_every_episode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox, watcher = ProcessSandbox(), Recorder()
    installed = installed_of("levels", METHOD, sandbox, tmp_path, monkeypatch)
    runnable, evaluator = Runnable(description=installed.method("levels")), Evaluator(installed, sandbox, tmp_path)
    squares, entrant = pack(tmp_path / "packs"), Entrant(identity="a", benchmark="own/squares", method="levels")
    for cell in cells_of(PLAN, "", entrant):
        request = Request(benchmark=board(), pack=squares, runnable=runnable, cell=cell)
        outcome = evaluator.run(request, watcher)
        figures = {figure.domain: figure.value for figure in outcome.evidence.figures}
        assert figures == {"dark": 1.0, "shifts": 1.0}
        assert (outcome.probes["deterministic"], outcome.probes["batch_independent"]) == (True, True)
    assert watcher.text.count("BASE of 12") == 1
    assert "base model taken from the shelf" in watcher.text
