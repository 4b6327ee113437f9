"""What families of detection share: what is found in images of their own sizes is looked at, and made arrays."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from farfield.errors import JobError, ProtocolError
from farfield.families.family import ArrayRule, Inputs, Size, Tell
from farfield.method import Features
from farfield.method import Inputs as Declared
from farfield.protocols import Detections, Ints
from farfield.runtime.dataset import Source
from farfield.runtime.loops import Array, as_array, checked
from farfield.runtime.rows import Out
from farfield.runtime.streamed import StreamedSource, finish, noted

MOST_DETECTIONS = 300  # of one image; COCO looks at 100
LARGEST_SIDE = 65_535  # pixels
COUNTS = "boxes-rows"


class Detects(Protocol):
    """Whatever finds boxes in images."""

    def detect(self, images: Sequence[npt.NDArray[np.uint8]]) -> Sequence[Detections]: ...


class OfBoxes:
    """A family whose methods `detect`: of every test image any number of boxes xyxy in pixels, with scores and labels.

    Boxes are clipped to the image. Of more than MOST_DETECTIONS in one image those with the highest scores are taken,
    the first of equals. Arrays have the rows of one image after those of the one before; `boxes-rows` counts them.
    """

    title: str
    curves = False

    def problems(self, inputs: Declared) -> list[str]:
        if isinstance(inputs, Features) or getattr(inputs, "crop", "none") != "none":
            return [f"{self.title.lower()} finds boxes in whole images: it takes Images(crop='none')"]
        return []

    def outputs(self, size: Size) -> Mapping[str, ArrayRule]:
        return {
            COUNTS: ArrayRule(shape=(size.examples,), dtype="int64", lowest=0, highest=MOST_DETECTIONS),
            "boxes": ArrayRule(shape=(4,), counts=COUNTS, lowest=0, highest=LARGEST_SIDE),
            "scores": ArrayRule(shape=(), counts=COUNTS, lowest=0, highest=1),
            "labels": ArrayRule(shape=(), dtype="int32", counts=COUNTS, lowest=0, highest=max(0, size.classes - 1)),
        }

    def write(self, method: Detects, inputs: Inputs, out: Out) -> None:
        """The detections of all test images."""
        source = inputs.test
        out.rows(self.outputs(inputs.size), noted(source, detections(method, source, inputs, out.progress)))
        finish(source)


def detections(
    method: Detects, source: Source, inputs: Inputs, tell: Tell, batch: int = 0
) -> Iterator[dict[str, Array]]:
    """The detections of all images of a source, in order and batch by batch: arrays of rows, and how many an image."""
    size = min(batch or inputs.spec.batch_size, getattr(source, "window", 1 << 20))
    for start in range(0, len(source), size):
        places = np.arange(start, min(start + size, len(source)))
        images = _images(source, places)
        yield _as_rows(detect(method, images, inputs.size.classes, start), images)
        tell("detect", start + len(images), len(source))


def _images(source: Source, places: Ints) -> list[Array]:
    """The images at these places, each of its own size; of those that are given, all are asked for at once."""
    if isinstance(source, StreamedSource):
        return [alone[0] for alone in source.batches(places, 1)]
    return [source.read(places[number : number + 1])[0] for number in range(len(places))]


def detect(method: Detects, images: Sequence[npt.NDArray[np.uint8]], classes: int, first: int = 0) -> list[Detections]:
    """What is found in these images, of which `first` is the number of the first; every result is checked."""
    returned = method.detect(images)
    if not isinstance(returned, Sequence):
        raise ProtocolError(f"detect: must return a list of farfield.Detections, got {type(returned).__name__}")
    if len(returned) != len(images):
        raise ProtocolError(f"detect: {len(images)} images gave {len(returned)} results; return one per image")
    for number, (image, result) in enumerate(zip(images, returned, strict=True), first):
        _check_detections(result, image, classes, f"detect: image {number}")
    return list(returned)


def _as_rows(results: Sequence[Detections], images: Sequence[Array]) -> dict[str, Array]:
    taken = [_taken(result, image) for result, image in zip(results, images, strict=True)]
    joined = {name: np.concatenate([rows[name] for rows in taken]) for name in ("boxes", "scores", "labels")}
    return {COUNTS: np.array([len(rows["scores"]) for rows in taken], np.int64), **joined}


def _taken(result: Detections, image: Array) -> dict[str, Array]:
    """The rows of one image: the best of too many, in their order, and clipped."""
    height, width = image.shape[:2]
    if max(height, width) > LARGEST_SIDE:
        raise JobError(f"an image of {width} x {height} pixels is too large for detection")
    scores = np.asarray(result.scores, np.float32)
    best = np.sort(np.argsort(-scores, kind="stable")[:MOST_DETECTIONS])
    boxes = np.clip(np.asarray(result.boxes, np.float32).reshape(-1, 4), 0, [width, height, width, height])
    labels = np.asarray(result.labels).astype(np.int32)
    return {"boxes": boxes.astype(np.float32)[best], "scores": scores[best], "labels": labels[best]}


class SideBySide:
    """All detections of the test images side by side, as the conformance test compares them."""

    def whole(self, method: Any, inputs: Inputs, batch: int) -> Array:
        batches = list(detections(method, inputs.test, inputs, lambda *_: None, batch))
        rows = {name: np.concatenate([part[name] for part in batches]) for name in batches[0]}
        images = np.repeat(np.arange(len(rows[COUNTS])), rows[COUNTS])
        return np.column_stack([images, rows["labels"], rows["scores"], rows["boxes"]])


def _check_detections(result: object, image: Array, classes: int, where: str) -> None:
    if not isinstance(result, Detections):
        raise ProtocolError(f"{where}: must be farfield.Detections, got {type(result).__name__}")
    scores = as_array(result.scores, f"{where}: scores")
    count = len(scores) if scores.ndim else 0
    scores = checked(scores, (count,), f"{where}: scores")
    boxes = checked(result.boxes, (count, 4), f"{where}: boxes")
    if (boxes[:, 2:] < boxes[:, :2]).any() or ((scores < 0) | (scores > 1)).any():
        raise ProtocolError(f"{where}: boxes are x1 <= x2, y1 <= y2 in pixels, and scores lie in 0..1")
    _check_labels(result.labels, count, classes, where)
    _check_masks(result.masks, (count, *image.shape[:2]), where)


def _check_labels(value: object, count: int, classes: int, where: str) -> None:
    labels = as_array(value, f"{where}: labels")
    whole = np.issubdtype(labels.dtype, np.integer) or not labels.size
    if labels.shape != (count,) or not whole or ((labels < 0) | (labels >= classes)).any():
        raise ProtocolError(f"{where}: labels must be {count} whole numbers in 0..{classes - 1}")


def _check_masks(value: object, shape: tuple[int, ...], where: str) -> None:
    if value is None:
        return
    masks = as_array(value, f"{where}: masks")
    if masks.shape != shape or masks.dtype != np.bool_:
        raise ProtocolError(f"{where}: masks must be bool of the shape {shape}, got {masks.dtype} {masks.shape}")
