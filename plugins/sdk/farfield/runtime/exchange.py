"""Test inputs that are given while a method predicts: the messages between the runner and what watches over it.

Two named pipes lie in the job's test/. Into `ask` the runner writes requests of a fixed form; `give` holds the answers.
`stream.json` says how many inputs there are and of which kind. A request for the next inputs carries the digest of all
predictions for those before, so that none can be changed by what is seen later.

Training images come by two pipes of their own, at any position. Where `stream.json` says so, a runner may ask once for
images as pixels, prepared as its method declares: what watches over it decodes then, and keeps them for other runs.
"""

import hashlib
import struct
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from farfield.errors import JobError
from farfield.method import Images
from farfield.runtime.job import write_json
from farfield.runtime.pipes import read_about

FORMAT = 1
ABOUT = "stream.json"
MAGIC = b"FFT1"
REQUEST = struct.Struct("<4sB3xI32s")  # magic, kind, count, digest of the predictions since the request before
ANSWER = struct.Struct("<4sIQ")  # magic, count, bytes that follow
POSITION_BYTES = 8
NO_DIGEST = bytes(32)
PREPARED = struct.Struct("<IIBB")  # size, resize (0: none), and the numbers of interpolation and crop
INTERPOLATIONS: Final = ("bicubic", "bilinear", "nearest")
CROPS: Final = ("center", "squash")
LARGEST = 1 << 20  # inputs in one answer, whatever the window
Array = npt.NDArray[Any]


class Kind(IntEnum):
    """What a request is for.

    NEXT: the next `count` inputs in staged order. DONE: nothing more; the predictions of all inputs are there.
    AGAIN: inputs at positions [count] that follow, of a set that has been predicted, or that is given as a whole.
    EARLY: the same before training has ended, which is noted.
    PIXELS: from now on images are rows of pixels, prepared as PREPARED says, which follows.
    """

    NEXT = 1
    DONE = 2
    AGAIN = 3
    EARLY = 4
    PIXELS = 5


@dataclass(frozen=True, kw_only=True)
class About:
    """The inputs that can be asked for: `count` encoded images, or the rows of an array of this type and shape.

    At most `window` of them are given before their predictions are there. `pixels` says that images are decoded for
    who asks.
    """

    count: int
    window: int
    dtype: str = ""
    shape: tuple[int, ...] = ()
    pixels: bool = False
    format: int = FORMAT

    @property
    def encoded(self) -> bool:
        """Whether they are encoded images, each with the side to which it is prepared (0 = not)."""
        return not self.dtype

    def write(self, folder: Path) -> None:
        """Without `pixels` where they are none: an image may hold an older runner."""
        values = asdict(self)
        write_json(folder / ABOUT, values if self.pixels else {k: v for k, v in values.items() if k != "pixels"})

    @classmethod
    def read(cls, folder: Path) -> "About":
        """Raises JobError for a file of another format."""
        values = read_about(folder / ABOUT, "inputs", FORMAT)
        try:
            return cls(**{**values, "shape": tuple(values["shape"])})
        except (KeyError, TypeError) as error:
            raise JobError(f"{ABOUT} has missing or unknown entries: {error}") from error


def packed(how: Images) -> bytes:
    """A way of preparing images to one size, as a request says it."""
    assert how.crop != "none"  # noqa: S101 - such images have no one size
    return PREPARED.pack(how.size, how.resize or 0, INTERPOLATIONS.index(how.interpolation), CROPS.index(how.crop))


def unpacked(said: bytes) -> Images:
    """The way that a request says. Raises JobError for what is none."""
    try:
        size, resize, interpolation, crop = PREPARED.unpack(said)
        how = Images(size=size, resize=resize or None, interpolation=INTERPOLATIONS[interpolation], crop=CROPS[crop])
    except (struct.error, IndexError) as error:
        raise JobError("that is no way of preparing images") from error
    if problems := how.problems():
        raise JobError("; ".join(problems))
    return how


def digest_of(rows: Mapping[str, Array]) -> bytes:
    """32 bytes that stand for the rows of all outputs of some inputs, of the types in which they are stored."""
    found = hashlib.blake2b(digest_size=len(NO_DIGEST))
    for name in sorted(rows):
        found.update(name.encode())
        found.update(np.ascontiguousarray(rows[name]).tobytes())
    return found.digest()
