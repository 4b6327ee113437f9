"""The curve of a method on its way from the sandbox: scored as the entry is, checked, and never in its way."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from farfield import Resources
from farfield.runtime.curve import MOST_POINTS
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import find
from farfield_evaluators.data.label_space import subset
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.evaluate import Truth, curve_point
from farfield_evaluators.run_plan import Cell, Staged
from farfield_evaluators.scoring.classification import ID_SUBSET_ACCURACY
from farfield_evaluators.staging import pooled, truth_of
from farfield_workers.curves import CURVE_BYTES, room_for
from farfield_workers.evaluation import Evaluator, Outcome, Request, curve_of
from farfield_workers.outputs import rules_of, with_room
from farfield_workers.runnable import Runnable
from farfield_workers.sandbox.base import GIB, Limits
from farfield_workers.sandbox.process import ProcessSandbox

MINI = find("imagenet-ood/mini")
CORRUPTED = find("imagenet-ood/imagenet-c")


def run(method: str, tools: Any, pack: Pack, folder: Path, observer: Any, **config: object) -> Outcome:
    runnable = Runnable(description=tools.method(method))
    request = Request(benchmark=MINI, pack=pack, runnable=runnable, cell=Cell(at={"trial": 0}, seed=1), config=config)
    return Evaluator(tools, ProcessSandbox(), folder).run(request, observer)


def test_each_point_has_the_figures_of_a_run_there(installed: Any, pack: Pack, tmp_path: Path, observer: Any) -> None:
    line = run("toy-line", installed, pack, tmp_path, observer, shift=1)
    columns = {(c.metric, c.domain) for c in MINI.columns}
    assert [point.point for point in line.curve] == [0, 1, 2]
    for point in line.curve[:2]:
        alone = run("toy-brightness", installed, pack, tmp_path, observer, shift=int(point.point))
        assert set(point.scores) == {s for s in alone.evidence.figures if (s.metric, s.domain) in columns}
    assert {s for s in line.evidence.figures if (s.metric, s.domain) in columns} == set(line.curve[1].scores)
    assert line.curve[0].scores != line.curve[1].scores


def test_most_methods_have_none(installed: Any, pack: Pack, tmp_path: Path, observer: Any) -> None:
    assert run("toy-brightness", installed, pack, tmp_path, observer).curve == ()


def staged_of(truth: Truth) -> Staged:
    return Staged(truth=truth, job={}, examples=len(truth), classes=truth.classes)


@pytest.fixture
def truth(pack: Pack) -> Truth:
    return truth_of(MINI, pack, *pooled(MINI, pack))


@pytest.fixture
def output(tmp_path: Path, truth: Truth) -> Path:
    """What a run with two points leaves."""
    (tmp_path / "curve.json").write_text('{"points": [0, 0.5]}')
    for number in range(2):
        np.save(tmp_path / f"curve-{number:02}.npy", np.eye(len(truth), truth.classes, dtype=np.float32))
    return tmp_path


def test_a_whole_curve_is_read(truth: Truth, output: Path, observer: Any) -> None:
    assert [p.point for p in curve_of(MINI, staged_of(truth), output, observer)] == [0, 0.5]
    assert observer.text == ""


@pytest.mark.parametrize(
    ("points", "says"),
    [
        ([0, 0.5, 1], "curve-02.npy was not written"),
        ([0.5, 0], "each above the one before"),
        ([0, 10**400], "no list of finite numbers"),
        ([0, True], "no list of finite numbers"),
        ("0", "no list of finite numbers"),
        (None, "no list of finite numbers"),
        (list(range(MOST_POINTS + 1)), "33 points are too many"),
        (list(range(5000)), "longer than 4096 bytes"),
    ],
)
def test_a_list_of_points_that_is_not_one(truth: Truth, output: Path, observer: Any, points: Any, says: str) -> None:
    (output / "curve.json").write_text(json.dumps({"points": points}))
    assert curve_of(MINI, staged_of(truth), output, observer) == ()
    assert observer.text.startswith("note: the curve is left out: ")
    assert says in observer.text


@pytest.mark.parametrize("bad", ["nan", "shape", "pickle", "link"])
def test_logits_that_cannot_be_scored(truth: Truth, output: Path, observer: Any, bad: str) -> None:
    path, good = output / "curve-01.npy", np.zeros((len(truth), truth.classes), np.float32)
    path.unlink()
    if bad == "link":
        path.symlink_to(output / "curve-00.npy")
    else:
        made = {"nan": good * np.nan, "shape": good[1:], "pickle": np.array([{}], object)}[bad]
        np.save(path, made, allow_pickle=True)
    assert curve_of(MINI, staged_of(truth), output, observer) == ()
    assert "note: the curve is left out: " in observer.text


def test_the_axis_of_a_shift_with_its_own_classes_is_kept(truth: Truth) -> None:
    two = subset((0, 1))
    number = [domain.role for domain in MINI.domains].index("shift")
    labels = np.where(truth.domains == number, truth.labels % 2, truth.labels)
    spaced = replace(truth, labels=labels, spaces={number: two})
    declares = replace(
        MINI,
        metrics=(*MINI.metrics, ID_SUBSET_ACCURACY.metric),
        scorers=(*MINI.scorers, ID_SUBSET_ACCURACY),
    )
    found = curve_point(declares, spaced, 0.5, np.eye(truth.classes, dtype=np.float32)[labels])
    kept = {(s.metric, s.domain) for s in found.scores} - {(c.metric, c.domain) for c in MINI.columns}
    assert kept == {("id-subset-accuracy", MINI.domains[number].name)}


def sized(count: int, classes: int) -> Staged:
    return Staged(truth=None, job={}, examples=count, classes=classes)


def room(benchmark: Benchmark, staged: Staged) -> int:
    return room_for(benchmark, rules_of(benchmark, staged))


def with_output_of(limits: Limits, benchmark: Benchmark, staged: Staged) -> Limits:
    """As a run is given them: with room for its predictions and its curve."""
    return with_room(limits, rules_of(benchmark, staged), 1 + room(benchmark, staged))


def test_a_detector_has_no_room_and_a_small_benchmark_has_all() -> None:
    assert room(find("ood-detection/mini"), sized(100, 10)) == 0
    assert room(MINI, sized(100, 10)) == MOST_POINTS


def test_the_output_holds_the_predictions_of_the_largest_benchmark() -> None:
    limits = Limits.of(Resources())
    whole = sized(50_000 * (1 + 15 * 5), 1000)
    assert room(CORRUPTED, whole) == 0
    assert with_output_of(limits, CORRUPTED, whole).output_bytes == limits.output_bytes + whole.examples * 8000
    five_shifts = sized(170_000, 1000)
    assert 11 <= room(find("imagenet-ood/imagenet"), five_shifts) < MOST_POINTS
    most = with_output_of(limits, find("imagenet-ood/imagenet"), five_shifts).output_bytes
    assert most <= limits.output_bytes + CURVE_BYTES + 2 * GIB
