"""WILDS' own evaluation, from its package: what our scorers are compared with.

Its data sets are made without their data: of each only what `eval` looks at. The package needs `torch_scatter`, which
is built for one version of torch and one of CUDA; all that it takes from it is a mean by group, which stands in here.
"""

import sys
import warnings
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

import numpy as np
import torch


def _scatter(src: torch.Tensor, index: torch.Tensor, dim_size: int, reduce: str) -> torch.Tensor:
    """The mean of the values [N] of each group [N], 0 of a group without any."""
    assert reduce == "mean"
    sums = torch.zeros(dim_size, dtype=src.dtype).index_add(0, index, src)
    return sums / torch.bincount(index, minlength=dim_size).clamp(min=1).to(src.dtype)


_STAND_IN = ModuleType("torch_scatter")
_STAND_IN.scatter = _scatter  # type: ignore[attr-defined]
sys.modules.setdefault("torch_scatter", _STAND_IN)
sys.modules.setdefault("outdated", None)  # type: ignore[arg-type]  # else importing it asks the network for its newest version


def made(
    cls: type,
    metadata: np.ndarray,
    fields: Sequence[str],
    names: Mapping[str, Sequence[Any]] | None = None,
    **own: Any,
) -> Any:
    """A data set of the package that has this metadata [N, F], and these further members."""
    dataset = cls.__new__(cls)
    dataset._metadata_fields = list(fields)
    dataset._metadata_map = names
    dataset._metadata_array = torch.from_numpy(metadata)
    for name, value in own.items():
        setattr(dataset, name, value)
    return dataset


def grouper(dataset: Any, *fields: str) -> Any:
    """What tells the groups of a data set by these fields; that some are empty is no news."""
    from wilds.common.grouper import CombinatorialGrouper

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return CombinatorialGrouper(dataset, list(fields))


def results(dataset: Any, predicted: Any, right: Any, metadata: np.ndarray) -> dict[str, float]:
    """What its `eval` gives of a split, by its own keys; NaN where a correlation is undefined."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = dataset.eval(predicted, right, torch.from_numpy(metadata))[0]
    return {name: float(value) for name, value in found.items()}
