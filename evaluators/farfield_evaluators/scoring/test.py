"""What a scorer looks at: the examples of one domain, with what a method said of them and what is hidden from it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from farfield_evaluators.data.columns import ROWS, Array, Attribute, Ints
from farfield_evaluators.metrics.labelspace import Space

__all__ = ["LABEL", "Array", "Attribute", "Ints", "Outcome", "Taken", "Test", "part_of", "pieces"]

LABEL = "label"
BLOCK_ROWS = 2048


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one look at a method's outputs says of each example [N], as columns such as whether it is a hit.

    Figures are functions of outcomes, which are kept: so a run can be scored again when its outputs are gone.
    each: whether it says of each example what does not depend on the others; then BLOCK_ROWS are looked at at a time,
    so that the outputs of many are never in memory at once.
    """

    columns: tuple[str, ...]
    of: "Callable[[Test], Mapping[str, Array]]"
    each: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Test:
    """The N examples of a test domain, in one order throughout.

    outputs: what the method said, by name, such as logits [N, C]; a ragged array has its rows one after the other, and
    how many are of each example [N] is beside it under its name with "-rows". targets: what is right, likewise, such
    as label [N]. attributes: by name, what groups are made of. space: the domain's label space, where it has one;
    classes: how many classes the method chooses from, 0 where it does not.
    """

    __test__: ClassVar[bool] = False  # for pytest, which takes it for a case

    domain: str
    role: str
    count: int
    outputs: Mapping[str, Array] = field(repr=False)
    targets: Mapping[str, Array] = field(default_factory=dict, repr=False)
    attributes: Mapping[str, Attribute] = field(default_factory=dict, repr=False)
    space: Space | None = None
    classes: int = 0
    within: "tuple[Test, Ints] | None" = field(default=None, repr=False)
    known: dict[str, Array] = field(default_factory=dict, init=False, repr=False)

    def __len__(self) -> int:
        return self.count

    @property
    def labels(self) -> Ints:
        """The target `label` [N]. Raises KeyError where there is none."""
        labels: Ints = self.targets[LABEL]
        return labels

    def outcome(self, outcome: Outcome) -> dict[str, Array]:
        """The outcome's columns, each [N]. They are computed once, also for the parts of a test."""
        if not all(name in self.known for name in outcome.columns):
            self.known.update(self._computed(outcome))
        return {name: self.known[name] for name in outcome.columns}

    def _computed(self, outcome: Outcome) -> Mapping[str, Array]:
        if self.within is None:
            return _by_blocks(self, outcome) if outcome.each and len(self) > BLOCK_ROWS else outcome.of(self)
        whole, rows = self.within
        return {name: values[rows] for name, values in whole.outcome(outcome).items()}

    def with_outputs(self, outputs: Mapping[str, Array]) -> "Test":
        """The same examples, and what is known of them, with the outputs in another form or gone."""
        other = replace(self, outputs=outputs)
        object.__setattr__(other, "known", self.known)
        return other

    def part(self, chosen: npt.NDArray[np.bool_] | Ints) -> "Test":
        """The examples that a mask [N] holds, or at these places [M]."""
        rows: Ints = np.flatnonzero(chosen) if chosen.dtype == np.bool_ else chosen.astype(np.int64)
        return Test(
            domain=self.domain,
            role=self.role,
            count=len(rows),
            outputs=Taken(self.outputs, rows),
            targets=Taken(self.targets, rows),
            attributes={name: part_of(attribute, rows) for name, attribute in self.attributes.items()},
            space=self.space,
            classes=self.classes,
            within=(self, rows),
        )


def _by_blocks(test: Test, outcome: Outcome) -> Mapping[str, Array]:
    """The outcome's columns of all examples, for which the outputs of a block are read at a time."""
    starts = range(0, len(test), BLOCK_ROWS)
    parts = (test.part(np.arange(start, min(start + BLOCK_ROWS, len(test)))) for start in starts)
    blocks = [outcome.of(replace(part, within=None)) for part in parts]
    return {name: np.concatenate([block[name] for block in blocks]) for name in outcome.columns}


class Taken(Mapping[str, Array]):
    """Some examples' rows [M, ...] of arrays, copied when they are asked for and not before."""

    whole: Mapping[str, Array]
    rows: Ints

    def __init__(self, arrays: Mapping[str, Array], rows: Ints) -> None:
        if isinstance(arrays, Taken):
            rows = arrays.rows[rows]
            arrays = arrays.whole
        self.whole, self.rows = arrays, rows

    def __getitem__(self, name: str) -> Array:
        rows, lengths = self.rows, self.whole.get(name + ROWS)
        taken: Array = self.whole[name][rows if lengths is None else _ragged(lengths, rows)]
        return taken

    def __iter__(self) -> Iterator[str]:
        return iter(self.whole)

    def __len__(self) -> int:
        return len(self.whole)

    def pieces(self, name: str) -> Iterator[Array]:
        """As the function of this name, of arrays of which not all is read."""
        whole, lengths = self.whole[name], self.whole[name + ROWS]
        ends = np.cumsum(lengths)
        for start, end in zip((ends - lengths)[self.rows].tolist(), ends[self.rows].tolist(), strict=True):
            yield np.asarray(whole[start:end])


def pieces(arrays: Mapping[str, Array], name: str) -> Iterator[Array]:
    """The rows of each example in turn of a ragged array; where arrays are taken of others, these alone are read."""
    if isinstance(arrays, Taken):
        return arrays.pieces(name)
    return Taken(arrays, np.arange(len(arrays[name + ROWS]))).pieces(name)


def part_of(attribute: Attribute, rows: Ints) -> Attribute:
    """The attribute of these examples [M]."""
    return Attribute(numbers=attribute.numbers[rows], values=attribute.values)


def _ragged(lengths: Ints, rows: Ints) -> Ints:
    """Where the rows of these examples [M] stand in a ragged array whose examples [N] have so many."""
    counts, starts = lengths[rows], (np.cumsum(lengths) - lengths)[rows]
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    places: Ints = np.repeat(starts, counts) + within
    return places
