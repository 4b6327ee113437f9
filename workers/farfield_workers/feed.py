"""Test inputs on their way into a sandbox: given when the runner asks for them, in their order, a window at a time.

The runner is one process with hostile code, so nothing that it says is believed: requests have a fixed form and bounded
number, nothing is waited for without end, and nothing is opened that lies where it can write. What it had predicted
each time that it was given more is kept in a ledger, and held against the predictions afterwards.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from farfield.runtime.exchange import (
    ANSWER,
    LARGEST,
    MAGIC,
    NO_DIGEST,
    POSITION_BYTES,
    REQUEST,
    About,
    Kind,
    digest_of,
)
from farfield_workers.failures import RunFailure
from farfield_workers.serving import Server

CODE = "plugin.test_inputs"
CHANGED = "predictions.changed"
BROKEN = "platform.test_inputs"
CHUNK_BYTES = 256 << 10
Ints = npt.NDArray[np.int64]
Array = npt.NDArray[Any]


class Store(Protocol):
    """Inputs by position, as they travel: `count` encoded images, or rows of an array of this type and shape."""

    count: int
    dtype: str
    shape: tuple[int, ...]

    def sizes(self, positions: Ints) -> bytes:
        """What comes before them in an answer."""

    def total(self, positions: Ints) -> int:
        """Bytes of all of them."""

    def pieces(self, positions: Ints) -> Iterator[bytes]:
        """All of them end to end, in this order."""

    def close(self) -> None:
        """Nothing is given any more."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What one run may ask for.

    window: inputs before their predictions are there. most: inputs in all, however often each. whole: any input at any
    time, in any order, which a method that declares itself transductive is given. early: whether asking before training
    has ended is allowed, and noted.
    """

    window: int
    most: int
    whole: bool = False
    early: bool = False


NONE: Mapping[str, str] = {}


class Ledger:
    """How far a run had predicted each time that it asked for more."""

    def __init__(self) -> None:
        self._stops: list[int] = []
        self._digests = bytearray()

    def add(self, stop: int, digest: bytes) -> None:
        self._stops.append(stop)
        self._digests += digest

    def check(self, arrays: Mapping[str, Array], axis: int = 0, counts: Mapping[str, str] = NONE) -> None:
        """Raises RunFailure where the predictions [..., N, ...] are not those that were there at that time.

        counts: of arrays with any number of rows an input, by name, the name of the array [N] that says how many.
        """
        ends = {
            name: np.concatenate([[0], np.cumsum(arrays[counted], dtype=np.int64)]) for name, counted in counts.items()
        }
        start = 0
        for number, stop in enumerate(self._stops):
            rows = {
                name: array[ends[name][start] : ends[name][stop]]
                if name in ends
                else np.moveaxis(array, axis, 0)[start:stop]
                for name, array in arrays.items()
            }
            if digest_of(rows) != self._digests[number * len(NO_DIGEST) :][: len(NO_DIGEST)]:
                said = f"the predictions for test inputs {start} to {stop - 1} are not those that were there"
                raise RunFailure(CHANGED, f"{said} when the next ones were asked for")
            start = stop


class Feed(Server):
    """Answers the requests of one run for test inputs while it goes on: `with feed:`, and `check` now and then.

    Two pipes and `stream.json` are made in `folder`, which the run sees as its test/. `begun` is called before anything
    is given: training is over then.
    """

    request_bytes, broken, noun = REQUEST.size, BROKEN, "test inputs"

    def __init__(self, folder: Path, store: Store, terms: Terms, begun: Callable[[], None] | None = None) -> None:
        About(count=store.count, window=terms.window, dtype=store.dtype, shape=store.shape).write(folder)
        super().__init__(folder)
        self.ledger = Ledger()
        self.was_early = False
        self._store, self._terms, self._begun = store, terms, begun
        self._given = self._sent = 0
        self._done = False

    def close(self) -> None:
        self._store.close()

    def settle(self, arrays: Mapping[str, Array], axis: int = 0, counts: Mapping[str, str] = NONE) -> None:
        """Raises RunFailure unless these predictions [..., N, ...] are of all inputs, each made when it had to be.

        counts: as `Ledger.check` takes them.
        """
        self.check()
        if self._terms.whole or self.was_early:
            return
        if not self._done:
            count = self._store.count
            raise RunFailure(CODE, f"the run has ended after asking for {self._given} of {count} test inputs")
        self.ledger.check(arrays, axis, counts)

    def answer(self, request: bytes) -> None:
        if self._begun is not None:
            self._begun()
        self._answer(*REQUEST.unpack(request))

    def _answer(self, magic: bytes, number: int, count: int, digest: bytes) -> None:
        window = min(self._terms.window, LARGEST)
        if magic != MAGIC or number not in list(Kind) or count > window:
            raise RunFailure(CODE, f"the run sent what is no request for at most {window} test inputs")
        kind = Kind(number)
        if kind in (Kind.NEXT, Kind.DONE):
            positions = self._next(kind, count, digest)
        else:
            positions = self._anywhere(kind, self.pipes.read(count * POSITION_BYTES))
        self._sent += len(positions)
        if self._sent > self._terms.most or (kind is not Kind.DONE and not len(positions)):
            raise RunFailure(CODE, f"the run asked for more than {self._terms.most} test inputs in all, or for none")
        self.pipes.send(ANSWER.pack(MAGIC, len(positions), self._store.total(positions)) + self._store.sizes(positions))
        for piece in _joined(self._store.pieces(positions)):
            self.pipes.send(piece)

    def _next(self, kind: Kind, count: int, digest: bytes) -> Ints:
        start, stop = self._given, self._given + count
        if self._done or stop > self._store.count or (kind is Kind.DONE) != (start == self._store.count):
            raise RunFailure(CODE, f"the run asked for test inputs {start} to {stop} of {self._store.count}")
        if start:
            self.ledger.add(start, digest)
        self._given, self._done = stop, kind is Kind.DONE
        return np.arange(start, stop)

    def _anywhere(self, kind: Kind, sent: bytes | None) -> Ints:
        early = kind is Kind.EARLY
        if not (self._done or self._terms.whole or (early and self._terms.early)):
            raise RunFailure(CODE, "the run asked for test inputs out of their order before all were predicted")
        self.was_early |= early
        positions = np.frombuffer(sent or b"", np.int64)
        if len(positions) and not (positions.min() >= 0 and positions.max() < self._store.count):
            raise RunFailure(CODE, f"the run asked for a test input beyond the {self._store.count} there are")
        return positions


def _joined(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Small pieces together, so that a small input is not a system call of its own."""
    waiting: list[bytes] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= CHUNK_BYTES:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)
