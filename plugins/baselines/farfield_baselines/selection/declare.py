"""What the methods of this folder have in common: they look at Lite0's features, and declare themselves alike."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield import MethodSpec, NoConfig, Resources, TaskFamily, TrainingSet
from farfield_baselines.backbones import LITE0_CLAIMS, LITE0_FEATURES, LITE0_PAPER
from farfield_baselines.embeddings import embedded

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def features_of(train: TrainingSet) -> Floats:
    """Those of all examples, float64 [N, D], in the order of the set."""
    return embedded(np.asarray, train).astype(np.float64)


def method(
    name: str,
    build: Callable[..., Any],
    summary: str,
    papers: tuple[str, ...],
    config: type = NoConfig,
    *,
    stochastic: bool = False,
) -> MethodSpec:
    """The specification of a method of this folder."""
    return MethodSpec(
        name=name,
        family=TaskFamily.DATA_SELECTION,
        summary=summary,
        build=build,
        inputs=LITE0_FEATURES,
        claims=LITE0_CLAIMS,
        config=config,
        resources=Resources(memory_gib=0.5, minutes=10.0),
        batch_size=256,
        stochastic=stochastic,
        papers=(*papers, LITE0_PAPER),
        licence="Apache-2.0",
    )
