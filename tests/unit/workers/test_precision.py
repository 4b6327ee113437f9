"""A benchmark says in which numbers frozen networks compute; every process of a run is told, and caches keep apart."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.workers.conftest import Recorder, whole
from tests.unit.workers.test_shared_features import BACKBONE, Sums, pack_of

from farfield.precision import TF32, VARIABLE, Precision
from farfield_evaluators.catalog import find
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.run_plan import Cell
from farfield_workers.evaluation import Evaluator, Request
from farfield_workers.execution import of_runner
from farfield_workers.features import FeatureCache
from farfield_workers.installed import Installed
from farfield_workers.runnable import Runnable
from farfield_workers.sandbox.base import Execution, Finished, Limits, Stopped, Tick
from farfield_workers.sandbox.runtime import environment

ARITHMETIC = {VARIABLE, TF32}


class Asked(Sums):
    """A sandbox that remembers what it was asked to run."""

    def __init__(self) -> None:
        super().__init__()
        self.executions: list[Execution] = []

    def run(self, execution: Execution, tick: Tick) -> Finished:
        self.executions.append(execution)
        return super().run(execution, tick)


class Refuses(Asked):
    """One that runs nothing."""

    def run(self, execution: Execution, tick: Tick) -> Finished:
        self.executions.append(execution)
        raise Stopped


@pytest.mark.parametrize(
    ("precision", "gpu", "variables"),
    [
        (Precision.FLOAT32, None, {}),
        (Precision.FLOAT32, "GPU-1", {TF32: "0"}),
        (Precision.BFLOAT16, None, {VARIABLE: "bfloat16"}),
        (Precision.BFLOAT16, "GPU-1", {VARIABLE: "bfloat16", TF32: "0"}),
    ],
)
def test_a_process_is_told(tmp_path: Path, precision: Precision, gpu: str | None, variables: dict[str, str]) -> None:
    made = of_runner(tmp_path, Limits(memory_bytes=1 << 30, seconds=1))
    found = environment(replace(made, precision=precision, gpu=gpu), ())
    assert {name: value for name, value in found.items() if name in ARITHMETIC} == variables


def test_features_of_each_precision_and_device_are_kept_apart(tmp_path: Path) -> None:
    pack, sandbox = pack_of(tmp_path, "first", range(4)), Asked()
    kinds = [(precision, gpu) for precision in Precision for gpu in (None, "GPU-1")]
    caches = [
        FeatureCache(home=tmp_path / "cache", sandbox=sandbox, gpu=gpu, precision=precision) for precision, gpu in kinds
    ]
    cached = [cache.look(whole(pack), BACKBONE, Recorder()).cached for cache in (*caches, *caches)]
    assert cached == [0.0] * 4 + [1.0] * 4
    assert [(each.precision, each.gpu) for each in sandbox.executions] == kinds
    assert caches[0].path_of(whole(pack), BACKBONE).name == f"{BACKBONE.word}.npy"  # as it ever was


@pytest.fixture
def told(installed: Installed, pack: Pack, tmp_path: Path) -> Callable[[Precision], Execution]:
    def told(precision: Precision) -> Execution:
        sandbox = Refuses()
        request = Request(
            benchmark=replace(find("imagenet-ood/mini"), precision=precision),
            pack=pack,
            runnable=Runnable(description=installed.method("toy-brightness")),
            cell=Cell(at={"trial": 0}, seed=1),
        )
        with pytest.raises(Stopped):
            Evaluator(installed, sandbox, tmp_path).run(request, Recorder())
        (execution,) = sandbox.executions
        return execution

    return told


@pytest.mark.parametrize("precision", Precision)
def test_the_run_of_a_method_is_told_what_its_benchmark_says(
    told: Callable[[Precision], Execution], precision: Precision
) -> None:
    assert told(precision).precision is precision
