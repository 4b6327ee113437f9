"""Features of frozen backbones: computed once for an image, by code that the operator installed, and kept.

No code that somebody submitted is there when they are computed, and what a run writes never comes here.
"""

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

from farfield.runtime.job import Job
from farfield_evaluators.staging import stage_images
from farfield_workers.backbones import Backbone
from farfield_workers.execution import Observer, execute, of_runner
from farfield_workers.failures import RunFailure, full_disk
from farfield_workers.feature_files import Features, NotKept, keep, read
from farfield_workers.sandbox.base import GIB, Limits, Sandbox
from farfield_workers.sandbox.disk import is_of_full_disk
from farfield_workers.sandbox.runtime import cores
from farfield_workers.settings import room_bytes
from farfield_workers.shared_features import (
    IMAGES,
    WORTH_WAITING,
    Chosen,
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
FEATURES_GIB, USUAL_GIB = "FARFIELD_FEATURES_GIB", 20.0


@dataclass(frozen=True, kw_only=True)
class Looked:
    """Features float32 [n, D] of images, in their order, and which share of them was there before."""

    features: Features
    cached: float


@dataclass(frozen=True, kw_only=True)
class FeatureCache:
    """The features on one machine: where they lie, and where those that are not there are computed."""

    home: Path
    sandbox: Sandbox
    gpu: str | None = None

    def look(self, chosen: Chosen, backbone: Backbone, observer: Observer) -> Looked:
        """Raises RunFailure when they cannot be computed, and whatever the observer raises."""
        path = self.home / chosen.fingerprint / f"{backbone.word}.npy"
        path.parent.mkdir(parents=True, exist_ok=True)
        with _locked(path.with_suffix(".lock"), observer):
            features = read(path, len(chosen))
            if features is not None:
                return Looked(features=features, cached=1.0)
            return self._fresh(chosen, backbone, path, observer)

    def _fresh(self, chosen: Chosen, backbone: Backbone, path: Path, observer: Observer) -> Looked:
        for stale in path.parent.glob(f"features-*~{path.stem}"):  # of a worker that was killed; the lock is ours
            remove_tree(stale)
        folder = Path(tempfile.mkdtemp(prefix="features-", suffix=f"~{path.stem}", dir=path.parent))
        try:
            with _after_others(chosen, path, observer) as digests:
                shares, missing = shares_of(digests, neighbours(path))
                if shares:
                    here = len(chosen) - len(missing)
                    observer.log(f"features of {backbone.name}: {here} images are of other packs\n")
                computed = self._computed(chosen.at(missing), backbone, folder, observer) if len(missing) else None
                whole = folder / "all.npy"
                with _usable(backbone, folder):
                    join(shares, computed, missing, whole)
                features: Features = np.load(whole, mmap_mode="r", allow_pickle=False)
                self._keep(whole, path, chosen, backbone, observer)
        finally:
            remove_tree(folder)  # what is mapped goes on being there for this run
        return Looked(features=features, cached=1 - len(missing) / max(1, len(chosen)))

    def _keep(self, whole: Path, path: Path, chosen: Chosen, backbone: Backbone, observer: Observer) -> None:
        of = {"pack": chosen.pack.name, "images": chosen.fingerprint, "backbone": backbone.name}
        of |= {"plugin": backbone.plugin, "version": backbone.version, "precision": "float32"}
        try:
            keep(
                whole,
                path,
                {**of, "settings": dict(backbone.settings), "weights": dict(backbone.weights)},
                room_bytes(FEATURES_GIB, USUAL_GIB),
            )
        except NotKept as why:
            observer.log(f"note: the features are not kept for other runs: {why}\n")

    def _computed(self, chosen: Chosen, backbone: Backbone, folder: Path, observer: Observer) -> Features:
        """float32 [n, D]. Raises RunFailure when they cannot be computed."""
        stage_images(chosen.pack, chosen.positions, folder / "in")
        device = "cuda" if self.gpu else "cpu"
        job = Job(
            kind="features",
            plugin=backbone.plugin,
            name=backbone.name,
            config=dict(backbone.settings),
            device=device,
            threads=cores(),
        )
        job.write(folder / "in")
        observer.log(f"computing features of {backbone.name} for {len(chosen)} images of {chosen.pack.name}, once\n")
        self._run(backbone, folder, observer)
        taken = folder / "taken.npy"
        with _usable(backbone, folder):
            _take(folder / "out", taken, len(chosen))
        computed: Features = np.load(taken, mmap_mode="r", allow_pickle=False)
        return computed

    def _run(self, backbone: Backbone, folder: Path, observer: Observer) -> None:
        """The operator installed the backbone and we chose its limits, so no author is to blame for how it ends.

        A network that an author's settings name may not be there: raises RunFailure as of any method then.
        """
        # All cores, whatever a run may use: every run that needs these features waits for them.
        execution = replace(of_runner(folder, LIMITS), gpu=self.gpu, environment={"OMP_NUM_THREADS": str(cores())})
        try:
            execute(self.sandbox, execution, observer)
        except RunFailure as failure:
            if failure.infrastructure or backbone.settings:
                raise
            said = f"backbone {backbone.name}: {failure.message} [{failure.code}]"
            raise RunFailure("platform.features", said, infrastructure=True) from failure


@contextmanager
def _after_others(chosen: Chosen, path: Path, observer: Observer) -> Iterator[Digests]:
    """Wait for whoever computes, of another pack, what this one needs; meanwhile later ones wait for this one.

    Who waits for whom is settled one after the other, so that nobody waits for somebody who came later: no two wait for
    one another.
    """
    with contextlib.ExitStack() as held:
        with _locked(path.parents[1] / f"{path.stem}.lock", observer):
            digests = _told(chosen, path.parent)
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


def _told(chosen: Chosen, folder: Path) -> Digests:
    """The digests of the images, in the cache from here on."""
    digests = digests_of(chosen)
    with tempfile.TemporaryDirectory(dir=folder) as draft:
        np.save(Path(draft) / IMAGES, digests, allow_pickle=False)
        os.replace(Path(draft) / IMAGES, folder / IMAGES)
    return digests


def _take(output: Path, taken: Path, count: int) -> None:
    """Copy the features and look at the copy: what lies in the output was written by code of others."""
    take_file(output, "features.npy", taken)
    computed = np.load(taken, mmap_mode="r", allow_pickle=False)
    if computed.shape[0] != count or not np.isfinite(computed).all():
        raise ValueError(f"an array of the shape {computed.shape}, for {count} images")


@contextmanager
def _usable(backbone: Backbone, folder: Path) -> Iterator[None]:
    """Features that cannot be read, or fit neither the images nor those of other packs, are nobody's to use."""
    try:
        yield
    except (NotThere, ValueError, TypeError, IndexError, OSError) as error:
        if is_of_full_disk(error, folder):
            raise full_disk() from error
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
