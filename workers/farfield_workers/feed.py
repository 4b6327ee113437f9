"""Inputs on their way into a sandbox: given when the runner asks; test inputs in their order, a window at a time.

The runner is one process with hostile code, so nothing that it says is believed: requests have a fixed form and bounded
number, nothing is waited for without end, and nothing is opened that lies where it can write. What it had predicted
each time that it was given more is kept in a ledger, and held against the predictions afterwards.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from farfield.errors import JobError
from farfield.method import Images
from farfield.runtime.exchange import (
    ANSWER,
    LARGEST,
    MAGIC,
    NO_DIGEST,
    POSITION_BYTES,
    PREPARED,
    REQUEST,
    About,
    Kind,
    digest_of,
    unpacked,
)
from farfield_workers.failures import RunFailure
from farfield_workers.serving import Server

CODE = "plugin.test_inputs"
CHANGED = "predictions.changed"
BROKEN = "platform.test_inputs"
CHUNK_BYTES = 256 << 10
Ints = npt.NDArray[np.int64]
Array = npt.NDArray[Any]
Piece = bytes | memoryview


class Store(Protocol):
    """Inputs by position, as they travel: `count` encoded images, or rows of an array of this type and shape."""

    count: int
    dtype: str
    shape: tuple[int, ...]

    def sizes(self, positions: Ints) -> bytes:
        """What comes before them in an answer."""

    def total(self, positions: Ints) -> int:
        """Bytes of all of them."""

    def pieces(self, positions: Ints) -> Iterator[Piece]:
        """All of them end to end, in this order."""

    def close(self) -> None:
        """Nothing is given any more."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What one run may ask for.

    window: inputs before their predictions are there. most: inputs in all, however often each. whole: any input at any
    time, in any order, which a method that declares itself transductive is given. early: whether asking before training
    has ended is allowed, and noted. noun: what they are.
    """

    window: int
    most: int
    whole: bool = False
    early: bool = False
    noun: str = "test input"


NONE: Mapping[str, str] = {}
NO_ARRAYS: Mapping[str, Array] = {}


class Ledger:
    """How far a run had predicted each time that it asked for more."""

    def __init__(self, noun: str = "test input") -> None:
        self._noun = noun
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
                said = f"the predictions for {self._noun}s {start} to {stop - 1} are not those that were there"
                raise RunFailure(CHANGED, f"{said} when the next ones were asked for")
            start = stop


class Feed(Server):
    """Answers a run's requests for the inputs of a folder while it goes on: `with feed:`, and `check` now and then.

    Two pipes and `stream.json` are made in `folder`, which the run sees as its test/ or another. `begun` is called
    before anything is given: training is over then. `pixels` makes of a way of preparing images what gives them so.
    `seconds` is how long predicting took, from the first request to the last, once all inputs are predicted in order.
    """

    request_bytes, broken = REQUEST.size, BROKEN

    def __init__(
        self,
        folder: Path,
        store: Store,
        terms: Terms,
        begun: Callable[[], None] | None = None,
        pixels: Callable[[Images], Store] | None = None,
    ) -> None:
        about = About(count=store.count, window=terms.window, dtype=store.dtype, shape=store.shape)
        replace(about, pixels=pixels is not None).write(folder)
        self.noun = f"{terms.noun}s"
        super().__init__(folder)
        self.ledger = Ledger(terms.noun)
        self.was_early = False
        self._before = NO_DIGEST
        self._store, self._terms, self._begun, self._pixels = store, terms, begun, pixels
        self._given = self._sent = 0
        self._first_asked = 0.0
        self.seconds: float | None = None
        self._done = False

    def close(self) -> None:
        self._store.close()

    def settle(
        self,
        arrays: Mapping[str, Array],
        axis: int = 0,
        counts: Mapping[str, str] = NONE,
        before: Mapping[str, Array] = NO_ARRAYS,
    ) -> None:
        """Raises RunFailure unless these predictions [..., N, ...] are of all inputs, each made when it had to be.

        counts: as `Ledger.check` takes them. before: what had to be made before the first input was given.
        """
        self.check()
        if self._terms.whole or self.was_early:
            return
        if not self._done:
            count = self._store.count
            raise RunFailure(CODE, f"the run has ended after asking for {self._given} of {count} {self.noun}")
        if before and digest_of(before) != self._before:
            said = f"{', '.join(before)} are not what they were when the first {self._terms.noun} was asked for"
            raise RunFailure(CHANGED, said)
        self.ledger.check(arrays, axis, counts)

    def answer(self, request: bytes) -> None:
        magic, number, count, digest = REQUEST.unpack(request)
        window = min(self._terms.window, LARGEST)
        if magic != MAGIC or number not in list(Kind) or count > window:
            raise RunFailure(CODE, f"the run sent what is no request for at most {window} {self.noun}")
        if number == Kind.PIXELS:
            self._prepare(self.pipes.read(PREPARED.size))
            return
        if self._begun is not None:
            self._begun()
        self._answer(Kind(number), count, digest)

    def _prepare(self, said: bytes | None) -> None:
        """From now on they are pixels, which is settled once."""
        make, self._pixels = self._pixels, None
        if make is None:
            raise RunFailure(CODE, "the run asked for pixels where there are none to be had, or a second time")
        try:
            self._store = make(unpacked(said or b""))
        except JobError as error:
            raise RunFailure(CODE, f"the run asked for pixels: {error}") from error
        self.pipes.send(ANSWER.pack(MAGIC, 0, 0))

    def _answer(self, kind: Kind, count: int, digest: bytes) -> None:
        if kind in (Kind.NEXT, Kind.DONE):
            positions = self._next(kind, count, digest)
        else:
            positions = self._anywhere(kind, self.pipes.read(count * POSITION_BYTES))
        self._sent += len(positions)
        if self._sent > self._terms.most or (kind is not Kind.DONE and not len(positions)):
            raise RunFailure(CODE, f"the run asked for more than {self._terms.most} {self.noun} in all, or for none")
        self.pipes.send(ANSWER.pack(MAGIC, len(positions), self._store.total(positions)) + self._store.sizes(positions))
        for piece in _joined(self._store.pieces(positions)):
            if not self.pipes.send(piece):
                return

    def _next(self, kind: Kind, count: int, digest: bytes) -> Ints:
        start, stop = self._given, self._given + count
        if self._done or stop > self._store.count or (kind is Kind.DONE) != (start == self._store.count):
            raise RunFailure(CODE, f"the run asked for {self.noun} {start} to {stop} of {self._store.count}")
        if start:
            self.ledger.add(start, digest)
        else:
            self._first_asked, self._before = time.monotonic(), digest
        if kind is Kind.DONE:
            self.seconds = time.monotonic() - self._first_asked
        self._given, self._done = stop, kind is Kind.DONE
        return np.arange(start, stop)

    def _anywhere(self, kind: Kind, sent: bytes | None) -> Ints:
        early = kind is Kind.EARLY
        if not (self._done or self._terms.whole or (early and self._terms.early)):
            raise RunFailure(CODE, f"the run asked for {self.noun} out of their order before all were predicted")
        self.was_early |= early
        positions = np.frombuffer(sent or b"", np.int64)
        if len(positions) and not (positions.min() >= 0 and positions.max() < self._store.count):
            raise RunFailure(CODE, f"the run asked for a {self._terms.noun} beyond the {self._store.count} there are")
        return positions


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Small pieces together, so that a small input is not a system call of its own."""
    waiting: list[Piece] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= CHUNK_BYTES:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)
