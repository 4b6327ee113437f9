"""Which pixels a shelf has: the keys of all rows in memory, sorted, and where each lies."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

KEY_BYTES = 32
RECORD = np.dtype([("key", f"S{KEY_BYTES}"), ("checksum", "<u4")])
PLACED = np.dtype([("checksum", "<u4"), ("segment", "<i4"), ("row", "<i4")])
Records = npt.NDArray[np.void]


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a row lies, and the checksum of its bytes."""

    path: Path
    row: int
    checksum: int


class Index:
    """The keys of all segments, sorted, and where their rows lie.

    Keys are an array of their own: to search a field of another one numpy would copy it each time.
    A row takes 44 bytes.
    """

    def __init__(self) -> None:
        self._segments: dict[int, Path] = {}
        self._keys: npt.NDArray[np.bytes_] = np.empty(0, RECORD["key"])
        self._rows: npt.NDArray[np.void] = np.empty(0, PLACED)

    @property
    def paths(self) -> set[Path]:
        """The segments that it knows."""
        return set(self._segments.values())

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, segments: Mapping[Path, Records]) -> None:
        """What is new is sorted, and merged with what is sorted already."""
        if not segments:
            return
        parts, first = [], max(self._segments, default=-1) + 1
        for number, (path, records) in enumerate(segments.items(), first):
            self._segments[number] = path
            part = np.empty(len(records), PLACED)
            part["checksum"], part["segment"], part["row"] = records["checksum"], number, np.arange(len(records))
            parts.append(part)
        keys, rows = np.concatenate([records["key"] for records in segments.values()]), np.concatenate(parts)
        order = np.argsort(keys, kind="stable")
        keys, rows = keys[order], rows[order]
        places = np.searchsorted(self._keys, keys)
        self._keys, self._rows = np.insert(self._keys, places, keys), np.insert(self._rows, places, rows)

    def keep(self, paths: set[Path]) -> None:
        """Only those."""
        left = {number: path for number, path in self._segments.items() if path in paths}
        if len(left) < len(self._segments):
            stay = np.isin(self._rows["segment"], list(left))
            self._segments, self._keys, self._rows = left, self._keys[stay], self._rows[stay]

    def place(self, key: bytes) -> Place | None:
        """Where the row of this key lies; None where there is none."""
        wanted = key.rstrip(b"\0")  # which numpy leaves off as well
        at = int(np.searchsorted(self._keys, np.bytes_(wanted)))
        if at == len(self._keys) or self._keys[at] != wanted:
            return None
        row = self._rows[at]
        return Place(path=self._segments[int(row["segment"])], row=int(row["row"]), checksum=int(row["checksum"]))
