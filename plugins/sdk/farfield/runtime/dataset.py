"""The runner's view of staged inputs: a test stream and a training set, as images or as features."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from farfield.errors import JobError, reason
from farfield.method import Images
from farfield.method import Inputs as Declared
from farfield.protocols import Batch, Floats, Inputs, Ints
from farfield.runtime.exchange import ABOUT
from farfield.runtime.images import EncodedImages
from farfield.runtime.streamed import StreamedSource

GROUPS = "groups.npy"


class Source(Protocol):
    """Anything that gives inputs by position."""

    @property
    def largest_batch(self) -> int | None:
        """How many inputs one `read` can stack; None when there is no limit."""

    def __len__(self) -> int: ...

    def read(self, indices: Ints) -> Inputs: ...


class ArraySource:
    """Inputs that are one array [N, ...], in memory or memory-mapped."""

    largest_batch = None

    def __init__(self, array: Inputs) -> None:
        self._array = array

    def __len__(self) -> int:
        return len(self._array)

    def read(self, indices: Ints) -> Inputs:
        return np.array(self._array[indices])


def open_source(folder: Path, declared: Declared, threads: int, *, whole: bool = True) -> Source:
    """The inputs of one folder, as the method declared them, by the pipe where there is one.

    whole: whether those by a pipe are given at any position. Raises JobError when files are missing.
    """
    if (folder / ABOUT).exists():
        return StreamedSource(folder, declared, threads, whole=whole)
    if isinstance(declared, Images) and (folder / "images.npy").exists():
        return ArraySource(read_array(folder / "images.npy", mapped=True))
    if isinstance(declared, Images) and not (folder / "features.npy").exists():
        try:
            prepared = read_array(folder / "prepared.npy") if (folder / "prepared.npy").exists() else None
            spans = read_array(folder / "spans.npy")
            return EncodedImages(folder / "images.bin", spans, declared, threads, prepared)
        except (OSError, ValueError) as error:
            raise JobError(f"{folder.name}/images.bin cannot be read: {reason(error)}") from error
    features = read_array(folder / "features.npy", mapped=True)
    if isinstance(declared, Images):
        return ArraySource(features)
    if features.ndim != 2 or features.shape[1] != declared.dim:
        raise JobError(
            f"{folder.name}/features.npy has the shape {list(features.shape)}; {declared.backbone} gives "
            f"[N, {declared.dim}] by the method's specification"
        )
    return ArraySource(features)


def in_batches(source: Source, size: int) -> Iterator[Inputs]:
    """All inputs, in staged order."""
    for indices in _slices(np.arange(len(source)), source, size):
        yield source.read(indices)


def group_by_group(groups: Ints, size: int, seed: Sequence[int]) -> Iterator[Ints]:
    """Positions in batches that hold one group each: group after group, each in an order of its own.

    As DomainBed evaluates one split of one environment after another, shuffled; `groups` [N] are their numbers.
    """
    rng = np.random.default_rng(list(seed))
    for number in np.unique(groups):
        members = rng.permutation(np.flatnonzero(groups == number))
        yield from (members[start : start + size] for start in range(0, len(members), size))


def in_order(source: Source, size: int) -> Iterator[Ints]:
    """All positions, in batches."""
    return _slices(np.arange(len(source)), source, size)


def open_groups(folder: Path, count: int) -> Ints | None:
    """The group of each staged input, where the platform has said it. Raises JobError for another number of them."""
    path = folder / GROUPS
    if not path.exists():
        return None
    groups = read_array(path)
    if groups.shape != (count,):
        raise JobError(f"{folder.name}/{GROUPS} has the shape {list(groups.shape)}, for {count} inputs")
    return groups


class LabeledSet:
    """A TrainingSet over a source: inputs with labels [N], domains [N] and, where there are any, targets [N, T]."""

    def __init__(self, source: Source, labels: Ints, domains: Ints, targets: Floats | None = None) -> None:
        if not len(source) == len(labels) == len(domains):
            raise JobError(f"{len(source)} inputs, {len(labels)} labels and {len(domains)} domains do not match")
        if targets is not None and (targets.ndim != 2 or len(targets) != len(source)):
            raise JobError(f"targets of the shape {list(targets.shape)} do not match {len(source)} inputs")
        self._source = source
        self.labels = labels
        self.domains = domains
        self.targets = targets

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, indices: Ints) -> Batch:
        """The examples at these positions."""
        return Batch(
            inputs=self._source.read(indices),
            labels=self.labels[indices],
            domains=self.domains[indices],
            targets=None if self.targets is None else self.targets[indices],
        )

    def batches(self, size: int, *, shuffle: bool = False, seed: int = 0) -> Iterator[Batch]:
        """One pass over the set; the last batch may be smaller, and uncropped images come one by one."""
        order = np.arange(len(self))
        if shuffle:
            np.random.default_rng(seed).shuffle(order)
        for indices in _slices(order, self._source, size):
            yield self.take(indices)


def open_training_set(folder: Path, declared: Declared, threads: int) -> LabeledSet:
    """Without labels.npy all labels are -1. Raises JobError when files are missing or lengths differ."""
    source = open_source(folder, declared, threads)
    domains = read_array(folder / "domains.npy")
    labels = read_array(folder / "labels.npy") if (folder / "labels.npy").exists() else np.full(len(domains), -1)
    targets = read_array(folder / "targets.npy") if (folder / "targets.npy").exists() else None
    return LabeledSet(source, labels, domains, targets)


def _slices(order: Ints, source: Source, size: int) -> Iterator[Ints]:
    if size < 1:
        raise ValueError(f"a batch holds at least one example, not {size}")
    step = min(size, source.largest_batch or size)
    for start in range(0, len(order), step):
        yield order[start : start + step]


def read_array(path: Path, *, mapped: bool = False) -> Inputs:
    """An array without pickles. Raises JobError for a file that is none."""
    try:
        array: Inputs = np.load(path, mmap_mode="r" if mapped else None, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise JobError(f"{path.parent.name}/{path.name} cannot be read: {reason(error)}") from error
    return array
