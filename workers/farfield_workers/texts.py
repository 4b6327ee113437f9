"""Text embeddings of frozen backbones: computed once for the same prompts, by the operator's own code, and kept.

They lie with the features and within their bound, so what is unused for longest goes first, whichever of the two it is:

    <cache>/features/texts.<prompts>/<word>-texts.npy    float32 [1 + P, D]: the logit scale, and the embeddings
"""

import hashlib
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from farfield.runtime.job import Job, write_json
from farfield_evaluators.locks import LOOK_SECONDS, locked
from farfield_workers.backbones import Backbone
from farfield_workers.execution import Observer, execute, of_runner
from farfield_workers.failures import RunFailure
from farfield_workers.feature_files import DRAFT, Features, NotKept, keep, read
from farfield_workers.feature_locks import staying
from farfield_workers.features import FEATURES_GIB, LIMITS, USUAL_GIB, FeatureCache
from farfield_workers.sandbox.runtime import threads
from farfield_workers.settings import room_bytes
from farfield_workers.trees import remove_tree
from farfield_workers.untrusted import NotThere, take_file

PROMPT_DIGITS = 32
PATIENCE_SECONDS = 30.0


class Busy(Exception):
    """Others compute, and who asked has waited for long enough: waiting counts among the minutes of the run."""


@dataclass(frozen=True, kw_only=True)
class TextCache:
    """The text embeddings on one machine, beside its features and computed in turn with them.

    patience: how many seconds a run waits for its turn.
    """

    features: FeatureCache
    patience: float = PATIENCE_SECONDS

    def look(self, prompts: Sequence[str], backbone: Backbone, observer: Observer) -> tuple[Features, bool]:
        """(float32 [1 + P, D], whether they were there before). Raises RunFailure when they cannot be computed, Busy
        when others compute for too long, and whatever the observer raises."""
        path, waiting = self.path_of(prompts, backbone), _waiting(observer, self.patience)
        with staying(path.parent), locked(path.with_suffix(".lock"), waiting):
            rows = read(path, 1 + len(prompts))
            if rows is not None:
                return rows, True
            return self._fresh(prompts, backbone, path, observer, waiting), False

    def path_of(self, prompts: Sequence[str], backbone: Backbone) -> Path:
        """By the SHA-256 of the prompts and their order, the network, its weights, and what computes them."""
        said = hashlib.sha256(json.dumps(list(prompts)).encode()).hexdigest()[:PROMPT_DIGITS]
        return self.features.home / f"texts.{said}" / f"{backbone.word}-texts{self.features.arithmetic}.npy"

    def _fresh(
        self, prompts: Sequence[str], backbone: Backbone, path: Path, observer: Observer, waiting: Callable[[], None]
    ) -> Features:
        folder = Path(tempfile.mkdtemp(prefix="texts-", suffix=f"{DRAFT}{path.stem}", dir=path.parent))
        try:
            while not self.features.turn.acquire(timeout=LOOK_SECONDS):
                waiting()
            try:
                self._compute(prompts, backbone, folder, observer)
            finally:
                self.features.turn.release()
            rows = _taken(folder, 1 + len(prompts))
            self._keep(folder / "taken.npy", path, backbone, len(prompts), observer)
            return rows
        finally:
            remove_tree(folder)  # what is mapped goes on being there for this run

    def _compute(self, prompts: Sequence[str], backbone: Backbone, folder: Path, observer: Observer) -> None:
        inputs, gpu = folder / "in", self.features.gpu
        inputs.mkdir()
        write_json(inputs / "prompts.json", {"prompts": list(prompts)})
        Job(
            kind="texts",
            plugin=backbone.plugin,
            name=backbone.name,
            config=dict(backbone.settings),
            device="cuda" if gpu else "cpu",
            threads=threads(),
        ).write(inputs)
        observer.log(f"computing text embeddings of {backbone.name} for {len(prompts)} prompts, once\n")
        execution = replace(of_runner(folder, LIMITS), gpu=gpu, precision=self.features.precision)
        execute(self.features.sandbox, execution, observer)

    def _keep(self, whole: Path, path: Path, backbone: Backbone, prompts: int, observer: Observer) -> None:
        of = {"prompts": prompts, "backbone": backbone.name, "plugin": backbone.plugin, "version": backbone.version}
        of |= {"settings": dict(backbone.settings), "weights": dict(backbone.weights)}
        of |= {"device": "cuda" if self.features.gpu else "cpu", "precision": self.features.precision.value}
        try:
            keep(whole, path, of, room_bytes(FEATURES_GIB, USUAL_GIB))
        except NotKept as why:
            observer.log(f"note: the text embeddings are not kept for other runs: {why}\n")


def _waiting(observer: Observer, seconds: float) -> Callable[[], None]:
    """What who waits calls now and then: it raises whatever the observer raises, and Busy after so many seconds."""
    end = time.monotonic() + seconds

    def waiting() -> None:
        observer.alive()
        if time.monotonic() > end:
            raise Busy(f"others compute on this machine, for longer than {seconds:g} s")

    return waiting


def _taken(folder: Path, count: int) -> Features:
    """What the backbone wrote, looked at in a copy. Raises RunFailure for what is no embeddings of so many rows."""
    try:
        take_file(folder / "out", "texts.npy", folder / "taken.npy")
        rows: Features = np.load(folder / "taken.npy", mmap_mode="r", allow_pickle=False)
        if rows.ndim != 2 or len(rows) != count or rows.dtype != np.float32 or not np.isfinite(rows).all():
            raise ValueError(f"an array of the shape {rows.shape} for {count} rows")
    except (NotThere, ValueError, TypeError, EOFError, OSError) as error:
        raise RunFailure("platform.features", f"unusable text embeddings: {error}", infrastructure=True) from error
    return rows
