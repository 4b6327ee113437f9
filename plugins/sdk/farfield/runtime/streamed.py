"""The runner's side of inputs that are given when they are asked for: a source like any other, once training has ended.

Test inputs come in their order, as they are predicted; training images are there as a whole.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from farfield.errors import JobError
from farfield.method import Images
from farfield.method import Inputs as Declared
from farfield.protocols import Inputs, Ints
from farfield.runtime.exchange import ANSWER, MAGIC, NO_DIGEST, REQUEST, About, Array, Kind, digest_of, packed
from farfield.runtime.images import as_prepared, preprocess
from farfield.runtime.pipes import GIVE, Pipes

if TYPE_CHECKING:
    from farfield.runtime.dataset import Source

PIXELS = np.dtype(np.uint8)


class StreamedSource:
    """N inputs, given in their order first; once `finish` has been called, at any position.

    Whoever predicts says so by `predicted`, rows in the same order: what was not predicted bounds what is given.
    With `whole` they are given at any position from the beginning, and `early` says that training goes on. Several
    threads may read.
    """

    def __init__(self, folder: Path, declared: Declared, threads: int, *, whole: bool = False, early: bool = False):
        self._about = About.read(folder)
        self._declared = declared
        self._any = Kind.EARLY if early else Kind.AGAIN
        self._free = whole or early
        self._given = 0
        self._rows: list[Mapping[str, Array]] = []
        self._before = NO_DIGEST
        self._pool = ThreadPoolExecutor(threads)
        self._pipes, self._lock = Pipes(folder), threading.Lock()
        self._dtype, self._shape = self._about.dtype, self._about.shape
        if self._about.pixels and isinstance(declared, Images) and declared.crop != "none":
            self._dtype, self._shape = PIXELS.str, (declared.size, declared.size, 3)
            self._request(Kind.PIXELS, 0, packed(declared))
            self._answer(0)

    def __len__(self) -> int:
        return self._about.count

    @property
    def largest_batch(self) -> int | None:
        """1 when images keep their own sizes and so cannot be stacked; None when there is no limit."""
        return 1 if isinstance(self._declared, Images) and self._declared.crop == "none" else None

    @property
    def window(self) -> int:
        """How many inputs are given before their predictions are there."""
        return self._about.window

    def read(self, indices: Ints) -> Inputs:
        """The inputs at these positions, waited for. Raises JobError for an answer that is none, a broken image,
        or in a forked process."""
        read = [batch for part in _parts(indices, self.window) for batch in self.batches(part, self.window)]
        return read[0] if len(read) == 1 else np.concatenate(read)

    def batches(self, indices: Ints, size: int) -> Iterator[Inputs]:
        """Those at these positions, at most `window`, in batches: asked for at once, decoded one after the other."""
        positions = np.ascontiguousarray(indices, np.int64)
        self._pipes.require_own_process()  # before a lock that another thread may have held when it was forked
        with self._lock:
            answer = self._asked(positions)
        if self._dtype:
            rows = np.frombuffer(answer, self._dtype).reshape(len(positions), *self._shape)
            yield from (rows[start : start + size] for start in range(0, len(rows), size))
            return
        items = list(_images(answer, len(positions)))
        for part in _parts(np.arange(len(positions)), size):
            yield self._decoded(positions[part], [items[number] for number in part])

    def made(self, arrays: Mapping[str, Array]) -> None:
        """All outputs that are made before any input is given: the first request says which they are."""
        self._before = digest_of(arrays)

    def predicted(self, rows: Mapping[str, Array]) -> None:
        """All outputs of the next inputs in order, each with its rows, as they are stored."""
        if not self._free:
            self._rows.append(rows)

    def finish(self) -> None:
        """All inputs are predicted; from now on they are given again, at any position."""
        if not self._free:
            self._request(Kind.DONE, 0)
            self._answer(0)
            self._free = True

    def _asked(self, positions: Ints) -> memoryview:
        count, after = len(positions), self._given + len(positions)
        if self._free:
            self._request(self._any, count, positions.tobytes())
        elif np.array_equal(positions, np.arange(self._given, after)):
            self._request(Kind.NEXT, count)
            self._given = after
        else:
            raise JobError(f"test input {positions[0]} was asked for; they come in their order, next is {self._given}")
        return self._answer(count)

    def _request(self, kind: Kind, count: int, positions: bytes = b"") -> None:
        rows, self._rows = self._rows, []
        names = rows[0] if rows else {}
        joined = {name: np.concatenate([part[name] for part in rows]) for name in names}
        said, self._before = digest_of(joined) if joined else self._before, NO_DIGEST
        self._pipes.say(REQUEST.pack(MAGIC, kind, count, said) + positions)

    def _answer(self, count: int) -> memoryview:
        magic, given, size = ANSWER.unpack(self._pipes.hear(ANSWER.size))
        if magic != MAGIC or given != count:
            raise JobError(f"{given} inputs were given for {count}; {GIVE} holds something else than answers")
        return self._pipes.hear(size)

    def _decoded(self, positions: Ints, items: Sequence[tuple[memoryview, int]]) -> Inputs:
        return np.stack(list(self._pool.map(self._one, positions, *zip(*items, strict=True))))

    def _one(self, position: int, encoded: memoryview, side: int) -> Any:
        assert isinstance(self._declared, Images)  # noqa: S101
        try:
            return preprocess(bytes(encoded), as_prepared(self._declared, side))
        except JobError as error:
            raise JobError(f"image {position}: {error}") from error


def _images(answer: memoryview, count: int) -> Iterator[tuple[memoryview, int]]:
    """Each encoded image, and the side to which it is prepared."""
    table = np.frombuffer(answer, np.int64, 2 * count).reshape(count, 2)
    at = table.nbytes
    for length, side in table.tolist():
        yield answer[at : at + length], side
        at += length


def _parts(positions: Ints, size: int) -> Iterator[Ints]:
    for start in range(0, len(positions), size):
        yield positions[start : start + size]


def noted(source: "Source", batches: Iterable[Mapping[str, Array]]) -> Iterator[Mapping[str, Array]]:
    """The predictions of a source's inputs in order, as they pass by: of inputs that are given they open the next."""
    for rows in batches:
        if isinstance(source, StreamedSource):
            source.predicted(rows)
        yield rows


def begin(source: "Source", arrays: Mapping[str, Array]) -> None:
    """These outputs are made, and now the inputs of a source may be given."""
    if isinstance(source, StreamedSource):
        source.made(arrays)


def finish(source: "Source") -> None:
    """All inputs of a source are predicted, and may be read again at any position."""
    if isinstance(source, StreamedSource):
        source.finish()
