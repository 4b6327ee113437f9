"""A method as it was at its checkpoints, so that it can predict when training has ended.

Each state is the method pickled into a file of the run's own output folder, which nobody outside ever reads. What
predicting does not need stays behind: the context and its configuration, which are the same, and optimizers, which hold
more than the network.
"""

import contextlib
import pickle
import random
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

CONTEXT, CONFIG, OPTIMIZER = "context", "config", "optimizer"
GIB = 1 << 30


class NotSaved(Exception):
    """A method whose states cannot be kept; the message says why."""


class SavedStates:
    """The states of one method, in the order in which they were added, of which `planned` take at most `room` bytes.

    `whole` keeps optimizers too: a method that adapts while it predicts may need them.
    """

    def __init__(self, folder: Path, context: object, planned: int, room: int, *, whole: bool = False) -> None:
        self._folder, self._context, self._planned, self._whole = folder, context, planned, whole
        self._left = room
        self._count = 0
        self._classes: list[type] = []
        folder.mkdir(parents=True, exist_ok=True)

    def __len__(self) -> int:
        return self._count

    def add(self, method: object) -> None:
        """Keep the method as it is now. Raises NotSaved, and then none is kept beside those before."""
        path = self._folder / f"{self._count:04}.state"
        try:
            with path.open("wb") as file:
                _Pickler(_Bounded(file, self._left), self._context, self._classes, whole=self._whole).dump(method)
        except NotSaved:
            raise
        # A method is anybody's object: what it holds may refuse in any way, and a full disk is a reason as well.
        except Exception as error:
            raise NotSaved(f"its state cannot be kept: {type(error).__name__}: {error}") from error
        self._account(path.stat().st_size)

    def load(self, number: int) -> Any:
        """The method at the checkpoint of this number, made anew. Raises NotSaved."""
        try:
            with (self._folder / f"{number:04}.state").open("rb") as file:
                return _Unpickler(file, self._context, self._classes).load()
        except Exception as error:
            raise NotSaved(f"its state cannot be restored: {type(error).__name__}: {error}") from error

    def try_out(self, inputs: Any) -> None:
        """Whether a method that was restored predicts; as if it had not been asked. Raises NotSaved."""
        restored = self.load(self._count - 1)
        try:
            with _generators_as_they_were():
                restored.predict(inputs)
        except Exception as error:
            raise NotSaved(f"restored, it does not predict: {type(error).__name__}: {error}") from error

    def remove(self) -> None:
        """All of them."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _account(self, size: int) -> None:
        self._left -= size
        self._count += 1
        if size * (self._planned - self._count) > self._left:
            whole, room = size * self._planned / GIB, (self._left + size * self._count) / GIB
            raise NotSaved(
                f"its states at {self._planned} checkpoints take {whole:.3g} GiB, and there is room for {room:.3g}"
            )


class _Pickler(pickle.Pickler):
    """Classes that are made while a program runs have no place to be imported from, and are kept by their number."""

    def __init__(self, file: Any, context: object, classes: list[type], *, whole: bool) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        torch: Any = sys.modules.get("torch")
        self._context, self._config, self._classes = context, getattr(context, "config", None), classes
        self._left_out = () if whole or torch is None else torch.optim.Optimizer

    def persistent_id(self, obj: Any) -> str | int | None:
        if obj is self._context:
            return CONTEXT
        if obj is self._config and obj is not None:
            return CONFIG
        if isinstance(obj, type) and not _is_importable(obj):
            if obj not in self._classes:
                self._classes.append(obj)
            return self._classes.index(obj)
        return OPTIMIZER if isinstance(obj, self._left_out) else None


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: BinaryIO, context: object, classes: list[type]) -> None:
        super().__init__(file)
        self._context, self._classes = context, classes

    def persistent_load(self, pid: Any) -> Any:
        if isinstance(pid, int):
            return self._classes[pid]
        return {CONTEXT: self._context, CONFIG: getattr(self._context, "config", None)}.get(pid)


def _is_importable(kind: type) -> bool:
    found: Any = sys.modules.get(kind.__module__)
    for name in kind.__qualname__.split("."):
        found = getattr(found, name, None)
    return found is kind


class _Bounded:
    """A file that takes so many bytes."""

    def __init__(self, file: BinaryIO, most: int) -> None:
        self._file, self._left = file, most

    def write(self, data: Any) -> int:
        size = memoryview(data).nbytes
        self._left -= size
        if self._left < 0:
            raise NotSaved("its states take more room than there is")
        self._file.write(data)
        return size


@contextlib.contextmanager
def _generators_as_they_were() -> Iterator[None]:
    """What is drawn in between from the usual generators is drawn again afterwards."""
    torch: Any = sys.modules.get("torch")
    python, numbers = random.getstate(), np.random.get_state()
    tensors = None if torch is None else torch.get_rng_state()
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numbers)
        if torch is not None:
            torch.set_rng_state(tensors)
