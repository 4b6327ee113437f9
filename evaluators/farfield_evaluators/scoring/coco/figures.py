"""The twelve figures of COCO's evaluation as metrics, of boxes or masks, over all classes or over some (nAP, bAP)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal

from farfield_evaluators.metric import Metric

Area = Literal["all", "small", "medium", "large"]
OF_ALL, NOVEL, BASE = "", "n", "b"
CLASSES: Mapping[str, str] = MappingProxyType({OF_ALL: "", NOVEL: "novel", BASE: "base"})
MASKS = "mask-"


@dataclass(frozen=True, kw_only=True)
class CocoFigure:
    """Which of COCO's figures: precision, or the highest recall with at most so many detections an image and class.

    overlap: the one threshold that it is read at; None for the mean over all ten. `says` is its description, with
    {shapes} for boxes or masks.
    """

    title: str
    says: str
    recall: bool = False
    overlap: float | None = None
    area: Area = "all"
    detections: int = 100

    def metric(self, name: str, prefix: str, *, masks: bool) -> Metric:
        """It as a metric of classes with this prefix."""
        of = CLASSES.get(prefix, prefix)
        said = self.says.format(shapes="masks" if masks else "boxes", mask=" of masks" if masks else "")
        return Metric(
            name=f"{MASKS if masks else ''}{prefix}{name}",
            title=f"{'Mask ' if masks else ''}{prefix}{self.title}",
            higher_is_better=True,
            description=f"Over the {of} classes: {said}" if of else said,
        )


_OVER = "Mean over the classes and the overlaps 0.50, 0.55, ..., 0.95 of the average precision of {shapes}"
_RECALL = "Mean over classes and overlaps of the highest recall of {shapes}, with at most"
FIGURES: Mapping[str, CocoFigure] = MappingProxyType(
    {
        "ap": CocoFigure(title="AP", says=f"{_OVER}, as COCO has it."),
        "ap50": CocoFigure(title="AP50", says="AP{mask} at an overlap of 0.50 alone.", overlap=0.50),
        "ap75": CocoFigure(title="AP75", says="AP{mask} at an overlap of 0.75 alone.", overlap=0.75),
        "ap-small": CocoFigure(title="APs", says="AP{mask} of objects of at most 32 x 32 pixels.", area="small"),
        "ap-medium": CocoFigure(title="APm", says="AP{mask} of objects of 32 x 32 to 96 x 96 pixels.", area="medium"),
        "ap-large": CocoFigure(title="APl", says="AP{mask} of objects of at least 96 x 96 pixels.", area="large"),
        "ar": CocoFigure(title="AR", says=f"{_RECALL} 100 detections an image.", recall=True),
        "ar1": CocoFigure(title="AR1", says=f"{_RECALL} one detection an image.", recall=True, detections=1),
        "ar10": CocoFigure(title="AR10", says=f"{_RECALL} 10 detections an image.", recall=True, detections=10),
        "ar-small": CocoFigure(
            title="ARs", says="AR{mask} of objects of at most 32 x 32 pixels.", recall=True, area="small"
        ),
        "ar-medium": CocoFigure(
            title="ARm", says="AR{mask} of objects of 32 x 32 to 96 x 96 pixels.", recall=True, area="medium"
        ),
        "ar-large": CocoFigure(
            title="ARl", says="AR{mask} of objects of at least 96 x 96 pixels.", recall=True, area="large"
        ),
    }
)


@cache
def metrics_of(prefix: str = OF_ALL, *, masks: bool = False) -> Mapping[str, Metric]:
    """The twelve metrics by the names of their figures, such as `mask-nap50` by `ap50`.

    >>> [metric.name for metric in metrics_of("n", masks=True).values()][:3]
    ['mask-nap', 'mask-nap50', 'mask-nap75']
    >>> metrics_of("b")["ap"].title
    'bAP'
    """
    return MappingProxyType({name: figure.metric(name, prefix, masks=masks) for name, figure in FIGURES.items()})
