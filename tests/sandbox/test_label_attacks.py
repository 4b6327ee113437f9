"""Methods that want more labels than they may ask for, in each isolating sandbox, by the whole path of a worker."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.sandbox.laid import laid_out
from tests.unit.workers.conftest import Recorder
from tests.unit.workers.test_desk import ASKING
from tests.unit.workers.test_parts import make

from farfield import Budget
from farfield_evaluators.run_plan import Cell
from farfield_workers.evaluation import Evaluator, Outcome, Request
from farfield_workers.failures import RunFailure
from farfield_workers.inspection import Candidate, inspect
from farfield_workers.installed import Installed
from farfield_workers.runnable import Runnable
from farfield_workers.sandbox.base import Sandbox

BENCHMARK = replace(ASKING, budget=Budget(rounds=2, per_round=1))
ENDS = {
    "asks-beyond-the-budget": "plugin.labels",
    "asks-once-it-predicts": "plugin.labels",
    "floods-the-desk": "plugin.labels",
    "stops-within-a-question": "scored",
    "looks-for-labels": "scored",
}


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return laid_out(tmp_path_factory.mktemp("plugin"), Path(__file__).with_name("hostile_labels.py"))


def test_no_run_gets_more_labels_than_the_budget_has(
    isolated: Sandbox, plugin: Path, tmp_path: Path, observer: Recorder
) -> None:
    pack = make(tmp_path / "parts")
    candidate = Candidate(distribution="hostile-labels", method="asks", config={}, plugin=plugin)
    description = inspect(isolated, candidate, tmp_path, Recorder())

    def run(name: str) -> Outcome:
        runnable = Runnable(description=description | {"name": name}, plugin=plugin)
        request = Request(benchmark=BENCHMARK, pack=pack, runnable=runnable, cell=Cell(at={"trial": 0}, seed=1))
        return Evaluator(Installed(methods={}, backbones={}), isolated, tmp_path).run(request, observer)

    def end(name: str) -> str:
        try:
            run(name)
        except RunFailure as failure:
            return failure.code
        return "scored"

    assert run("asks").labels == (1,)
    assert {name: end(name) for name in ENDS} == ENDS, observer.text[-2000:]
    assert "GOT" not in observer.text
    assert run("asks").labels == (1,)
