"""Scores from files of arrays, without a model or a pack: the computations are those of a run on the same arrays."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

import numpy as np

from farfield_evaluators.arrays import Array, ArraysError, read_arrays
from farfield_evaluators.data.label_space import LabelSpace, subset
from farfield_evaluators.figure import Figure
from farfield_evaluators.metrics.classification import Hits, correct, per_class_accuracy
from farfield_evaluators.metrics.names import canonical
from farfield_evaluators.scoring.classification import (
    CORRUPTIONS,
    ROBUSTNESS,
    LabelledSet,
    classification_scores,
    in_space,
)
from farfield_evaluators.scoring.detection import DetectionSets, accuracy_scores, detection_scores
from farfield_evaluators.scoring.remarks import Remarked, constant_sets, remarks_on, unknown_sets
from farfield_evaluators.scoring.sets import check_names, is_known, roles_of
from farfield_evaluators.suites.imagenet.data import classes as imagenet

CLASSES = "arrays.classes"
LABELS = "arrays.labels"
SPACE = "arrays.label_space"
RESTRICTED = {"r": imagenet.imagenet_r, "a": imagenet.imagenet_a}
PROJECTED = "objectnet"
Files = Mapping[str, Path]


@dataclass(frozen=True, kw_only=True)
class DetectionFiles:
    """A file for the ID set, for each OOD set, and for each ID set under covariate shift."""

    id: Path
    near: Files = field(default_factory=dict)
    far: Files = field(default_factory=dict)
    shifted: Files = field(default_factory=dict)


def score_detection(files: DetectionFiles, *, bootstrap: bool = True) -> Remarked:
    """The figures of `ood-detection` benchmarks. The ID accuracy is there where the ID file has logits and labels.

    The one with shifts is there where all of their files have them too. Without `bootstrap` detection figures have no
    errors. Raises ArraysError for files that cannot be read, scores that are not finite, other class counts, and two
    names of one set.
    """
    check_names([*files.near, *files.far, *files.shifted])
    counts: dict[Path, int] = {}
    of_id = _detected(files.id, counts, labelled=True)
    near, far = (
        {name: _detected(path, counts).scores for name, path in part.items()} for part in (files.near, files.far)
    )
    shifted = {name: _detected(path, counts, labelled=True) for name, path in files.shifted.items()}
    scores = {name: detected.scores for name, detected in shifted.items()}
    sets = DetectionSets(id_scores=of_id.scores, near=near, far=far, shifted=scores)
    figures = detection_scores(sets, bootstrap=bootstrap)
    if of_id.hits is not None:
        hits = [detected.hits for detected in shifted.values() if detected.hits is not None]
        figures += tuple(accuracy_scores(of_id.hits, hits if len(hits) == len(shifted) else ()))
    every = {"id": of_id.scores, **near, **far, **scores}
    return Remarked(scores=figures, remarks=(*remarks_on(figures), *constant_sets(every)))


def score_classification(files: Files, per_class: TextIO | None = None) -> Remarked:
    """The figures of `imagenet-ood` benchmarks, for sets by name; one called val or photographs is the ID set.

    `per_class` gets a CSV with a line for each set and class. Raises ArraysError as `score_detection`.
    """
    check_names(files)
    counts: dict[Path, int] = {}
    plain: list[str] = []
    sets = _noted(_labelled_sets(files, counts, plain), per_class)
    scores = classification_scores(sets, {*CORRUPTIONS, ROBUSTNESS})
    classes = next(iter(counts.values()), 0)
    return Remarked(scores=_meant_for(classes, scores), remarks=unknown_sets(plain, classes))


def _meant_for(classes: int, scores: tuple[Figure, ...]) -> tuple[Figure, ...]:
    """As boards of so many classes have them: what is relative to ImageNet's models is left out with other classes.

    Corruption errors are there where all 15 are, as on boards of ImageNet-C.
    """
    whole = any(score.metric == "mce" for score in scores)
    left_out = {ROBUSTNESS} if whole else {ROBUSTNESS, "corruption-error"}
    return tuple(s for s in scores if classes == imagenet.COUNT or s.metric not in left_out)


def _labelled_sets(files: Files, counts: dict[Path, int], plain: list[str]) -> Iterator[LabelledSet]:
    """One after the other, so that one set's logits are in memory, and the ID set's.

    Adds the classes to `counts`, and to `plain` the names of sets that neither name nor file says how to read.
    """
    roles = roles_of(files)
    for name, path in files.items():
        arrays = read_arrays(path, ["logits", "label"])
        logits, labels = arrays["logits"], arrays["label"]
        _count_classes(path, logits, counts)
        _check_labels(path, labels, logits.shape[1])
        space = _space_of(name, path, arrays, logits.shape[1])
        if space is not None:
            _check_in_space(name, path, labels, space)
        elif not is_known(name):
            plain.append(name)
        yield LabelledSet(name=name, role=roles[name], logits=logits, labels=labels, space=space)


def _space_of(name: str, path: Path, arrays: Mapping[str, Array], count: int) -> LabelSpace | None:
    """What the file says, or else what the official set of that name has."""
    if "space" in arrays:
        return _stated_space(path, arrays["space"], count)
    if count != imagenet.COUNT:
        return None
    official = canonical(name)
    if official in RESTRICTED:
        return subset([imagenet.numbers()[wnid] for wnid in RESTRICTED[official]()])
    if official == PROJECTED:
        says = (
            f"{path.name}: ObjectNet has 113 classes of 125 ImageNet ids; add an array `space` [1000] that says which"
        )
        raise ArraysError(SPACE, says)
    return None


def _stated_space(path: Path, numbers: Array, count: int) -> LabelSpace:
    if len(numbers) != count or numbers.min() < -1 or numbers.max() < 0:
        says = f"{path.name}: space must hold, for each of the {count} classes of logits, a class of the set or -1"
        raise ArraysError(SPACE, says)
    groups = [tuple(np.flatnonzero(numbers == number).tolist()) for number in np.unique(numbers[numbers >= 0])]
    return LabelSpace(kind="max", groups=tuple(groups))


def _check_in_space(name: str, path: Path, labels: Array, space: LabelSpace) -> None:
    beyond = np.setdiff1d(labels, sorted(space.members))
    if len(beyond):
        says = f"{path.name}: label {beyond[0]} is none of the classes that {name} has"
        raise ArraysError(SPACE, f"{says}; labels are numbers of all classes of logits, from 0")


def _check_labels(path: Path, labels: Array, count: int) -> None:
    wrong = labels[(labels < 0) | (labels >= count)]
    if len(wrong):
        says = f"{path.name}: {len(wrong)} labels are beyond 0 to {count - 1}, such as {wrong[0]}"
        raise ArraysError(LABELS, f"{says}; logits has {count} columns")


@dataclass(frozen=True, kw_only=True)
class _Detected:
    """The scores [N] of a file, and which images are classified right [N], where it says so."""

    scores: Array
    hits: Hits | None


def _detected(path: Path, counts: dict[Path, int], *, labelled: bool = False) -> _Detected:
    """A file's scores; where it has logits too, their number of classes must be that in `counts`, if any."""
    arrays = read_arrays(path, ["scores"])
    if "logits" in arrays:
        _count_classes(path, arrays["logits"], counts)
    hits = None
    if labelled and "logits" in arrays and "label" in arrays:
        _check_labels(path, arrays["label"], arrays["logits"].shape[1])
        hits = correct(arrays["logits"], arrays["label"])
    return _Detected(scores=arrays["scores"], hits=hits)


def _count_classes(path: Path, logits: Array, counts: dict[Path, int]) -> None:
    """Note the number of classes of a file's logits. Raises ArraysError when an earlier file has another one."""
    counts[path] = logits.shape[1]
    first, expected = next(iter(counts.items()))
    if counts[path] != expected:
        says = f"{path.name}: logits has {counts[path]} classes, and that of {first.name} {expected}"
        raise ArraysError(CLASSES, f"{says}; all sets are of one model, with one number of classes")


def _noted(sets: Iterator[LabelledSet], per_class: TextIO | None) -> Iterator[LabelledSet]:
    """The sets as they are, with a line for each class written on the way."""
    if per_class is None:
        yield from sets
        return
    writer = csv.writer(per_class, lineterminator="\n")
    writer.writerow(("set", "class", "images", "accuracy"))
    for labelled in sets:
        writer.writerows(_class_rows(labelled))
        yield labelled


def _class_rows(labelled: LabelledSet) -> Iterator[tuple[str, int, int, float]]:
    """(set, class, images, accuracy) of the classes that have images, by the smallest of a class's numbers."""
    logits, labels = in_space(labelled)
    shares = per_class_accuracy(correct(logits, labels), labels, logits.shape[1])
    counts = np.bincount(labels, minlength=logits.shape[1])
    for number in np.flatnonzero(counts):
        shown = int(labelled.labels[labels == number].min())
        yield labelled.name, shown, int(counts[number]), float(shares[number])
