"""Base models on every isolating backend: trained once, shared, and no way from one run into the next."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.sandbox.laid import laid_out
from tests.unit.workers.conftest import Recorder
from tests.unit.workers.test_parts import DETECTION, make

from farfield_evaluators.data.packs import Pack
from farfield_evaluators.plans.trials import Trials
from farfield_evaluators.run_plan import Cell
from farfield_workers.evaluation import Evaluator, Outcome, Request
from farfield_workers.failures import RunFailure
from farfield_workers.inspection import Candidate, inspect
from farfield_workers.installed import Installed
from farfield_workers.runnable import Runnable
from farfield_workers.sandbox.base import Sandbox

BOARD = replace(DETECTION, plan=Trials(3), withheld_after_base=True)
SOURCE = Path(__file__).with_name("hostile_base.py")


@pytest.fixture(scope="module")
def parted(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return make(tmp_path_factory.mktemp("parts") / "src")


class Stage:
    """A worker's evaluation path with the hostile package."""

    def __init__(self, sandbox: Sandbox, pack: Pack, folder: Path) -> None:
        self.sandbox, self.pack, self.var = sandbox, pack, folder / "var"
        folder.chmod(0o755)
        self.plugin = laid_out(folder / "plugin", SOURCE)
        candidate = Candidate(distribution="hostile-base", method=name_of("harmless"), config={}, plugin=self.plugin)
        self.description: dict[str, Any] = inspect(sandbox, candidate, self.var, Recorder())

    def run(self, name: str, observer: Recorder, trial: int = 0) -> Outcome:
        request = Request(
            benchmark=BOARD,
            pack=self.pack,
            runnable=Runnable(description=self.description | {"name": name_of(name)}, plugin=self.plugin),
            cell=Cell(at={"trial": trial}, seed=trial),
            base_seed=7,
        )
        return Evaluator(Installed(methods={}, backbones={}), self.sandbox, self.var).run(request, observer)


def name_of(attack: str) -> str:
    return f"hostile-base-{attack}"


@pytest.fixture(scope="module")
def stage(isolated: Sandbox, parted: Pack, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return Stage(isolated, parted, tmp_path_factory.mktemp("stage"))


def test_three_runs_share_what_was_trained_once(stage: Stage) -> None:
    told = [Recorder() for _ in range(3)]
    outcomes = [stage.run("harmless", each, trial) for trial, each in enumerate(told)]
    assert [each.text.count("BASE of 4") for each in told] == [1, 0, 0]
    assert ["taken from the shelf" in each.text for each in told] == [False, True, True]
    assert all(outcome.evidence.figures[0].value == pytest.approx(1.0) for outcome in outcomes)
    assert not any("GOT" in each.text for each in told)
    assert list((stage.var / "scratch").iterdir()) == []


def test_a_run_cannot_poison_the_model_of_the_next(stage: Stage) -> None:
    for trial in range(2):
        observer = Recorder()
        assert stage.run("poisons", observer, trial).evidence.figures[0].value == pytest.approx(1.0)
        assert observer.text.count("is refused") == 9, observer.text
        assert "GOT" not in observer.text
    assert "BASE of" not in observer.text


ATTACKS = {
    "saves-a-link": "in the base phase: passwd is no plain file",
    "saves-a-pipe": "in the base phase: pipe is no plain file",
    "saves-many-files": "in the base phase: more than 1000 files and folders were saved",
    "saves-a-folder-that-is-a-link": "in the base phase: base/ was not written",
    "saves-nothing": "in the base phase: base/ was not written",
    "answers-otherwise": "result.json does not say how the method takes its base phase",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_is_no_model_is_refused(stage: Stage, attack: str) -> None:
    with pytest.raises(RunFailure, match=f"^{ATTACKS[attack]}") as caught:
        stage.run(attack, Recorder())
    assert (caught.value.code, caught.value.infrastructure) == ("plugin.base_phase", False)
    assert list((stage.var / "scratch").iterdir()) == []


@pytest.mark.parametrize("odd", ["saves-a-pickle", "locks-what-it-saves"])
def test_what_is_odd_and_plain_harms_nobody(stage: Stage, odd: str) -> None:
    told = [Recorder(), Recorder()]
    outcomes = [stage.run(odd, each) for each in told]
    assert all(outcome.evidence.figures[0].value == pytest.approx(1.0) for outcome in outcomes)
    assert "taken from the shelf" in told[1].text
    assert not Path("/tmp/farfield-exploited").exists()
