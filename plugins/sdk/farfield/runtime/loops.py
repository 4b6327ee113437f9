"""How each family is run: pure loops over a method, used by the runner and by the conformance test alike."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield.errors import ProtocolError
from farfield.method import TaskFamily
from farfield.protocols import (
    REQUIRED_MEMBERS,
    AnnotatedImage,
    Batch,
    Classifier,
    Detections,
    DomainGeneralizer,
    FewShotDetector,
    Ints,
    OODDetector,
)
from farfield.runtime.dataset import LabeledSet, Source, in_batches

Array = npt.NDArray[Any]
Progress = Callable[[str, int, int], None]
EVALUATED_TOGETHER = 64  # DomainBed's evaluation batch


def require_members(method: object, family: TaskFamily) -> None:
    """Raises ProtocolError naming every member of the family's protocol that the method misses."""
    missing = [m for m in REQUIRED_MEMBERS[family] if not callable(getattr(method, m, None))]
    if missing:
        named = " and ".join(f"`{m}`" for m in missing)
        raise ProtocolError(f"{type(method).__name__} misses {named}, which the {family} protocol requires")


def fit(method: object, train: LabeledSet | None) -> None:
    """Call the optional `fit`. Raises ProtocolError when the method needs a training set and there is none."""
    learn = getattr(method, "fit", None)
    if learn is None:
        return
    if not callable(learn):
        raise ProtocolError("`fit` is there but cannot be called; rename it or make it a method")
    if train is None:
        raise ProtocolError("this method has `fit`, but the benchmark has no training split")
    learn(train)


ROW_TYPES: Mapping[str, type[np.floating[Any]]] = {"logits": np.float32, "scores": np.float64}


def outputs(
    method: Any, family: TaskFamily, source: Source, classes: int, batch: int, progress: Progress
) -> Iterator[dict[str, Array]]:
    """The family's outputs for all test inputs, in order and batch by batch: `logits` [B, C], and `scores` [B]."""
    done = 0
    detects = family is TaskFamily.OOD_DETECTION
    for images in in_batches(source, batch):
        found = _score_batch(method, images, classes) if detects else _logits_batch(method, images, classes)
        yield found
        done += len(images)
        progress("score" if detects else "predict", done, len(source))


def predict(method: Classifier, source: Source, classes: int, batch: int, progress: Progress) -> Array:
    """Logits float32 [N, C] of all test inputs, in order."""
    batches = outputs(method, TaskFamily.CLASSIFICATION, source, classes, batch, progress)
    return np.concatenate([np.empty((0, classes), np.float32), *(found["logits"] for found in batches)])


def score(method: OODDetector, source: Source, classes: int, batch: int, progress: Progress) -> tuple[Array, Array]:
    """(scores float64 [N], logits float32 [N, C]) of all test inputs, in order."""
    batches = list(outputs(method, TaskFamily.OOD_DETECTION, source, classes, batch, progress))
    scores = np.concatenate([np.empty(0, np.float64), *(found["scores"] for found in batches)])
    return scores, np.concatenate([np.empty((0, classes), np.float32), *(found["logits"] for found in batches)])


def classes_predicted(method: Classifier, source: Source, classes: int, batches: Iterable[Ints]) -> Array:
    """The class with the highest logit of each input, int32 [N], predicted in these batches of positions.

    A logit that is not a number counts as the highest, as in DomainBed, where a run that has diverged goes on.
    """
    found = np.empty(len(source), np.int32)
    for rows in batches:
        logits = shaped(method.predict(source.read(rows)), (len(rows), classes), "predict: logits")
        found[rows] = logits.argmax(axis=1)
    return found


def _logits_batch(method: Classifier, images: Array, classes: int) -> dict[str, Array]:
    return {"logits": checked(method.predict(images), (len(images), classes), "predict: logits")}


def _score_batch(method: OODDetector, images: Array, classes: int) -> dict[str, Array]:
    returned = method.score(images)
    if not isinstance(returned, tuple) or len(returned) != 2:
        raise ProtocolError("score: must return the pair (score [B], logits [B, C])")
    scores = checked(returned[0], (len(images),), "score: score", np.float64)
    return {"scores": scores, "logits": checked(returned[1], (len(images), classes), "score: logits")}


def checkpoints_of(steps: int, every: int) -> tuple[int, ...]:
    """The steps of 0..steps-1 that have a checkpoint: every `every`-th, and the last. Raises ValueError below 1.

    >>> checkpoints_of(21, 10)
    (0, 10, 20)
    """
    if steps < 1 or every < 1:
        raise ValueError(f"a run has at least 1 step and 1 from checkpoint to checkpoint, not {steps} and {every}")
    return tuple(sorted({*range(0, steps, every), steps - 1}))


def generalize(
    method: DomainGeneralizer,
    train: LabeledSet,
    *,
    steps: int,
    batch: int,
    checkpoint_every: int,
    seed: int,
    class_balanced: bool = False,
    progress: Progress = lambda *_: None,
) -> Iterator[tuple[int, dict[str, float]]]:
    """Run `update` for `steps` steps on one minibatch per training domain; yield (step, losses) at each checkpoint.

    Checkpoints are those of `checkpoints_of`; the losses are means over the steps since the one before. Minibatches
    are drawn with replacement, with `class_balanced` each class of a domain as often as another. A loss that is no
    number ends nothing. All of this as in DomainBed (Gulrajani & Lopez-Paz 2021).
    """
    checkpoints = frozenset(checkpoints_of(steps, checkpoint_every))
    streams = [_endless(train, int(d), batch, seed, class_balanced) for d in np.unique(train.domains)]
    since: dict[str, list[float]] = {}
    for step in range(steps):
        for name, value in _losses(method.update([next(s) for s in streams], None)).items():
            since.setdefault(name, []).append(value)
        progress("fit", step + 1, steps)
        if step in checkpoints:
            with np.errstate(invalid="ignore"):
                means = {name: float(np.mean(values)) for name, values in since.items()}
            yield step, means
            since = {}


def require_finite(losses: Mapping[str, float], step: int) -> None:
    """Raises ProtocolError that names the loss which is no number at this step."""
    broken = [name for name, value in losses.items() if not np.isfinite(value)]
    if broken:
        raise ProtocolError(f"update: the loss {broken[0]!r} is not finite at step {step}")


def _endless(train: LabeledSet, domain: int, size: int, seed: int, class_balanced: bool) -> Iterator[Batch]:
    rng = np.random.default_rng([seed, domain])
    members = np.flatnonzero(train.domains == domain)
    weights = balanced(train.labels[members]) if class_balanced else None
    while True:
        rows = rng.integers(0, len(members), size) if weights is None else rng.choice(len(members), size, p=weights)
        yield train.take(members[rows])


def balanced(labels: Ints) -> Array:
    """How likely each example [N] is to be drawn where all classes that occur are as likely.

    >>> balanced(np.array([0, 0, 3])).tolist()
    [0.25, 0.25, 0.5]
    """
    _, numbers, counts = np.unique(labels, return_inverse=True, return_counts=True)
    return np.asarray(1.0 / (counts[numbers] * len(counts)))


def _losses(returned: object) -> dict[str, float]:
    if not isinstance(returned, Mapping) or not returned:
        raise ProtocolError(f"update: must return a non-empty dict of losses, got {type(returned).__name__}")
    try:
        return {str(name): float(value) for name, value in returned.items()}
    except (TypeError, ValueError, RuntimeError) as error:
        raise ProtocolError(f"update: every loss must be one number: {error}") from error


def detect(
    method: FewShotDetector,
    base: Sequence[AnnotatedImage],
    support: Sequence[AnnotatedImage],
    images: Sequence[npt.NDArray[np.uint8]],
    classes: int,
) -> list[Detections]:
    """Fit on base (optional member) and support, then detect; every result is checked."""
    if hasattr(method, "fit_base"):
        method.fit_base(base)
    method.fit_novel(support)
    found = method.detect(images)
    if not isinstance(found, Sequence):
        raise ProtocolError(f"detect: must return a list of farfield.Detections, got {type(found).__name__}")
    if len(found) != len(images):
        raise ProtocolError(f"detect: {len(images)} images gave {len(found)} results; return one per image")
    for number, (image, result) in enumerate(zip(images, found, strict=True)):
        _check_detections(result, image, classes, f"detect: image {number}")
    return list(found)


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


def checked(value: object, shape: tuple[int, ...], what: str, dtype: type[np.floating[Any]] = np.float32) -> Array:
    """The value as an array of that shape and type, floating and finite. Raises ProtocolError otherwise."""
    stored = shaped(value, shape, what, dtype)
    broken = int((~np.isfinite(stored)).sum())
    if broken:
        raise ProtocolError(f"{what} must be finite {stored.dtype} numbers; {broken} of {stored.size} are not")
    return stored


def shaped(value: object, shape: tuple[int, ...], what: str, dtype: type[np.floating[Any]] = np.float32) -> Array:
    """The value as an array of that shape and type, floating, finite or not. Raises ProtocolError otherwise."""
    array = as_array(value, what)
    if array.shape != shape:
        raise ProtocolError(f"{what} must have the shape {shape}, got {array.shape}")
    if not np.issubdtype(array.dtype, np.floating):
        raise ProtocolError(f"{what} must be floating point, got {array.dtype}")
    with np.errstate(over="ignore"):
        return array.astype(dtype)


def as_array(value: object, what: str) -> Array:
    """What a method returned, as an array. Raises ProtocolError for what numpy cannot read, as tensors on a GPU."""
    try:
        return np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:
        hint = "; return numpy arrays (a tensor by `.detach().cpu().float().numpy()`)"
        raise ProtocolError(f"{what} cannot be read as an array: {error}{hint}") from error
