"""What a family learns from beside tests: which parts a file may name, and what regression needs of its data."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from farfield_evaluators.benchmark import OOD_VAL, TRAIN
from farfield_evaluators.data.columns import PackColumn
from farfield_evaluators.own.spec import (
    CLASSIFICATION,
    FEW_SHOT,
    OF_BOXES,
    OOD_DETECTION,
    REGRESSION,
    OwnSpec,
    column_name,
)
from farfield_evaluators.pooled_labels import POOL

SUPPORT, UNLABELED = "support", "unlabeled"
_USUAL = (TRAIN, "val", UNLABELED)
_OF: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        FEW_SHOT: (SUPPORT, "base"),
        OOD_DETECTION: (*_USUAL, OOD_VAL),
        CLASSIFICATION: (*_USUAL, "target", "target_val", POOL),
    }
)
WITH_TARGETS = ("table", "datasets")


def part_problems(spec: OwnSpec) -> Iterator[str]:
    """Parts that methods of the family never look at, or that they need and do not get; and a target that cannot be."""
    given = [*([] if spec.train is None else [TRAIN]), *spec.parts]
    known = _OF.get(spec.family, _USUAL)
    for name in given:
        if name not in known:
            yield f"{name} is no part that {spec.family} learns from; those are {' and '.join(known)}"
    needed = SUPPORT if spec.family == FEW_SHOT else TRAIN
    if spec.family in OF_BOXES and needed not in given:
        yield f"{needed} is missing; {spec.family} learns its classes from the images of [{needed}]"
    if spec.folds is not None:
        yield from (f"{name}.where and folds are both there; folds say what is fitted on" for name in spec.parts)
    if spec.family == REGRESSION:
        yield from _target_problems(spec)


def _target_problems(spec: OwnSpec) -> Iterator[str]:
    data = spec.data
    if data.kind not in WITH_TARGETS:
        yield f"data.kind is {data.kind!r}; regression takes its numbers from {' or '.join(WITH_TARGETS)}"
    column = target_column(spec)
    yield from (f"data.target: {problem}" for problem in column.problems())
    if column.name in map(column_name, data.further_groups):
        yield f"data.target and data.groups both make the column {column.name!r}; a number makes no groups"


def target_column(spec: OwnSpec) -> PackColumn:
    """The pack's column of what regression is to tell."""
    return PackColumn(name=column_name(spec.data.target), kind="number")
