"""What a method declares that it trains first: what may be declared, described, returned, kept and read."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial, wraps
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from farfield import Base, Images, MethodSpec, NoConfig, RunContext, TaskFamily, TrackClaims, TrainingSet, setting
from farfield.base import PARTS, read
from farfield.described import rebuilt
from farfield.errors import ProtocolError, SpecError
from farfield.runtime import base_arrays, loops
from farfield.testing import check_method


@dataclass(frozen=True, kw_only=True)
class First:
    epochs: int = setting(3, help="Passes.")


@dataclass(frozen=True, kw_only=True)
class Both(First):
    more: int = setting(1, help="Passes after them.")


def first(context: RunContext, train: TrainingSet, *, val: TrainingSet | None = None) -> dict[str, Any]:
    """The seed, the settings, and the counts of what was given."""
    assert val is not None
    return {"told": np.array([context.seed, context.config.epochs, len(train), len(val)]), "a.b-c": np.zeros((0, 2))}


def asks_for_the_pool(context: RunContext, train: TrainingSet, *, pool: TrainingSet) -> dict[str, Any]:
    return {}


def without_labels(context: RunContext, train: TrainingSet, *, unlabeled: TrainingSet | None = None) -> dict[str, Any]:
    assert unlabeled is not None
    return {"seen": np.array([len(unlabeled)])}


def with_val(context: RunContext, train: TrainingSet, *, val: TrainingSet) -> dict[str, Any]:
    return {"seen": np.array([len(val)])}


def sized(config: Any) -> Images:
    return Images(size=8 * config.epochs)


def sized_by_more(config: Any) -> Images:
    return Images(size=8 * config.more)


_DRAWN = np.random.default_rng(0)


def drawn(context: RunContext, train: TrainingSet) -> dict[str, Any]:
    return {"draw": _DRAWN.normal(size=3)}


class Constant:
    def __init__(self, context: RunContext) -> None:
        assert context.base is not None
        self.base, self.classes = context.base, context.class_count

    def predict(self, images: np.ndarray) -> np.ndarray:
        return np.full((len(images), self.classes), float(next(iter(self.base.values())).sum()))


def spec(
    base: Any,
    *,
    config: type = Both,
    family: TaskFamily = TaskFamily.CLASSIFICATION,
    inputs_for: Any = None,
    unlabeled: bool = False,
) -> MethodSpec:
    return MethodSpec(
        name="m", family=family, summary="s", build=Constant, inputs=Images(size=8), config=config, base=base,
        inputs_for=inputs_for, claims=TrackClaims(backbone="none", unlabeled=unlabeled),
    )  # fmt: skip


def test_every_part_may_be_learned_from_but_the_pool() -> None:
    assert {*PARTS, "pool"} == set(loops.PARTS)


def test_it_is_described_and_read_again() -> None:
    described = spec(Base(train=first, config=First)).describe()["base"]
    assert described == {
        "train": f"{__name__}:first", "config": f"{__name__}:First", "inputs_for": "", "settings": ["epochs"],
        "parts": ["val"],
    }  # fmt: skip
    assert read(described, ["epochs", "more"]) == described
    with_only = spec(Base(train=first, config=First, only={"more": 1})).describe()["base"]
    assert with_only == {**described, "only": {"more": 1}}
    assert read(with_only, ["epochs", "more"]) == with_only
    assert read(None, []) is None


@pytest.mark.parametrize(
    ("base", "config", "says"),
    [
        (Base(train=lambda context, train: {}), Both, "found there by its name"),
        (Base(train=Constant), Both, "found there by its name"),
        (Base(train=wraps(first)(lambda *given, **parts: first(*given, **parts))), Both, "found there by its name"),
        (Base(train=first, config=First), NoConfig, "base.config has `epochs`, and the method has no such setting"),
        (Base(train=first, config=int), Both, "base.config must be a class"),
        (Base(train=first, config=First, only={"fewer": 1}), Both, "base.only has `fewer`, and the method has no such"),
        (Base(train=first, config=First, only={"more": [1]}), Both, "base.only must have at most 200 values of sett"),
        (Base(train=first, config=First, only=["more"]), Both, "base.only must have at most 200 values"),  # type: ignore[arg-type]
        (Base(train=asks_for_the_pool), Both, "asks for `pool`"),
        (Base(train=without_labels), Both, "learns from `unlabeled`, and the method does not claim that"),
        (first, Both, "base must be a farfield.Base"),
    ],
)
def test_what_cannot_be_declared_is_refused(base: Any, config: type, says: str) -> None:
    with pytest.raises(SpecError, match=says):
        spec(base, config=config)


@pytest.mark.parametrize("inputs_for", [lambda config: Images(size=8), partial(sized)])
def test_what_chooses_the_images_is_found_by_its_name(inputs_for: Any) -> None:
    with pytest.raises(SpecError, match="with a base, inputs_for must be a function of a module"):
        spec(Base(train=first, config=First), inputs_for=inputs_for)
    described = spec(Base(train=first, config=First), inputs_for=sized).describe()["base"]
    assert described["inputs_for"] == f"{__name__}:sized"


def test_a_base_that_learns_without_labels_is_claimed(tmp_path: Path) -> None:
    claimed = spec(Base(train=without_labels), unlabeled=True)
    check_method(claimed, tmp_path)
    described = claimed.describe()
    assert rebuilt(described) == described
    with pytest.raises(SpecError, match="learns from `unlabeled`, and the method does not claim that"):
        rebuilt({**described, "claims": {**described["claims"], "unlabeled": False}})
    with pytest.raises(ProtocolError, match="claims `unlabeled`, but"):
        check_method(spec(Base(train=with_val), unlabeled=True), tmp_path)


def test_images_that_follow_from_what_the_base_does_not_have_are_refused(tmp_path: Path) -> None:
    base = Base(train=first, config=First)
    check_method(spec(base, inputs_for=sized), tmp_path, {"epochs": 2})
    check_method(spec(base, inputs_for=sized_by_more), tmp_path)
    with pytest.raises(
        ProtocolError, match=r"takes Images\(size=16.*, and its base would be trained on Images\(size=8"
    ):
        check_method(spec(base, inputs_for=sized_by_more), tmp_path, {"more": 2})


def test_a_set_that_must_be_there_and_is_not_is_named() -> None:
    class OnlyTraining:
        def part(self, name: str) -> Any:
            return {"train": [0]}.get(name)

    context = RunContext(class_names=("a",), config=Both())
    with pytest.raises(ProtocolError, match=r"^base.train needs the part `val`, and the benchmark has none; give"):
        base_arrays.trained(Base(train=with_val), context, OnlyTraining())


@pytest.mark.parametrize(
    "family",
    [
        TaskFamily.FEW_SHOT_DETECTION,
        TaskFamily.FEW_SHOT_CLASSIFICATION,
        TaskFamily.DOMAIN_GENERALIZATION,
        TaskFamily.RETRIEVAL,
        TaskFamily.DATA_SELECTION,
    ],
)
def test_families_with_phases_of_their_own_take_none(family: TaskFamily) -> None:
    with pytest.raises(SpecError, match="declares no base"):
        spec(Base(train=first, config=First), family=family)


DESCRIBED = {"train": "m:f", "config": "m:C", "inputs_for": "", "settings": ["epochs"], "parts": ["val"]}


@pytest.mark.parametrize(
    "change",
    [
        {"train": "m f"},
        {"train": ["m:f"]},
        {"config": ""},
        {"config": "m:" + "x" * 101},
        {"settings": ["unknown"]},
        {"settings": ["epochs", "epochs"]},
        {"settings": [["epochs"]]},
        {"settings": "epochs"},
        {"parts": ["pool"]},
        {"parts": ["train"]},
        {"more": 1},
        {"only": {"unknown": 1}},
        {"only": {"epochs": [1]}},
        {"only": ["epochs"]},
        {"only": None},
    ],
)
def test_a_description_from_a_stranger_is_of_this_form_or_refused(change: dict[str, Any]) -> None:
    with pytest.raises(SpecError, match="^base"):
        read({**DESCRIBED, **change}, ["epochs"])


def test_the_conformance_test_trains_it_and_gives_what_was_saved(tmp_path: Path) -> None:
    seen: list[Any] = []

    def build(context: RunContext) -> Constant:
        seen.append(context.base)
        return Constant(context)

    declared = spec(Base(train=first, config=First))
    object.__setattr__(declared, "build", build)
    check_method(declared, tmp_path, {"epochs": 5})
    assert seen[0]["told"].tolist() == [7, 5, 12, 12]
    assert seen[0]["a.b-c"].shape == (0, 2)


@pytest.mark.parametrize(("settings", "told"), [({}, True), ({"more": 2}, False)])
def test_with_settings_with_which_nothing_comes_first_there_is_no_base(
    tmp_path: Path, settings: dict[str, Any], told: bool
) -> None:
    seen: list[Any] = []

    def build(context: RunContext) -> Constant:
        seen.append(context.base)
        return Constant(replace(context, base={"told": np.zeros(1)}))

    declared = spec(Base(train=first, config=First, only={"more": 1}))
    object.__setattr__(declared, "build", build)
    check_method(declared, tmp_path, settings)
    assert [base is not None for base in seen] == [told] * len(seen)


def test_two_bases_with_one_seed_must_agree(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="two bases with the same seed differ; seed every generator"):
        check_method(spec(Base(train=drawn)), tmp_path)


@pytest.mark.parametrize(
    ("arrays", "says"),
    [
        ([np.zeros(1)], "must be 1 to 10000 arrays by name, got list"),
        ({}, "must be 1 to 10000 arrays"),
        ({"../a": np.zeros(1)}, "an array called '../a'"),
        ({1: np.zeros(1)}, "an array called 1"),
        ({"a": [1.0]}, "'a' must be a numpy array of numbers"),
        ({"a": np.array([{}], object)}, "'a' must be a numpy array of numbers"),
        ({"a": np.broadcast_to(np.float64(0), (1 << 28,))}, "at most 2 GiB are kept"),
    ],
)
def test_only_arrays_of_numbers_by_name_are_a_base(arrays: Any, says: str) -> None:
    with pytest.raises(ProtocolError, match=says):
        base_arrays.checked(arrays)


@pytest.fixture
def saved(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(content: bytes) -> Path:
        (tmp_path / base_arrays.FILE).write_bytes(content)
        return tmp_path

    return write


def test_no_pickle_is_read(tmp_path: Path) -> None:
    np.savez(tmp_path / base_arrays.FILE, a=np.array([{}], object))
    with pytest.raises(ProtocolError, match=r"arrays.npz of the base cannot be read: Object arrays"):
        base_arrays.load(tmp_path)


def test_what_is_no_archive_is_said(saved: Callable[[bytes], Path]) -> None:
    with pytest.raises(ProtocolError, match="cannot be read"):
        base_arrays.load(saved(b"PK\x03\x04 and no more"))
    with pytest.raises(ProtocolError, match="cannot be read"):
        base_arrays.load(saved(b""))
