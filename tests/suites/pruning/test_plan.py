"""What a run is given to choose from, what is believed of its answer, and which model its figures are of."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.suites.pruning import made

from farfield import RunContext, TaskFamily
from farfield.errors import FarfieldError, PredictionsError, SpecError
from farfield.families.data_selection import KEPT, MOST
from farfield.runtime.dataset import ArraySource, LabeledSet
from farfield_baselines.classification import linear_probe
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.run_plan import Entrant, NotRunnable, Outputs, Staged, Staging, cells_of
from farfield_evaluators.staged_features import FeatureSource
from farfield_evaluators.suites.pruning.plan import FromChoice, chosen_in
from farfield_workers.outputs import read_outputs, rules_of

ALL = 2 * made.OF_A_CLASS
INPUTS = {"kind": "features", "backbone": made.BACKBONE, "dim": made.DIM}


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return made.pack(tmp_path_factory.mktemp("levels"))


def brightness(pack: Pack, positions: Any) -> Any:
    """The features of `made`'s squares, by their place: two numbers, one of which tells."""
    levels = [pack.blob.read_bytes()[start:end] for start, end in pack.spans[positions].tolist()]
    return np.array([[_level(one), 1.0] for one in levels], np.float32)


def _level(encoded: bytes) -> float:
    return float(np.asarray(Image.open(io.BytesIO(encoded)))[0, 0, 0]) / 255


def staging(pack: Pack, folder: Path, *, tier: str = "", inputs: Any = INPUTS) -> Staging:
    entrant = Entrant(identity="a", benchmark="own/levels", method="toy")
    (cell,) = cells_of(made.PLAN, tier, entrant)
    return Staging(
        benchmark=made.board(),
        pack=pack,
        tier=tier,
        cell=cell,
        entrant=entrant,
        description={"name": "toy", "inputs": inputs},
        config={},
        folder=folder,
        features=FeatureSource(of=brightness),
    )


def kept(*places: int) -> dict[str, Any]:
    mask = np.zeros(ALL, np.uint8)
    mask[list(places)] = 1
    return {KEPT: mask}


def right(staged: Staged) -> list[int]:
    """The places of the examples whose labels are right."""
    prepared = staged.truth
    return np.flatnonzero((prepared.features[:, 0] > 0.5) == prepared.labels).tolist()


def test_a_run_has_all_that_it_chooses_from_and_no_test_example(pack: Pack, tmp_path: Path) -> None:
    staged = made.PLAN.stage(staging(pack, tmp_path / "in"))
    files = {path.relative_to(tmp_path / "in").as_posix() for path in (tmp_path / "in").rglob("*.npy")}
    assert files == {"train/features.npy", "train/labels.npy", "train/domains.npy", "test/features.npy"}
    assert np.load(tmp_path / "in" / "test" / "features.npy").shape == (0, made.DIM)
    assert len(np.load(tmp_path / "in" / "train" / "labels.npy")) == staged.examples == ALL
    assert staged.truth.tested.shape == (2 * made.OF_A_CLASS, made.DIM)


def test_the_budget_is_the_tiers(pack: Pack, tmp_path: Path) -> None:
    budgets = {
        tier: made.PLAN.stage(staging(pack, tmp_path / f"in-{tier}", tier=tier)).job["schedule"][MOST]
        for tier in ("", "25-percent", "50-percent")
    }
    assert budgets == {"": 4, "25-percent": 4, "50-percent": 8}


def test_the_figures_are_of_a_model_that_saw_exactly_what_was_chosen(pack: Pack, tmp_path: Path) -> None:
    at_hand = staging(pack, tmp_path / "in", tier="50-percent")
    staged = made.PLAN.stage(at_hand)
    good = right(staged)
    bad = sorted(set(range(ALL)) - set(good))

    def accuracy(*places: int) -> float:
        evidence = made.PLAN.evidence(at_hand, staged, Outputs(arrays=kept(*places)))
        assert evidence.outcomes is not None
        assert evidence.outcomes.rows == 2 * made.OF_A_CLASS
        (figure,) = evidence.figures
        return figure.value

    assert (len(good), accuracy(*good), accuracy(*bad)) == (8, 1.0, 0.0)
    dark = [place for place in good if staged.truth.labels[place] == 0]
    assert accuracy(*dark) == 0.5  # a class of which nothing is chosen is never predicted


def test_the_model_is_the_linear_probe(pack: Pack, tmp_path: Path) -> None:
    prepared = made.PLAN.stage(staging(pack, tmp_path / "in")).truth
    places = np.array([0, 3, 5, 10])
    config = linear_probe.Config(l2=made.PLAN.l2)
    context = RunContext(
        class_names=("dark", "bright"), class_synsets=((), ()), seed=0, config=config, work_folder=tmp_path
    )
    probe = linear_probe.LinearProbe(context)
    labels = prepared.labels[places]
    probe.fit(LabeledSet(ArraySource(prepared.features[places]), labels, np.zeros_like(labels)))
    np.testing.assert_array_equal(made.PLAN.logits(prepared, places), probe.predict(prepared.tested))


@pytest.mark.parametrize(
    ("array", "said"),
    [
        (kept(*range(5))[KEPT], "5 examples are chosen; the budget is from 1 to 4"),
        (kept()[KEPT], "0 examples are chosen"),
        (kept(0)[KEPT] * 2, "kept must lie in 0..1"),
        (-kept(0)[KEPT].astype(np.int64), "kept must lie in 0..1"),
        (kept(0)[KEPT].astype(np.float32), "kept must be whole numbers"),
        (np.full(ALL, np.nan), "kept must be whole numbers"),
        (np.ones(ALL + 1, np.uint8), "kept has the shape"),
        (np.zeros((ALL, 1), np.uint8), "kept has the shape"),
    ],
)
def test_what_a_hostile_run_wrote_is_not_believed(pack: Pack, tmp_path: Path, array: Any, said: str) -> None:
    at_hand = staging(pack, tmp_path / "in")
    staged = made.PLAN.stage(at_hand)
    with pytest.raises(PredictionsError, match=said):
        made.PLAN.evidence(at_hand, staged, Outputs(arrays={KEPT: array}))


@pytest.mark.parametrize("count", [ALL * 1000, ALL + 1])
def test_a_file_of_another_size_is_not_read(pack: Pack, tmp_path: Path, count: int) -> None:
    at_hand = staging(pack, tmp_path / "in")
    staged = made.PLAN.stage(at_hand)
    np.save(tmp_path / f"{KEPT}.npy", np.ones(count, np.uint8))
    (tmp_path / "result.json").write_text("{}")
    with pytest.raises(FarfieldError, match=r"larger than \(16,\) values take|it must be \(16,\)"):
        read_outputs(rules_of(at_hand.benchmark, staged), staged, tmp_path)


def test_a_choice_is_of_the_places_that_are_marked() -> None:
    rules = rules_of(made.board(), Staged(truth=None, job={}, examples=ALL, classes=2))
    assert chosen_in(kept(7, 2), rules, 4).tolist() == [2, 7]


@pytest.mark.parametrize(
    "inputs", [{"kind": "images", "size": 8}, {"kind": "features", "backbone": "mini-clip", "dim": 512}]
)
def test_a_method_on_other_inputs_is_told_what_to_declare(pack: Pack, tmp_path: Path, inputs: Any) -> None:
    with pytest.raises(NotRunnable, match=r"declare inputs=Features\(backbone='levels', ...\)"):
        made.PLAN.stage(staging(pack, tmp_path / "in", inputs=inputs))


def test_a_board_that_could_not_be_run_is_refused() -> None:
    with pytest.raises(SpecError, match="methods for classification choose nothing"):
        made.board(family=TaskFamily.CLASSIFICATION)
    with pytest.raises(SpecError, match="its plan names no backbone"):
        made.board(FromChoice())
    with pytest.raises(SpecError, match="it has no training set to choose from"):
        replace(made.board(), train_set=None)
    assert made.board().handed_in is None


def test_the_model_and_the_budget_are_in_the_comparability_key() -> None:
    def key(plan: FromChoice, tier: str) -> str:
        return made.board(plan).comparability_key("0" * 64, tier)

    other = [replace(made.PLAN, l2=1.0), replace(made.PLAN, backbone="other")]
    keys = [key(made.PLAN, tier) for tier in ("25-percent", "50-percent")] + [key(p, "25-percent") for p in other]
    assert len(set(keys)) == 4
    with pytest.raises(KeyError):
        key(made.PLAN, "99-percent")
