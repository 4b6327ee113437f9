"""Declared bases that are written by hand: what the worker refuses, and what ends in the sandbox of who wrote it."""

from pathlib import Path
from typing import Any

import pytest
from tests.sandbox.laid import laid_out
from tests.unit.workers.conftest import Recorder

from farfield_evaluators.catalog import find
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.run_plan import Cell
from farfield_workers.evaluation import Evaluator, Outcome, Request
from farfield_workers.failures import RunFailure
from farfield_workers.inspection import Candidate, inspect
from farfield_workers.installed import Installed
from farfield_workers.runnable import Runnable
from farfield_workers.sandbox.base import Sandbox

SOURCE = Path(__file__).with_name("hostile_declared.py")
HARMLESS = "harmless"


class Stage:
    """A worker's evaluation path with the hostile package."""

    def __init__(self, sandbox: Sandbox, pack: Pack, folder: Path) -> None:
        self.sandbox, self.pack, self.var = sandbox, pack, folder / "var"
        folder.chmod(0o755)
        self.plugin = laid_out(folder / "plugin", SOURCE)
        candidate = Candidate(distribution="hostile-declared", method="hostile-declared", config={}, plugin=self.plugin)
        self.description: dict[str, Any] = inspect(sandbox, candidate, self.var, Recorder())

    def run(self, train: str, observer: Recorder) -> Outcome:
        """The method, as if it were described with this function; the package calls that in its name."""
        declared = {**self.description["base"], "train": f"hostile_declared:{train}"}
        (self.plugin / "hostile_declared.py").write_text(
            SOURCE.read_text().replace("Base(train=harmless)", f"Base(train={train})")
        )
        request = Request(
            benchmark=find("imagenet-ood/mini"),
            pack=self.pack,
            runnable=Runnable(description=self.description | {"base": declared}, plugin=self.plugin),
            cell=Cell(at={"trial": 0}, seed=1),
        )
        return Evaluator(Installed(methods={}, backbones={}), self.sandbox, self.var).run(request, observer)


@pytest.fixture(scope="module")
def stage(isolated: Sandbox, pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return Stage(isolated, pack, tmp_path_factory.mktemp("stage"))


REFUSED, UNREAD = "plugin.base_phase", "plugin.protocol"
ATTACKS = {
    "links_out": (REFUSED, "in the base phase: arrays.npz is no plain file"),
    "pipes": (REFUSED, "in the base phase: arrays.npz is no plain file"),
    # These are bytes in a plain file, and only the run of who wrote them reads them.
    "is_called_otherwise": (UNREAD, "arrays.npz of the base cannot be read"),
    "header_lies": ("resources.memory", "ran out of memory"),
    "pickles": (UNREAD, "arrays.npz of the base cannot be read: Object arrays cannot be loaded"),
    "is_a_pickle": (UNREAD, "arrays.npz of the base cannot be read"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_base_that_was_written_by_hand_ends_its_own_run(stage: Stage, attack: str) -> None:
    code, says = ATTACKS[attack]
    with pytest.raises(RunFailure, match=says) as caught:
        stage.run(attack, Recorder())
    assert (caught.value.code, caught.value.infrastructure) == (code, False)
    assert list((stage.var / "scratch").iterdir()) == []
    assert not Path("/tmp/farfield-exploited").exists()
    assert stage.run(HARMLESS, Recorder()).evidence.figures
