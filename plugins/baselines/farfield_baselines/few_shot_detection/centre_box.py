"""The trivial few-shot detector: one box an image, where the support set's boxes are on average."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from farfield import AnnotatedImage, Detections, Images, MethodSpec, Resources, RunContext, TaskFamily, TrackClaims


class CentreBox:
    """The mean relative box of the novel instances, with the most frequent novel class; the first of equals.

    Without a novel instance in the support set nothing is detected.
    """

    def __init__(self, context: RunContext) -> None:
        self._novel = np.array(context.novel_classes, np.int64)
        self._box = np.zeros((0, 4))
        self._label = np.zeros(0, np.int64)

    def fit_novel(self, support: Sequence[AnnotatedImage]) -> None:
        boxes = np.concatenate([self._relative(item) for item in support] or [self._box])
        labels = np.concatenate([item.labels[self._is_novel(item)] for item in support] or [self._label])
        if len(labels):
            self._box = boxes.mean(axis=0, keepdims=True)
            self._label = np.array([np.bincount(labels).argmax()])

    def detect(self, images: Sequence[npt.NDArray[np.uint8]]) -> list[Detections]:
        """The box in each image's own pixels, with score 0.5."""
        return [
            Detections(boxes=self._box * _extent(image), scores=np.full(len(self._box), 0.5), labels=self._label)
            for image in images
        ]

    def _is_novel(self, item: AnnotatedImage) -> npt.NDArray[np.bool_]:
        return np.isin(item.labels, self._novel)

    def _relative(self, item: AnnotatedImage) -> npt.NDArray[np.float64]:
        return np.asarray(item.boxes[self._is_novel(item)] / _extent(item.image), np.float64)


def _extent(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """(width, height, width, height) in pixels."""
    height, width = image.shape[:2]
    return np.array([width, height, width, height], np.float64)


SPEC = MethodSpec(
    name="fs-centre-box",
    family=TaskFamily.FEW_SHOT_DETECTION,
    summary="One box an image: the mean box and the most frequent class of the novel support.",
    build=CentreBox,
    inputs=Images(crop="none"),
    claims=TrackClaims(backbone="none"),
    resources=Resources(memory_gib=0.5, minutes=5.0),
    batch_size=1,
    licence="Apache-2.0",
)
