"""What GLT's sets are constructed from: a feature of each image, its path, and its class; read and checked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
import numpy.typing as npt

from farfield.errors import reason
from farfield.packaging.files import read_text
from farfield_evaluators.data.problems import SHOWN
from farfield_evaluators.suites.longtail.glt.clusters import CLUSTERS, ConstructionError, Ints


@dataclass(frozen=True, kw_only=True)
class Features:
    """N images: features [N, D], finite; paths, each once; and the number of each one's class [N] in `classes`."""

    values: npt.NDArray[np.floating]
    paths: tuple[str, ...]
    classes: tuple[str, ...]
    numbers: Ints

    def of(self, number: int) -> Ints:
        """Places [n] of a class's images, in the order of the features."""
        return np.flatnonzero(self.numbers == number)


def read_features(features: Path, paths: Path, labels: Path | None = None) -> Features:
    """Read features from a .npy, and from texts a path and, where `labels` is given, a class a line.

    Without `labels` an image's class is the folder that it lies in. Raises ConstructionError naming all that is wrong.
    """
    values = _array(features)
    named = _lines(paths)
    classes = [PurePosixPath(path).parent.name for path in named] if labels is None else _lines(labels)
    problems = [*_unequal(values, named, classes), *_alike(named)]
    problems += [] if problems else _unfit(values, named, classes)
    if problems:
        shown = [*problems[:SHOWN], *([f"and {len(problems) - SHOWN:,} more"] if len(problems) > SHOWN else [])]
        raise ConstructionError("\n  ".join(["the features and images do not fit together:", *shown]))
    known = tuple(sorted(set(classes)))
    numbers = np.searchsorted(np.array(known), np.array(classes)).astype(np.int64)
    return Features(values=values, paths=tuple(named), classes=known, numbers=numbers)


def read_counts(file: Path, classes: int) -> list[int]:
    """Training images of each class by rank, a number a line. Raises ConstructionError for anything but a long tail."""
    lines = _lines(file)
    wrong = [f"line {number}: {line[:40]!r}" for number, line in enumerate(lines, 1) if not _is_count(line)]
    counts = [] if wrong else [int(line) for line in lines]
    if wrong:
        raise ConstructionError(f"{file} has one whole number a line; {', '.join(wrong[:5])} is none")
    if len(counts) != classes:
        raise ConstructionError(f"{file} has {len(counts):,} numbers, and there are {classes:,} classes")
    if counts != sorted(counts, reverse=True):
        raise ConstructionError(f"{file} is by rank, so no number may be larger than the one before it")
    return counts


def _is_count(line: str) -> bool:
    return line.isascii() and line.isdecimal() and len(line) < 9


def _array(file: Path) -> npt.NDArray[np.floating]:
    try:
        values = np.load(file, allow_pickle=False, mmap_mode="r")
    except (OSError, ValueError, EOFError) as error:
        raise ConstructionError(f"{file} cannot be read as a .npy without pickles: {reason(error)}") from error
    if not isinstance(values, np.ndarray) or values.ndim != 2 or values.dtype.kind != "f":
        told = f"{values.dtype} of the shape {values.shape}" if isinstance(values, np.ndarray) else "several arrays"
        raise ConstructionError(f"{file} holds {told}; features are an array [images, numbers] of floats")
    return values


def _lines(file: Path) -> list[str]:
    try:
        return [line.strip() for line in read_text(file, errors="surrogateescape").splitlines() if line.strip()]
    except OSError as error:
        raise ConstructionError(f"{file} cannot be read: {reason(error)}") from error


def _unequal(values: npt.NDArray[np.floating], paths: Sequence[str], classes: Sequence[str]) -> Iterator[str]:
    if not len(values) == len(paths) == len(classes):
        yield f"{len(values):,} features, {len(paths):,} paths and {len(classes):,} classes; there must be one of each"


def _alike(paths: Sequence[str]) -> Iterator[str]:
    seen: set[str] = set()
    for path in paths:
        if path in seen:
            yield f"{path}: is there twice"
        seen.add(path)


def _unfit(values: npt.NDArray[np.floating], paths: Sequence[str], classes: Sequence[str]) -> Iterator[str]:
    for place in np.flatnonzero(~np.isfinite(values).all(axis=1)).tolist():
        yield f"{paths[place]}: its feature is not finite"
    yield from (f"{path}: lies in no class folder" for path, name in zip(paths, classes, strict=True) if not name)
    names, counts = np.unique(np.array(classes), return_counts=True)
    for name, count in zip(names.tolist(), counts.tolist(), strict=True):
        if count < CLUSTERS:
            yield f"class {name}: {count} images, and {CLUSTERS} clusters are to be made"
