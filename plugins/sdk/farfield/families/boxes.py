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
from farfield.runtime import masks
from farfield.runtime.dataset import Source
from farfield.runtime.loops import Array, as_array, checked
from farfield.runtime.rows import Out
from farfield.runtime.streamed import StreamedSource, finish, noted

LARGEST_SIDE = 65_535  # pixels
COUNTS = "boxes-rows"
RUNS, MASKS, MASK_COUNTS = "mask-runs", "masks", "masks-rows"
# Of all masks of one image, and so of each. A mask has two a column and piece, and one more: this is room for 100
# detections in two pieces each over all 640 columns of COCO's widest images. It is 1 MiB; a checkerboard has H * W + 1.
MOST_RUNS = 1 << 18
PIXELS_OF_A_UNIT = 2000


class Detects(Protocol):
    """Whatever finds boxes in images."""

    def detect(self, images: Sequence[npt.NDArray[np.uint8]]) -> Sequence[Detections]: ...


class OfBoxes:
    """A family whose methods `detect`: of every test image any number of boxes xyxy in pixels, with scores and labels.

    Boxes are clipped to the image. Of more in one image than `Size.detections` those with the highest scores are taken,
    the first of equals. Arrays have the rows of one image after those of the one before; `boxes-rows` counts them.

    Where masks are asked for, `masks` has the run lengths (see `farfield.runtime.masks`) of all masks of an image one
    after the other, counted by `masks-rows`, and `mask-runs` says how many of them are of each detection: 0 of one
    without a mask. Masks are as the method gave them, not cut to boxes. Detections keep theirs from the highest score
    down as long as an image's have at most MOST_RUNS run lengths together; the others have a box alone.
    """

    title: str
    curves = False
    asks = False
    bases = False
    probes = False  # an image has any number of boxes, which no probe compares

    def problems(self, inputs: Declared) -> list[str]:
        if isinstance(inputs, Features) or getattr(inputs, "crop", "none") != "none":
            return [f"{self.title.lower()} finds boxes in whole images: it takes Images(crop='none')"]
        return []

    def outputs(self, size: Size) -> Mapping[str, ArrayRule]:
        boxes = {
            COUNTS: ArrayRule(shape=(size.examples,), dtype="int64", lowest=0, highest=size.detections),
            "boxes": ArrayRule(shape=(4,), counts=COUNTS, lowest=0, highest=LARGEST_SIDE),
            "scores": ArrayRule(shape=(), counts=COUNTS, lowest=0, highest=1),
            "labels": ArrayRule(shape=(), dtype="int32", counts=COUNTS, lowest=0, highest=max(0, size.classes - 1)),
        }
        if not size.masks:
            return boxes
        return boxes | {
            RUNS: ArrayRule(shape=(), dtype="int32", counts=COUNTS, lowest=0, highest=MOST_RUNS),
            MASK_COUNTS: ArrayRule(shape=(size.examples,), dtype="int64", lowest=0, highest=MOST_RUNS),
            MASKS: ArrayRule(shape=(), dtype="uint32", counts=MASK_COUNTS, lowest=0, highest=LARGEST_SIDE**2),
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
        results = detect(method, images, inputs.size.classes, start)
        rows = _joined([taken(*both, inputs.size) for both in zip(results, images, strict=True)])
        _say_left_out(results, rows)
        yield rows
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


def _joined(images: Sequence[Mapping[str, Array]]) -> dict[str, Array]:
    return {name: np.concatenate([arrays[name] for arrays in images]) for name in images[0]}


def _say_left_out(results: Sequence[Detections], rows: Mapping[str, Array]) -> None:
    """A line in the run's log for masks that an image has no room for."""
    given = np.repeat([result.masks is not None for result in results], rows[COUNTS])
    lost = int((given & (rows[RUNS] == 0)).sum()) if RUNS in rows else 0
    if lost:
        print(
            f"farfield: {lost} masks are left out; those of an image have {MOST_RUNS:,} run lengths at most", flush=True
        )


def taken(result: Detections, image: Array, size: Size) -> dict[str, Array]:
    """The rows of one image: the best of too many, in their order, clipped, and with run lengths where they have masks.

    Raises JobError for an image that is too large.
    """
    height, width = image.shape[:2]
    if max(height, width) > LARGEST_SIDE:
        raise JobError(f"an image of {width} x {height} pixels is too large for detection")
    scores = np.asarray(result.scores, np.float32)
    best = np.sort(np.argsort(-scores, kind="stable")[: size.detections])
    boxes = np.clip(np.asarray(result.boxes, np.float32).reshape(-1, 4), 0, [width, height, width, height])
    labels = np.asarray(result.labels).astype(np.int32)[best]
    rows: dict[str, Array] = {
        COUNTS: np.array([len(best)], np.int64),
        "boxes": boxes.astype(np.float32)[best],
        "scores": scores[best],
    }
    rows["labels"] = labels
    if not size.masks:
        return rows
    return rows | _runs(None if result.masks is None else np.asarray(result.masks)[best], scores[best])


def _runs(given: Array | None, scores: Array) -> dict[str, Array]:
    """The run lengths of masks bool [N, H, W], and how many each has."""
    coded = [np.zeros(0, np.uint32) for _ in scores] if given is None else [masks.encode(mask) for mask in given]
    lengths = np.array([len(runs) for runs in coded], np.int32)
    order = np.argsort(-scores, kind="stable")
    lengths[order[np.cumsum(lengths[order], dtype=np.int64) > MOST_RUNS]] = 0
    kept = np.concatenate(
        [np.zeros(0, np.uint32), *(runs[:length] for runs, length in zip(coded, lengths, strict=True))]
    )
    return {RUNS: lengths, MASK_COUNTS: np.array([len(kept)], np.int64), MASKS: kept}


class SideBySide:
    """All detections of the test images side by side, as the conformance test compares them."""

    def whole(self, method: Any, inputs: Inputs, batch: int) -> Array:
        rows = _joined(list(detections(method, inputs.test, inputs, lambda *_: None, batch)))
        images = np.repeat(np.arange(len(rows[COUNTS])), rows[COUNTS])
        columns = [images, rows["labels"], rows["scores"], rows["boxes"]]
        if inputs.size.masks:
            sizes = [image.shape[:2] for image in _images(inputs.test, np.arange(len(inputs.test)))]
            columns.append(_moments(rows, [sizes[number] for number in images]))
        return np.column_stack(columns)


def _moments(rows: Mapping[str, Array], sizes: Sequence[tuple[int, ...]]) -> Array:
    """How large each mask is and where it lies, [N, 3]; zeros of a detection without one.

    In units of which a pixel or two, which may fall on either side of a threshold, are less than what is tolerated.
    """
    coded = masks.split(rows[MASKS], rows[RUNS])
    moments = [_moment(runs, *size) if len(runs) else (0.0,) * 3 for runs, size in zip(coded, sizes, strict=True)]
    return np.array(moments).reshape(-1, 3) / PIXELS_OF_A_UNIT


def _moment(runs: Array, height: int, width: int) -> tuple[float, float, float]:
    mask = masks.decode(runs, height, width)
    down, across = mask.sum(axis=1), mask.sum(axis=0)
    return float(mask.sum()), float(down @ np.arange(height) / height), float(across @ np.arange(width) / width)


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
