"""Scores from files of arrays, without a model or a pack: the computations are those of a run on the same arrays."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TextIO

import numpy as np

from farfield_evaluators.arrays import Array, ArraysError, read_arrays
from farfield_evaluators.data import imagenet_classes as imagenet
from farfield_evaluators.data.label_space import LabelSpace, subset
from farfield_evaluators.figure import Figure
from farfield_evaluators.metrics.classification import per_class_accuracy
from farfield_evaluators.metrics.names import canonical
from farfield_evaluators.scoring import classification, detection
from farfield_evaluators.scoring.classification import HIT, labels_of, size_of
from farfield_evaluators.scoring.corruption import CORRUPTION_ERRORS
from farfield_evaluators.scoring.remarks import Remarked, constant_sets, remarks_on, unknown_sets
from farfield_evaluators.scoring.scorer import Scorer, Wanted, score_tests
from farfield_evaluators.scoring.sets import check_names, is_known, roles_of
from farfield_evaluators.scoring.test import LABEL, Test

CLASSES = "arrays.classes"
LABELS = "arrays.labels"
SPACE = "arrays.label_space"
RESTRICTED = {"r": imagenet.imagenet_r, "a": imagenet.imagenet_a}
PROJECTED = "objectnet"
ROBUSTNESS = classification.EFFECTIVE_ROBUSTNESS.metric.name
OF_CLASSIFIERS: tuple[Scorer, ...] = (
    classification.ACCURACY,
    classification.TOP5,
    classification.CLASS_ACCURACY,
    *classification.CALIBRATION,
    classification.ID_SUBSET_ACCURACY,
    classification.EFFECTIVE_ROBUSTNESS,
    CORRUPTION_ERRORS,
)
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
    parts = {"id": {"id": files.id}, "near": files.near, "far": files.far, "shift": files.shifted}
    tests = [_detected(name, role, path, counts) for role, part in parts.items() for name, path in part.items()]
    scorers = _of_detectors(tests)
    figures = score_tests(scorers, tests, replace(_wanted(scorers), errors=bootstrap))
    every = {test.domain: test.outcome(detection.SCORE)["score"] for test in tests}
    return Remarked(scores=figures, remarks=(*remarks_on(figures), *constant_sets(every)))


def _of_detectors(tests: Sequence[Test]) -> tuple[Scorer, ...]:
    """Those that the files have what they need for."""
    roles = {role: [test for test in tests if test.role == role] for role in detection.SPECTRUM}
    labelled = {role: all(test.targets for test in members) for role, members in roles.items()}
    scorers: list[Scorer] = [detection.CLASSIC]
    scorers += [detection.FULL_SPECTRUM] if roles["shift"] else []
    scorers += [detection.ID_ACCURACY] if labelled["id"] else []
    scorers += [detection.FULL_SPECTRUM_ACCURACY] if roles["shift"] and all(labelled.values()) else []
    return tuple(scorers)


def score_classification(files: Files, per_class: TextIO | None = None) -> Remarked:
    """The figures of `imagenet-ood` benchmarks, for sets by name; one called val, photographs or iid is the ID set.

    `per_class` gets a CSV with a line for each set and class. Raises ArraysError as `score_detection`.
    """
    check_names(files)
    counts: dict[Path, int] = {}
    plain: list[str] = []
    tests = _noted(_labelled(files, counts, plain), per_class)
    scores = score_tests(OF_CLASSIFIERS, tests, _wanted(OF_CLASSIFIERS))
    classes = next(iter(counts.values()), 0)
    return Remarked(scores=_meant_for(classes, scores), remarks=unknown_sets(plain, classes))


def _wanted(scorers: Sequence[Scorer]) -> Wanted:
    return Wanted(metrics=frozenset(metric.name for scorer in scorers for metric in scorer.gives))


def _meant_for(classes: int, scores: tuple[Figure, ...]) -> tuple[Figure, ...]:
    """As boards of so many classes have them: what is relative to ImageNet's models is left out with other classes.

    Corruption errors are there where all 15 are, as on boards of ImageNet-C.
    """
    whole = any(score.metric == "mce" for score in scores)
    left_out = {ROBUSTNESS} if whole else {ROBUSTNESS, "corruption-error"}
    return tuple(s for s in scores if classes == imagenet.COUNT or s.metric not in left_out)


def _labelled(files: Files, counts: dict[Path, int], plain: list[str]) -> Iterator[Test]:
    """One after the other, so that one set's logits are in memory, and the ID set's.

    Adds the classes to `counts`, and to `plain` the names of sets that neither name nor file says how to read.
    """
    roles = roles_of(files)
    for name, path in files.items():
        arrays = _Arrays(path)
        logits, labels = arrays["logits"], arrays["label"]
        _count_classes(path, logits, counts)
        _check_labels(path, labels, logits.shape[1])
        space = _space_of(name, path, arrays, logits.shape[1])
        if space is not None:
            _check_in_space(name, path, labels, space)
        elif not is_known(name):
            plain.append(name)
        yield _test(name, roles[name], arrays, labels, space)
        if roles[name] != "id":
            arrays.forget()


class _Arrays(Mapping[str, Array]):
    """A file's arrays, read when they are asked for and, after `forget`, anew."""

    def __init__(self, path: Path) -> None:
        self._path, self._read = path, dict[str, Array]()

    def forget(self) -> None:
        """Have none of them in memory."""
        self._read = {}

    def _arrays(self) -> Mapping[str, Array]:
        self._read = self._read or read_arrays(self._path, ["logits", "label"])
        return self._read

    def __getitem__(self, name: str) -> Array:
        return self._arrays()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays())

    def __len__(self) -> int:
        return len(self._arrays())


def _test(name: str, role: str, outputs: Mapping[str, Array], labels: Array, space: LabelSpace | None) -> Test:
    classes = outputs["logits"].shape[1]
    return Test(
        domain=name,
        role=role,
        count=len(labels),
        outputs=outputs,
        targets={LABEL: labels},
        space=space,
        classes=classes,
    )


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


def _detected(name: str, role: str, path: Path, counts: dict[Path, int]) -> Test:
    """A file's scores, and of what counts as ID whether images are classified right, where it says so.

    Where it has logits, their number of classes must be that in `counts`, if any.
    """
    arrays = read_arrays(path, ["scores"])
    if "logits" in arrays:
        _count_classes(path, arrays["logits"], counts)
    labelled = role in detection.SPECTRUM and "logits" in arrays and "label" in arrays
    if labelled:
        _check_labels(path, arrays["label"], arrays["logits"].shape[1])
    targets = {LABEL: arrays["label"]} if labelled else {}
    test = Test(domain=name, role=role, count=len(arrays["scores"]), outputs=arrays, targets=targets)
    test.outcome(detection.SCORE)
    if labelled:
        test.outcome(detection.HIT_OF_ALL)
    return test.with_outputs({})  # what is known is kept, and the logits are not


def _count_classes(path: Path, logits: Array, counts: dict[Path, int]) -> None:
    """Note the number of classes of a file's logits. Raises ArraysError when an earlier file has another one."""
    counts[path] = logits.shape[1]
    first, expected = next(iter(counts.items()))
    if counts[path] != expected:
        says = f"{path.name}: logits has {counts[path]} classes, and that of {first.name} {expected}"
        raise ArraysError(CLASSES, f"{says}; all sets are of one model, with one number of classes")


def _noted(tests: Iterator[Test], per_class: TextIO | None) -> Iterator[Test]:
    """The sets as they are, with a line for each class written on the way."""
    if per_class is None:
        yield from tests
        return
    writer = csv.writer(per_class, lineterminator="\n")
    writer.writerow(("set", "class", "images", "accuracy"))
    for test in tests:
        writer.writerows(_class_rows(test))
        yield test


def _class_rows(test: Test) -> Iterator[tuple[str, int, int, float]]:
    """(set, class, images, accuracy) of the classes that have images, by the smallest of a class's numbers."""
    labels, classes = labels_of(test), size_of(test)
    shares = per_class_accuracy(test.outcome(HIT)["hit"], labels, classes)
    counts = np.bincount(labels, minlength=classes)
    for number in np.flatnonzero(counts):
        shown = int(test.labels[labels == number].min())
        yield test.domain, shown, int(counts[number]), float(shares[number])
