"""Boards of few-shot detection: what a run of each setting learns from, and what its detections are worth."""

from pathlib import Path

import numpy as np
import pytest
from tests.suites.fsdet import made

from farfield import families
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.evaluate import evaluate
from farfield_evaluators.plans.places import placed
from farfield_evaluators.run_plan import Cell
from farfield_evaluators.staging import stage, told
from farfield_evaluators.suites.fsdet.board import Setting
from farfield_workers.evaluation import Evaluator, Request
from farfield_workers.execution import Progress
from farfield_workers.installed import describe_installed
from farfield_workers.runnable import Runnable
from farfield_workers.sandbox.gauge import Reading
from farfield_workers.sandbox.process import ProcessSandbox


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return made.pack(tmp_path_factory.mktemp("few-shot") / "src")


@pytest.mark.parametrize(
    ("setting", "labels", "metrics"),
    [
        ("fsis", [2, 2, 3, 3], {"n"}),
        ("gfsis", [0, 0, 1, 1, 2, 2, 3, 3], {"n", "b"}),
        ("ifsis", [2, 2, 3, 3], {"n", "b"}),
    ],
)
def test_each_setting_has_its_shots_and_its_figures(
    pack: Pack, tmp_path: Path, setting: Setting, labels: list[int], metrics: set[str]
) -> None:
    board = placed(made.board(setting), {"shots": 2, "group": 1})
    truth = stage(board, pack, tmp_path / "in", None)
    assert sorted(np.load(tmp_path / "in" / "support" / "box-labels.npy").tolist()) == labels
    assert np.load(tmp_path / "in" / "support" / "boxes-rows.npy").tolist() == [1] * len(labels)
    assert sorted(np.load(tmp_path / "in" / "base" / "box-labels.npy").tolist()) == [0, 0, 1, 1]
    assert told(board, pack, truth)["novel_classes"] == made.NOVEL
    assert {column.metric for column in board.columns} == {f"{letter}ap" for letter in metrics}


def test_shots_are_nested_and_shot_sets_have_nothing_in_common(pack: Pack) -> None:
    one, two = (set(pack.members(f"support-{shots}-0").tolist()) for shots in (1, 2))
    assert len(one) == 2
    assert one < two
    assert not two & set(pack.members("support-2-1").tolist())
    assert two < set(pack.members("support-all-2-0").tolist())


@pytest.mark.parametrize("masks", [False, True])
def test_without_a_single_detection_every_figure_is_0(pack: Pack, tmp_path: Path, masks: bool) -> None:
    """Where FsDet's code says -1."""
    board = made.board("gfsis", masks=masks)
    truth = stage(placed(board, {"shots": 1, "group": 0}), pack, tmp_path / "in", None)
    rules = families.of(board.family).outputs(board.size(examples=2, classes=4))
    nothing = {
        name: np.zeros((2,) if not rule.counts else (0, *rule.shape), rule.dtype) for name, rule in rules.items()
    }
    values = {figure.value for figure in evaluate(board, truth, nothing)}
    assert values == {0.0}


class Quiet:
    """Whoever is not interested in what a run says."""

    def stage(self, name: str) -> None: ...
    def progress(self, progress: Progress) -> None: ...
    def log(self, text: str) -> None: ...
    def used(self, reading: Reading) -> None: ...
    def alive(self) -> None: ...


@pytest.mark.submitted
def test_the_trivial_detector_goes_the_whole_way(pack: Pack, tmp_path: Path) -> None:
    """Its box of class 2 lies between those of both novel classes: their overlap with the first is 0.533."""
    sandbox = ProcessSandbox()
    installed = describe_installed(sandbox)
    runnable = Runnable(description=installed.method("fs-centre-box"))
    board, cell = made.board("gfsis"), Cell(at={"shots": 2, "group": 1}, seed=3)
    request = Request(benchmark=board, pack=pack, runnable=runnable, cell=cell, config={})
    figures = {f.key: f.value for f in Evaluator(installed, sandbox, tmp_path).run(request, Quiet()).evidence.figures}
    assert figures["nap50", "test"] == pytest.approx(0.5)
    assert (figures["nap75", "test"], figures["bap", "test"]) == (0, 0)
    assert figures["nap", "test"] == pytest.approx(0.05)
