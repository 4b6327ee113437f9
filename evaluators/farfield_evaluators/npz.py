"""Reading a .npz that a stranger wrote, in a process that holds labels: no pickle, no eval, bounded memory.

Nothing here trusts a size or a name in the file. The zip's end record is checked before `zipfile` builds a list from
it; a member's length is bounded twice, by what the directory says and by how much is ever decompressed; an array is
allocated only after its header, read by a pattern and never evaluated, was found to be one of those allowed.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np
import numpy.typing as npt

from farfield.errors import PredictionsError, reason
from farfield.packaging.files import open_regular

NOT_A_FILE = "predictions.not_a_file"
TOO_LARGE = "predictions.too_large"
MEMBERS = "predictions.members"
DTYPE = "predictions.dtype"
SHAPE = "predictions.shape"

HEADER_BYTES = 1024  # numpy's are 118
SLACK_BYTES = 64 << 10  # for the zip's own records, and what deflate adds to data it cannot shrink
CHUNK_BYTES = 1 << 20
_DIRECTORY_BYTES = 4096
_END = struct.Struct("<4sHHHHIIH")  # signature, 3 of disks and 2 of entries, size and place of the directory, comment
_LOCATOR = 20  # bytes of the record that leads to a zip64 directory, just before the end record
_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, RuntimeError, OverflowError)
_PLAIN = re.compile(
    rb"\{'descr': '([^'\\]{1,16})', 'fortran_order': (True|False), 'shape': \(((?:\d{1,12}, ?)*\d{0,12})\),? ?\} *\n"
)
Array = npt.NDArray[Any]


@dataclass(frozen=True, kw_only=True)
class ArrayRule:
    """What an array may be: its types as .npy writes them, its shape, and for a free first dimension the most rows."""

    types: tuple[str, ...]
    shape: tuple[int, ...]
    most_rows: int | None = None

    @property
    def largest(self) -> int:
        """Bytes of the largest member that fits."""
        rows, *rest = self.shape
        items = prod([self.most_rows or rows, *rest])
        return items * max(np.dtype(t).itemsize for t in self.types) + HEADER_BYTES


@dataclass(frozen=True, kw_only=True)
class Header:
    """What a .npy says of itself."""

    type: str
    shape: tuple[int, ...]
    fortran: bool


class Reader(Protocol):
    """What gives the arrays of an opened .npz."""

    def read(self, name: str) -> Array:
        """The array, of an allowed type and shape. Raises PredictionsError."""


class Npz:
    """An opened .npz whose members are those expected and no larger than they may be."""

    def __init__(self, archive: zipfile.ZipFile, rules: Mapping[str, ArrayRule]) -> None:
        self._archive = archive
        self._rules = rules

    def read(self, name: str) -> Array:
        """The array, of an allowed type and shape. Raises PredictionsError."""
        with _reading(f"{name}.npy"), self._archive.open(f"{name}.npy") as member:
            header = _read_header(name, member)
            check_header(name, header, self._rules[name])
            raw = np.empty(prod(header.shape) * np.dtype(header.type).itemsize, np.uint8)
            _fill(name, raw, member)
        shaped: Array = raw.view(header.type).reshape(header.shape, order="F" if header.fortran else "C")
        return shaped


@contextmanager
def open_npz(path: Path, rules: Mapping[str, ArrayRule]) -> Iterator[Npz]:
    """The file with exactly the arrays that have a rule. Raises PredictionsError."""
    try:
        opened = open_regular(path)
    except FileNotFoundError:
        raise PredictionsError(f"there is no file {path.name!a}", code=NOT_A_FILE) from None
    except OSError as error:
        raise PredictionsError(f"{path.name!a} cannot be read: {reason(error)}", code=NOT_A_FILE) from error
    with opened:
        _check_end(opened, sum(rule.largest for rule in rules.values()))
        with _reading(path.name):
            archive = zipfile.ZipFile(opened)
        with archive:
            _check_members(archive.infolist(), rules)
            yield Npz(archive, rules)


@contextmanager
def _reading(name: str) -> Iterator[None]:
    """The one place where what the zip and zlib modules raise becomes a PredictionsError."""
    try:
        yield
    except _BROKEN as error:
        kind = type(error).__name__
        raise PredictionsError(f"{name!a} cannot be read as part of a .npz ({kind})", code=NOT_A_FILE) from error


def _check_end(opened: IO[bytes], largest: int) -> None:
    """Only a small directory, without zip64 or a comment, reaches `zipfile`, which would build a list of any length."""
    size = opened.seek(0, 2)
    bound = largest + largest // 1000 + SLACK_BYTES
    if size > bound:
        raise PredictionsError(f"the file has {size} bytes; predictions take at most {bound}", code=TOO_LARGE)
    opened.seek(max(0, size - _END.size - _LOCATOR))
    tail = opened.read(_END.size + _LOCATOR)
    if len(tail) < _END.size:
        raise _not_npz()
    signature, *_, directory, _place, comment = _END.unpack(tail[-_END.size :])
    if signature != b"PK\x05\x06" or comment or b"PK\x06\x07" in tail[:_LOCATOR]:
        raise _not_npz()
    if directory > _DIRECTORY_BYTES:
        raise PredictionsError("the file holds more members than the benchmark's arrays", code=MEMBERS)


def _not_npz() -> PredictionsError:
    return PredictionsError("the file is not a .npz; write it with numpy.savez or savez_compressed", code=NOT_A_FILE)


def _check_members(members: list[zipfile.ZipInfo], rules: Mapping[str, ArrayRule]) -> None:
    found, expected = sorted(m.filename for m in members), sorted(f"{name}.npy" for name in rules)
    if found != expected:
        listed = ", ".join(ascii(name[:40]) for name in found[:8]) or "none"
        says = f"the file must hold {', '.join(expected)} and nothing else; it holds {listed}"
        raise PredictionsError(says, code=MEMBERS)
    for member in members:
        _check_member(member, rules[member.filename.removesuffix(".npy")].largest)


def _check_member(member: zipfile.ZipInfo, bound: int) -> None:
    if member.file_size > bound:
        says = f"{member.filename} has {member.file_size} bytes; the benchmark's takes at most {bound}"
        raise PredictionsError(says, code=TOO_LARGE)
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or member.flag_bits & 0x1:
        says = f"{member.filename} is encrypted or compressed in a way that numpy does not write"
        raise PredictionsError(says, code=NOT_A_FILE)


def _read_header(name: str, member: IO[bytes]) -> Header:
    start = member.read(10)
    length = int.from_bytes(start[8:], "little")
    if not start.startswith(b"\x93NUMPY\x01\x00") or length > HEADER_BYTES - len(start):
        raise PredictionsError(f"{name}.npy is not an array in numpy's format 1.0", code=NOT_A_FILE)
    match = _PLAIN.fullmatch(member.read(length))
    if match is None:
        raise PredictionsError(f"{name}.npy is not a plain array of one type", code=DTYPE)
    shape = tuple(int(size) for size in match[3].split(b",") if size.strip())
    return Header(type=match[1].decode("latin-1"), shape=shape, fortran=match[2] == b"True")


def check_header(name: str, header: Header, rule: ArrayRule) -> None:
    """Raises PredictionsError for a type or a shape that the rule does not allow."""
    if header.type not in rule.types:
        says = f"{name} has the type {header.type!a}; it must be one of {', '.join(rule.types)}"
        raise PredictionsError(says, code=DTYPE)
    rows, *rest = header.shape or (0,)
    free = rule.most_rows is not None
    if len(header.shape) != len(rule.shape) or (*rest,) != rule.shape[1:] or not (free or rows == rule.shape[0]):
        says = f"{name} has the shape {_shown(header.shape)}; expected {_shown(rule.shape)}"
        raise PredictionsError(says, code=SHAPE)
    if rule.most_rows is not None and rows > rule.most_rows:
        says = f"{name} has {rows} rows; the benchmark has {rule.shape[0]} test images"
        raise PredictionsError(says, code=TOO_LARGE)


def _shown(shape: tuple[int, ...]) -> str:
    return f"[{', '.join(map(str, shape[:4]))}{', ...' if len(shape) > 4 else ''}]"


def _fill(name: str, raw: npt.NDArray[np.uint8], member: IO[bytes]) -> None:
    """Exactly as many bytes as the header's shape takes; one byte more is read to reach the checksum."""
    filled = 0
    while filled < len(raw):
        chunk = member.read(min(CHUNK_BYTES, len(raw) - filled))
        if not chunk:
            raise PredictionsError(f"{name}.npy ends before its last row", code=NOT_A_FILE)
        raw[filled : filled + len(chunk)] = np.frombuffer(chunk, np.uint8)
        filled += len(chunk)
    if member.read(1):
        raise PredictionsError(f"{name}.npy goes on after its last row", code=NOT_A_FILE)
