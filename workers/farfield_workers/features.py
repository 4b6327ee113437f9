"""Features of frozen backbones: computed once per pack and backbone version, in the sandbox, and kept in a cache."""

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
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.staging import stage_all_images
from farfield_workers.execution import Observer, execute, of_runner
from farfield_workers.failures import RunFailure
from farfield_workers.sandbox.base import GIB, Limits, Sandbox
from farfield_workers.sandbox.runtime import cores
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
        stage_all_images(pack, folder / "in")
        Job(kind="features", plugin=backbone.plugin, name=backbone.name).write(folder / "in")
        observer.log(f"computing features of {backbone.name} for the pack {pack.name}, once\n")
        _run(backbone, folder, sandbox, observer)
        taken = folder / "taken.npy"
        if not _are_usable(folder / "out", taken, len(pack.spans)):
            message = f"backbone {backbone.name} gave unusable features"
            raise RunFailure("platform.features", message, infrastructure=True)
        os.replace(taken, path)
    finally:
        remove_tree(folder)


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


def _are_usable(output: Path, taken: Path, count: int) -> bool:
    """Copy the features and look at the copy: what lies in the output was written by code of others."""
    try:
        take_file(output, "features.npy", taken)
        computed = np.load(taken, mmap_mode="r", allow_pickle=False)
        return bool(computed.shape[0] == count and np.isfinite(computed).all())
    except (NotThere, ValueError, TypeError, IndexError, OSError):
        return False


@contextmanager
def _locked(path: Path, observer: Observer) -> Iterator[None]:
    """One computation at a time on this machine; the lock goes with the process. Who waits can still be cancelled."""
    with path.open("w") as lock:
        while not _taken(lock):
            observer.alive()
            time.sleep(LOOK_SECONDS)
        yield


def _taken(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
