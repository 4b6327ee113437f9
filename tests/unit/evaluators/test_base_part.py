"""The base phase of a benchmark: the same for all runs of an entry, and without anything of the support set."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.unit.workers.test_parts import DETECTION, make

from farfield.errors import SpecError
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.plans.trials import Trials
from farfield_evaluators.run_plan import Cell, Entrant, Staging
from farfield_evaluators.seeds import base_seed, cell_seed


@pytest.fixture(scope="module")
def parted(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return make(tmp_path_factory.mktemp("parts") / "src")


def staging(pack: Pack, folder: Path, trial: int = 0, benchmark=DETECTION, **changes) -> Staging:
    return Staging(
        benchmark=benchmark, pack=pack, tier="", cell=Cell(at={"trial": trial}, seed=trial), folder=folder,
        entrant=Entrant(identity="a", benchmark=benchmark.name, method="m"), description={}, config={"lr": 0.1},
        base_seed=7, **changes,
    )  # fmt: skip


def test_all_runs_of_an_entry_share_the_base_phase(parted: Pack, tmp_path: Path) -> None:
    first, other = (Trials(2).base_part(staging(parted, tmp_path, trial)) for trial in (0, 1))
    assert first is not None
    assert first == other
    assert (first.job["seed"], first.job["config"], first.job["novel_classes"]) == (7, {"lr": 0.1}, (1,))
    assert first.data == {"fingerprint": parted.fingerprint, "set": "base"}
    without = replace(DETECTION, parts={"support": "support"})
    assert Trials().base_part(staging(parted, tmp_path, benchmark=without)) is None


def test_the_base_phase_holds_base_images_alone(parted: Pack, tmp_path: Path) -> None:
    part = Trials().base_part(staging(parted, tmp_path))
    assert part is not None
    part.lay_out(tmp_path / "in")
    assert [path.name for path in (tmp_path / "in").iterdir()] == ["base"]
    named = [part.job["domain_names"][number] for number in np.load(tmp_path / "in" / "base" / "domains.npy")]
    assert named == [parted.domains[number] for number in parted.domain_numbers[parted.members("base")]]
    boxes = [np.load(tmp_path / "in" / "base" / f"{name}.npy") for name in ("boxes", "box-labels")]
    assert [array.tolist() for array in boxes][1] == [0] * 4


def test_what_goes_on_from_a_base_model_has_no_base_images(parted: Pack, tmp_path: Path) -> None:
    whole = Trials().stage(staging(parted, tmp_path / "whole"))
    without = Trials().stage(staging(parted, tmp_path / "without", left_out=frozenset({"base"})))
    listed = [sorted(path.name for path in (tmp_path / name).iterdir()) for name in ("whole", "without")]
    assert listed == [["base", "support", "test"], ["support", "test"]]
    assert whole.job == without.job  # the novel classes are the same, and so is the order of the domains


def test_seeds_of_a_base_phase_are_the_submissions_own() -> None:
    assert base_seed("a", "own/parts") == base_seed("a", "own/parts")
    others = {base_seed("b", "own/parts"), base_seed("a", "own/other"), cell_seed("a", "own/parts", {})}
    assert base_seed("a", "own/parts") not in others


def test_withholding_is_in_the_key_and_needs_base_images() -> None:
    withheld = replace(DETECTION, withheld_after_base=True)
    assert withheld.comparability_key("f") != DETECTION.comparability_key("f")
    with pytest.raises(SpecError, match="withholds base images after the base phase, and has no part `base`"):
        replace(withheld, parts={"support": "support"})
