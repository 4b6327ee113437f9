"""Features of frozen backbones: computed once for an image, by code that the operator installed, and kept.

No code that somebody submitted is there when they are computed, and what a run writes never comes here.
"""

import contextlib
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from farfield.precision import Precision
from farfield.runtime.job import Job
from farfield_evaluators.locks import LOOK_SECONDS, is_held, locked
from farfield_evaluators.staging import stage_images
from farfield_workers.backbones import Backbone
from farfield_workers.execution import Observer, execute, of_runner
from farfield_workers.failures import RunFailure, full_disk
from farfield_workers.feature_files import DRAFT, IMAGES, Features, NotKept, keep, read
from farfield_workers.feature_locks import staying
from farfield_workers.sandbox.base import GIB, Limits, Sandbox
from farfield_workers.sandbox.disk import is_of_full_disk
from farfield_workers.sandbox.runtime import threads
from farfield_workers.settings import room_bytes
from farfield_workers.shared_features import (
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

LIMITS = Limits(memory_bytes=8 * GIB, seconds=6 * 3600, output_bytes=64 * GIB)
FEATURES_GIB, USUAL_GIB = "FARFIELD_FEATURES_GIB", 20.0


@dataclass(frozen=True, kw_only=True)
class Looked:
    """Features float32 [n, D] of images, in their order, and which share of them was there before."""

    features: Features
    cached: float


@dataclass(frozen=True, kw_only=True)
class FeatureCache:
    """The features on one machine: where they lie, and where those that are not there are computed.

    precision: in which numbers networks compute; features are kept as float32 in any case.
    turn: whoever shares it computes one after the other, as the runs that go side by side within one memory do.
    """

    home: Path
    sandbox: Sandbox
    gpu: str | None = None
    turn: threading.Lock = field(default_factory=threading.Lock)
    precision: Precision = Precision.FLOAT32

    def look(self, chosen: Chosen, backbone: Backbone, observer: Observer) -> Looked:
        """Raises RunFailure when they cannot be computed, and whatever the observer raises."""
        path = self.path_of(chosen, backbone)
        with staying(path.parent), locked(path.with_suffix(".lock"), observer.alive):
            features = read(path, len(chosen))
            if features is not None:
                return Looked(features=features, cached=1.0)
            return self._fresh(chosen, backbone, path, observer)

    def path_of(self, chosen: Chosen, backbone: Backbone) -> Path:
        """Where they lie. What a GPU computes differs in its last digits from a processor's, so each has its own."""
        return self.home / chosen.fingerprint / f"{backbone.word}{self.arithmetic}.npy"

    @property
    def arithmetic(self) -> str:
        """What tells apart in a name what is computed otherwise than by a processor in float32."""
        usual = self.gpu is None and self.precision is Precision.FLOAT32
        return "" if usual else f"-{'cuda' if self.gpu else 'cpu'}-{self.precision}"

    def _fresh(self, chosen: Chosen, backbone: Backbone, path: Path, observer: Observer) -> Looked:
        for stale in path.parent.glob(f"*{DRAFT}{path.stem}"):  # of a worker that was killed; the lock is ours
            remove_tree(stale)
        folder = Path(tempfile.mkdtemp(prefix="features-", suffix=f"{DRAFT}{path.stem}", dir=path.parent))
        try:
            with _after_others(chosen, path, observer) as digests:
                shares, missing = shares_of(digests, neighbours(path))
                if shares:
                    here = len(chosen) - len(missing)
                    observer.log(f"features of {backbone.name}: {here} images are of other packs\n")
                computed = self._in_turn(chosen.at(missing), backbone, folder, observer) if len(missing) else None
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
        of |= {"plugin": backbone.plugin, "version": backbone.version, "precision": self.precision.value}
        of |= {"device": "cuda" if self.gpu else "cpu"}
        try:
            keep(
                whole,
                path,
                {**of, "settings": dict(backbone.settings), "weights": dict(backbone.weights)},
                room_bytes(FEATURES_GIB, USUAL_GIB),
            )
        except NotKept as why:
            observer.log(f"note: the features are not kept for other runs: {why}\n")

    def _in_turn(self, chosen: Chosen, backbone: Backbone, folder: Path, observer: Observer) -> Features:
        while not self.turn.acquire(timeout=LOOK_SECONDS):
            observer.alive()
        try:
            return self._computed(chosen, backbone, folder, observer)
        finally:
            self.turn.release()

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
            threads=threads(),
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
        execution = replace(of_runner(folder, LIMITS), gpu=self.gpu, precision=self.precision)
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
        with locked(path.parents[1] / f"{path.stem}.lock", observer.alive):
            digests = _told(chosen, path)
            ahead = [
                other
                for other in neighbours(path)
                if other.share(digests) >= WORTH_WAITING and is_held(other.computing)
            ]
            held.enter_context(locked(path.with_suffix(".computing"), observer.alive))
        for other in ahead:
            # Its folder may be gone, when it had no features to keep.
            with contextlib.suppress(FileNotFoundError), locked(other.computing, observer.alive):
                pass
        yield digests


def _told(chosen: Chosen, path: Path) -> Digests:
    """The digests of the images, in the cache from here on."""
    digests = digests_of(chosen)
    with tempfile.TemporaryDirectory(prefix="digests-", suffix=f"{DRAFT}{path.stem}", dir=path.parent) as draft:
        np.save(Path(draft) / IMAGES, digests, allow_pickle=False)
        os.replace(Path(draft) / IMAGES, path.parent / IMAGES)
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
