"""Records as a zip of run folders, made piece by piece: what a site hands out, and what is handed in to it."""

import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from farfield_evaluators.suites.domainbed.records import DONE, RESULTS, Record, by_cell, folder_name, to_line

File = tuple[str, str]
"""Path in the archive, and content."""
# The same records give the same bytes, whenever they are packed.
_DATE = (1980, 1, 1, 0, 0, 0)


def run_files(records: Sequence[Record]) -> Iterator[File]:
    """The files of each run's folder, named as DomainBed's own sweep names it."""
    for of_run in by_cell(records).values():
        folder = folder_name(of_run[0].args)
        yield f"{folder}/{RESULTS}", "".join(f"{to_line(record)}\n" for record in of_run)
        yield f"{folder}/{DONE}", "done"


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
