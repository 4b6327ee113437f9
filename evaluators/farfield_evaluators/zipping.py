"""Files of text as a zip, made piece by piece: an archive of thousands need never be held in memory."""

import io
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any

from farfield_evaluators.run_plan import File

# The same files give the same bytes, whenever they are packed.
_DATE = (1980, 1, 1, 0, 0, 0)


def zipped(files: Iterable[File]) -> Iterator[bytes]:
    """A zip archive of these files, in pieces; never more of it in memory than one file."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files:
            archive.writestr(_entry(name), text)
            yield sink.taken()
    yield sink.taken()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _DATE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o100644 << 16
    return entry


class _Sink(io.RawIOBase):
    """Keeps what is written until it is taken; cannot go back, so the archive's sizes follow each file."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        """What was written since the last time."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)
