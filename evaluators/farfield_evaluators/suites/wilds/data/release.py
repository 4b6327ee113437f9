"""A WILDS data set as its files have it, in the order of its own package: what importers and scorers read alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield_evaluators.suites.wilds.datasets import SOURCE, Dataset

Ints = npt.NDArray[np.int64]
Array = npt.NDArray[Any]
NONE: Mapping[str, tuple[str, ...]] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Release:
    """N examples in data set order; nothing of an image or a text is read.

    splits: int64 [N], the official number of each example's split, -1 for one of none. labels: int64 [N] of classes;
    float64 [N] of regression, [N, tasks] of MolPCBA and [N, positions] of Py150, NaN where there is none; of detection
    float64 [boxes, 4] as x1, y1, x2, y2, `rows` [N] telling how many each image has. metadata: int64 [N, F] (float64 of
    regression), a column for each of `fields`. values: the names of a field's values, by number, where it has any.
    files: where each image lies, from the folder of the release; empty of text and graphs.
    """

    dataset: Dataset
    splits: Ints
    labels: Array
    metadata: Array
    fields: tuple[str, ...]
    values: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NONE, hash=False)
    rows: Ints | None = None
    files: Sequence[str] = ()

    def __len__(self) -> int:
        return len(self.splits)

    def at(self, split: str) -> Ints:
        """Places [n] of a split's examples, in data set order. Raises KeyError for a split that the data set lacks."""
        return np.flatnonzero(self.splits == self.dataset.splits[split])

    def column(self, name: str) -> Array:
        """A field of the metadata [N]. Raises ValueError for one that there is not."""
        values: Array = self.metadata[:, self.fields.index(name)]
        return values

    def counts(self) -> dict[str, int]:
        """Examples by split, in the order of the official numbers."""
        return {name: int((self.splits == number).sum()) for name, number in self.dataset.splits.items()}


def from_source(dataset: Dataset, splits: Ints) -> Ints:
    """The field SOURCE [N]: 1 where an example's split is one of the source domains', else 0."""
    return np.isin(splits, [dataset.splits[name] for name in dataset.source_splits]).astype(np.int64)


def with_source(dataset: Dataset, splits: Ints, columns: Mapping[str, Array]) -> tuple[Array, tuple[str, ...]]:
    """Metadata [N, F] of these columns in their order and of SOURCE, and the names of the fields."""
    every = {**columns, SOURCE: from_source(dataset, splits)}
    return np.column_stack(list(every.values())), tuple(every)
