"""Running class means, all domains pooled: of coarse colours, which is trivial, and of frozen Lite0 features."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield import Batch, Choice, Images, MethodSpec, Resources, RunContext, TaskFamily, TrackClaims
from farfield.numerics import unit
from farfield_baselines.backbones import LITE0_CLAIMS, LITE0_FEATURES, LITE0_PAPER

Rows = npt.NDArray[np.float64]
Look = Callable[[npt.NDArray[Any]], Rows]
SIDE = 32
CELLS = 4


class RunningMeans:
    """Each class is the mean of what the training inputs seen so far look like."""

    def __init__(self, context: RunContext, look: Look) -> None:
        """`look` makes rows [B, D] of a batch's inputs."""
        self._look, self._classes = look, context.class_count
        self._sums: Rows | None = None
        self._counts = np.zeros(context.class_count)

    def update(self, minibatches: Sequence[Batch], unlabeled: Sequence[Any] | None = None) -> dict[str, float]:
        """Take the minibatches in; the loss is the mean squared distance of their rows to their class's mean."""
        rows = np.concatenate([self._look(batch.inputs) for batch in minibatches])
        labels = np.concatenate([batch.labels for batch in minibatches])
        members = (np.arange(self._classes)[:, None] == labels).astype(np.float64)
        self._sums = self._totals(rows) + members @ rows
        self._counts += members.sum(axis=1)
        return {"squared_distance": float(((rows - self._means(rows)[labels]) ** 2).sum(axis=1).mean())}

    def predict(self, inputs: npt.NDArray[Any]) -> Rows:
        """Minus the squared distances to the class means, [B, C]."""
        rows = self._look(inputs)
        means = self._means(rows)
        nearer = 2.0 * rows @ means.T - (means**2).sum(axis=1)
        return np.asarray(nearer - (rows**2).sum(axis=1, keepdims=True))

    def _totals(self, like: Rows) -> Rows:
        if self._sums is None:
            self._sums = np.zeros((self._classes, like.shape[1]))
        return self._sums

    def _means(self, like: Rows) -> Rows:
        return self._totals(like) / np.maximum(self._counts, 1)[:, None]


def on_colours(context: RunContext) -> RunningMeans:
    """Class means of coarse colours."""
    return RunningMeans(context, coarse)


def on_directions(context: RunContext) -> RunningMeans:
    """Class means of features of unit length."""
    return RunningMeans(context, unit)


def coarse(images: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """uint8 [B, 32, 32, 3] -> mean colours of CELLS x CELLS cells in 0..1, [B, CELLS * CELLS * 3]."""
    step = SIDE // CELLS
    cells = images.reshape(len(images), CELLS, step, CELLS, step, 3).mean(axis=(2, 4))
    return np.asarray(cells.reshape(len(images), -1) / 255.0)


ON_LITE0 = Choice(
    inputs=LITE0_FEATURES,
    summary="Nearest running class mean of frozen EfficientNet-Lite0 features of unit length, all domains pooled.",
    build=on_directions,
    claims=LITE0_CLAIMS,
    resources=Resources(memory_gib=0.5, minutes=30.0),
    batch_size=256,
    papers=("Mensink et al. 2013, TPAMI 35(11)", LITE0_PAPER),
    called="lite0-class-means",
)
SPEC = MethodSpec(
    name="dg-class-means",
    family=TaskFamily.DOMAIN_GENERALIZATION,
    summary="Running class means of coarse colours, all training domains pooled.",
    build=on_colours,
    inputs=Images(size=SIDE),
    claims=TrackClaims(backbone="none"),
    resources=Resources(memory_gib=0.5, minutes=5.0),
    licence="Apache-2.0",
    choices={"lite0": ON_LITE0},
)
