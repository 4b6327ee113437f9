"""Precision and recall of every class, and COCO's figures as means of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from farfield_evaluators.scoring.coco.figures import FIGURES, CocoFigure

Floats = npt.NDArray[np.float64]
OVERLAPS: Floats = np.linspace(0.5, 0.95, 10)
AREAS = ("all", "small", "medium", "large")
MOST_DETECTIONS = (1, 10, 100)  # an image and class


@dataclass(frozen=True, kw_only=True)
class Curves:
    """Of K classes at T overlaps, by area of objects and most detections.

    precision [T, 101, K, A, M] at each recall, and the highest recall [T, K, A, M]; -1 for a class that has no object.
    """

    precision: Floats
    recall: Floats

    def value(self, name: str, classes: Sequence[int]) -> float | None:
        """COCO's figure over these classes, in 0..1; None where none of them has an object (COCO writes -1)."""
        figure = FIGURES[name]
        chosen = self._of(figure)[..., list(classes)]
        there = chosen[chosen > -1]
        return float(np.mean(there)) if len(there) else None

    def _of(self, figure: CocoFigure) -> Floats:
        """What the figure is the mean of, [T, K] or [T, 101, K]: in COCO's own order, so sums are equal to the bit."""
        area, most = AREAS.index(figure.area), MOST_DETECTIONS.index(figure.detections)
        whole = (self.recall if figure.recall else self.precision)[..., area, most]
        part: Floats = whole if figure.overlap is None else whole[np.isclose(OVERLAPS, figure.overlap)]
        return part
