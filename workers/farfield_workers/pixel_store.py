"""Images on their way into a sandbox as pixels: decoded outside, ahead of what the run asks for, and once for all runs.

What a method is given is what its own process would have decoded, to the byte.
"""

import hashlib
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import PIL
from PIL import features

from farfield.choices import BY_SETTINGS
from farfield.errors import JobError
from farfield.method import Images
from farfield.runtime.exchange import packed, unpacked
from farfield.runtime.images import as_prepared, preprocess
from farfield_workers.feed import Ints, Piece
from farfield_workers.pixel_index import KEY_BYTES
from farfield_workers.pixel_shelf import PixelShelf
from farfield_workers.settings import room_bytes
from farfield_workers.stores import EncodedStore

PIXELS_GIB, USUAL_GIB = "FARFIELD_PIXELS_GIB", 20.0
AHEAD_BYTES = 64 << 20  # of pixels that wait to be asked for or to be taken


class Decoder:
    """Gives the images of one run as pixels: `store` for a folder of them; `close` when the run has ended.

    home: where they are kept, at most `most_bytes` of them. description: of the method, which is given images as that
    declares them, or of any size where it says that its settings choose. trusted: whether the operator installed it;
    what the settings of any other choose removes nothing of what is kept. `notes` are for whoever reads the log of the
    run. Safe in any number of threads.
    """

    def __init__(
        self, home: Path, most_bytes: int, threads: int, description: Mapping[str, Any], *, trusted: bool
    ) -> None:
        self.notes: list[str] = []
        self._home, self._most = home, most_bytes
        self._declared, self._chooses = _images_of(description), bool(description.get(BY_SETTINGS))
        self._trusted, self._lock = trusted, threading.Lock()
        self._pool = ThreadPoolExecutor(threads, "decoder")
        self._stores: list[PixelStore] = []
        self._shelves: dict[int, PixelShelf] = {}

    def store(self, encoded: EncodedStore, how: Images, *, ahead: bool) -> "PixelStore":
        """The images of `encoded`, prepared so. ahead: the next ones in order are decoded before they are asked for.

        Raises JobError for images that the method does not take.
        """
        if how != self._declared and not self._chooses:
            raise JobError(f"prepared as {how}, and its method declares {self._declared or 'none of one size'}")
        with self._lock:
            store = PixelStore(encoded, how, self._shelf(how), self._pool, ahead=ahead)
            self._stores.append(store)
        return store

    def _shelf(self, how: Images) -> PixelShelf:
        if how.size not in self._shelves:
            evicts = self._trusted or how == self._declared
            self._shelves[how.size] = PixelShelf(self._home, how.size, self._most, self.notes.append, evicts=evicts)
        return self._shelves[how.size]

    @property
    def cached(self) -> float | None:
        """Which share of the images that the run took had been decoded before; None where it took none."""
        return share_of([self])

    @property
    def counts(self) -> tuple[int, int]:
        """How many images had been decoded before they were taken, and how many were taken."""
        return sum(store.there for store in self._stores), sum(store.taken for store in self._stores)

    def close(self) -> None:
        """What was decoded is there for other runs."""
        self._pool.shutdown(cancel_futures=True)
        for shelf in self._shelves.values():
            shelf.close()


def share_of(decoders: Iterable[Decoder]) -> float | None:
    """Which share of the images that were taken of any of them had been decoded before; None where none were taken."""
    counts = [decoder.counts for decoder in decoders]
    taken = sum(count for _, count in counts)
    return sum(there for there, _ in counts) / taken if taken else None


class PixelStore:
    """The images of a folder by position, as pixels uint8 [size, size, 3]."""

    dtype = "|u1"

    def __init__(
        self, encoded: EncodedStore, how: Images, shelf: PixelShelf, pool: ThreadPoolExecutor, *, ahead: bool
    ) -> None:
        self.count = encoded.count
        self.shape: tuple[int, ...] = (how.size, how.size, 3)
        self._encoded, self._how, self._shelf, self._pool = encoded, how, shelf, pool
        self._size = 3 * how.size**2
        self._most = max(1, AHEAD_BYTES // self._size)
        self._is_ahead = ahead
        self._ahead: dict[int, Future[Piece]] = {}
        self._coming: deque[Future[Piece]] = deque()
        self._states = np.zeros(self.count, np.int8)

    @property
    def there(self) -> int:
        """How many images had been decoded before the run took them."""
        return int((self._states == _THERE).sum())

    @property
    def taken(self) -> int:
        """How many different images the run took."""
        return int((self._states != _UNSEEN).sum())

    def sizes(self, positions: Ints) -> bytes:
        return b""

    def total(self, positions: Ints) -> int:
        return self._size * len(positions)

    def pieces(self, positions: Ints) -> Iterator[Piece]:
        """Raises JobError for an image that cannot be decoded."""
        rest = iter(positions.tolist())
        self._coming.extend(map(self._begun, islice(rest, self._most)))
        while self._coming:
            piece = self._coming.popleft().result()
            self._coming.extend(map(self._begun, islice(rest, 1)))
            yield piece
        if self._is_ahead:
            self._ahead = {position: self._begun(position) for position in self._following(positions)}

    def close(self) -> None:
        """What nobody takes any more is not decoded, and the file is closed when nobody reads it."""
        left = [*self._coming, *self._ahead.values()]
        wait([future for future in left if not future.cancel()])
        self._encoded.close()

    def _begun(self, position: int) -> Future[Piece]:
        return self._ahead.pop(position, None) or self._pool.submit(self._pixels, position)

    def _following(self, positions: Ints) -> range:
        """As many as were asked for, where those were in order."""
        count, after = len(positions), int(positions[-1]) + 1 if len(positions) else self.count
        in_order = np.array_equal(positions, np.arange(after - count, after))
        return range(after, min(self.count, after + min(count, self._most)) if in_order else after)

    def _pixels(self, position: int) -> Piece:
        encoded, side = self._encoded.item(position)
        how = as_prepared(self._how, side)
        key = key_of(encoded, how)
        kept = self._shelf.get(key)
        if self._states[position] == _UNSEEN:
            self._states[position] = _DECODED if kept is None else _THERE
        if kept is not None:
            return kept
        try:
            pixels = preprocess(encoded, how).data.cast("B")
        except JobError as error:
            raise JobError(f"image {position}: {error}") from error
        self._shelf.put(key, pixels)
        return pixels


_UNSEEN, _DECODED, _THERE = range(3)


def key_of(encoded: bytes, how: Images) -> bytes:
    """What stands for the pixels of this image, prepared so, by these versions of the decoders."""
    digest = hashlib.blake2b(f"{how} {_decoders()}\n".encode(), digest_size=KEY_BYTES)
    digest.update(encoded)
    return digest.digest()


@cache
def _decoders() -> str:
    libraries = (features.version(name) for name in ("jpg", "libjpeg_turbo", "webp", "zlib"))
    return " ".join(map(str, (PIL.__version__, *libraries)))


def _images_of(description: Mapping[str, Any]) -> Images | None:
    """As a method declares them, in the form in which a run asks for them; None where it declares none of one size."""
    inputs = {name: value for name, value in description["inputs"].items() if name != "kind"}
    if description["inputs"]["kind"] != "images" or inputs["crop"] == "none":
        return None
    return unpacked(packed(Images(**inputs)))


def decoder_of(var: Path, threads: int, description: Mapping[str, Any], *, trusted: bool) -> Decoder:
    """What decodes for one run of this method, and keeps that below the data folder `var`. Raises SettingsError."""
    return Decoder(var / "cache" / "pixels", room_bytes(PIXELS_GIB, USUAL_GIB), threads, description, trusted=trusted)
