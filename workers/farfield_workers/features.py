"""Features of frozen backbones: computed once per image and backbone version, in the sandbox, and kept in a cache."""

import contextlib
import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from farfield.runtime.job import Job
from farfield_evaluators.data.packs import Ints, Pack
from farfield_evaluators.staging import stage_images
from farfield_workers.execution import Observer, execute, of_runner
from farfield_workers.failures import RunFailure
from farfield_workers.sandbox.base import GIB, Limits, Sandbox
from farfield_workers.sandbox.runtime import cores
from farfield_workers.shared_features import (
    IMAGES,
    WORTH_WAITING,
    Digests,
    digests_of,
    join,
    neighbours,
    shares_of,
)
from farfield_workers.trees import remove_tree
from farfield_workers.untrusted import NotThere, take_file

LOOK_SECONDS = 0.3
LIMITS = Limits(memory_bytes=8 * GIB, seconds=6 * 3600, output_bytes=64 * GIB)


@dataclass(frozen=True, kw_only=True)
class Backbone:
    """An installed backbone: which plugin brings it, in which version."""

    name: str
    plugin: str
    version: str


def backbone_features(
    pack: Pack, backbone: Backbone, cache: Path, sandbox: Sandbox, observer: Observer
) -> npt.NDArray[np.float32]:
    """float32 [N, D] in pack order, memory-mapped. Raises RunFailure when they cannot be computed."""
    path = cache / "features" / pack.fingerprint / f"{backbone.name}-{backbone.version}.npy"
    path.parent.mkdir(parents=True, exist_ok=True)
    with _locked(path.with_suffix(".lock"), observer):
        if not path.exists():
            _compute(pack, backbone, path, sandbox, observer)
    features: npt.NDArray[np.float32] = np.load(path, mmap_mode="r", allow_pickle=False)
    return features


def _compute(pack: Pack, backbone: Backbone, path: Path, sandbox: Sandbox, observer: Observer) -> None:
    for stale in path.parent.glob(f"features-*~{path.stem}"):  # of a worker that was killed; the lock is ours
        remove_tree(stale)
    folder = Path(tempfile.mkdtemp(prefix="features-", suffix=f"~{path.stem}", dir=path.parent))
    try:
        with _after_others(pack, path, observer) as digests:
            shares, missing = shares_of(digests, neighbours(path))
            if shares:
                observer.log(
                    f"features of {backbone.name}: {len(pack.spans) - len(missing)} images are of other packs\n"
                )
            computed = _computed(pack, missing, backbone, folder, sandbox, observer) if len(missing) else None
            with _usable(backbone):
                join(shares, computed, missing, folder / "all.npy")
            os.replace(folder / "all.npy", path)
    finally:
        remove_tree(folder)


@contextmanager
def _after_others(pack: Pack, path: Path, observer: Observer) -> Iterator[Digests]:
    """Wait for whoever computes, of another pack, what this one needs; meanwhile later ones wait for this one.

    Who waits for whom is settled one after the other, so that nobody waits for somebody who came later: no two wait for
    one another.
    """
    with contextlib.ExitStack() as held:
        with _locked(path.parents[1] / f"{path.stem}.lock", observer):
            digests = _told(pack, path.parent)
            ahead = [
                other
                for other in neighbours(path)
                if other.share(digests) >= WORTH_WAITING and _is_held(other.computing)
            ]
            held.enter_context(_locked(path.with_suffix(".computing"), observer))
        for other in ahead:
            with _locked(other.computing, observer):
                pass
        yield digests


def _told(pack: Pack, folder: Path) -> Digests:
    """The digests of the pack's images, in the cache from here on."""
    digests = digests_of(pack)
    with tempfile.TemporaryDirectory(dir=folder) as draft:
        np.save(Path(draft) / IMAGES, digests, allow_pickle=False)
        os.replace(Path(draft) / IMAGES, folder / IMAGES)
    return digests


def _computed(
    pack: Pack, positions: Ints, backbone: Backbone, folder: Path, sandbox: Sandbox, observer: Observer
) -> npt.NDArray[np.float32]:
    """float32 [N, D] of the images at these positions [N]. Raises RunFailure when they cannot be computed."""
    stage_images(pack, positions, folder / "in")
    Job(kind="features", plugin=backbone.plugin, name=backbone.name).write(folder / "in")
    observer.log(f"computing features of {backbone.name} for the pack {pack.name}, once\n")
    _run(backbone, folder, sandbox, observer)
    taken = folder / "taken.npy"
    with _usable(backbone):
        _take(folder / "out", taken, len(positions))
    computed: npt.NDArray[np.float32] = np.load(taken, mmap_mode="r", allow_pickle=False)
    return computed


def _run(backbone: Backbone, folder: Path, sandbox: Sandbox, observer: Observer) -> None:
    """The operator installed the backbone and we chose its limits, so no author is to blame for how it ends."""
    try:
        # All cores, whatever a run may use: every run that needs these features waits for them.
        execution = replace(of_runner(folder, LIMITS), environment={"OMP_NUM_THREADS": str(cores())})
        execute(sandbox, execution, observer)
    except RunFailure as failure:
        if failure.infrastructure:
            raise
        said = f"backbone {backbone.name}: {failure.message} [{failure.code}]"
        raise RunFailure("platform.features", said, infrastructure=True) from failure


def _take(output: Path, taken: Path, count: int) -> None:
    """Copy the features and look at the copy: what lies in the output was written by code of others."""
    take_file(output, "features.npy", taken)
    computed = np.load(taken, mmap_mode="r", allow_pickle=False)
    if computed.shape[0] != count or not np.isfinite(computed).all():
        raise ValueError(f"an array of the shape {computed.shape}, for {count} images")


@contextmanager
def _usable(backbone: Backbone) -> Iterator[None]:
    """Features that cannot be read, or fit neither the images nor those of other packs, are nobody's to use."""
    try:
        yield
    except (NotThere, ValueError, TypeError, IndexError, OSError) as error:
        message = f"backbone {backbone.name} gave unusable features"
        raise RunFailure("platform.features", message, infrastructure=True) from error


@contextmanager
def _locked(path: Path, observer: Observer) -> Iterator[None]:
    """One computation at a time on this machine; the lock goes with the process. Who waits can still be cancelled."""
    with path.open("w") as lock:
        while not _taken(lock):
            observer.alive()
            time.sleep(LOOK_SECONDS)
        yield


def _is_held(path: Path) -> bool:
    """Whether somebody on this machine holds the lock of a file."""
    if not path.exists():
        return False
    with path.open("r+") as lock:
        return not _taken(lock)


def _taken(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
