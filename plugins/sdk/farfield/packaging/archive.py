"""Reading an uploaded archive without believing it and without writing a byte of it to disk.

Every member is really decompressed, in pieces and under bounds, for sizes in headers are whatever the sender wrote.
What two programs could read in two ways is refused: the one that inspects must see what the one that installs sees.
"""

import gzip
import hashlib
import io
import re
import stat
import struct
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, NoReturn

from farfield.errors import PackageError

MIB = 1 << 20
CHUNK = 1 << 16
MOST_PARTS = 64  # of a path: each folder above a member is kept by its whole name
_LOCAL = struct.Struct("<4s5H3L2H")  # local file header of a zip archive, without name and extra field
_LOCAL_MAGIC = b"PK\x03\x04"
_END = struct.Struct("<4s4H2LH")  # end-of-central-directory record without a comment
_END_MAGIC = b"PK\x05\x06"
_DIRECTORY_BYTES = 512  # of an entry of the directory, on average: 46 and its name
_MAX_DESCRIPTOR = 24  # data descriptor between two members, with signature and 64-bit sizes
_DESCRIBED, _ENCRYPTED = 0x08, 0x41
_GZIP_MAGIC = b"\x1f\x8b"
_DAMAGES = (
    zipfile.BadZipFile,
    tarfile.TarError,
    gzip.BadGzipFile,
    zlib.error,
    struct.error,
    EOFError,
    RuntimeError,  # what zipfile raises for what it has not learned
    ValueError,
)
_TAR_HEADERS = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What an archive may unpack to. `ratio` (unpacked to packed) counts only beyond `free_bytes` unpacked."""

    members: int = 20_000
    total_bytes: int = 2 << 30
    ratio: int = 100
    free_bytes: int = 8 * MIB
    text_bytes: int = MIB


@dataclass(frozen=True, kw_only=True)
class Contents:
    """The regular files of an archive: name -> (bytes, hex sha256), and the content of those asked for."""

    files: Mapping[str, tuple[int, str]]
    texts: Mapping[str, bytes]


Wanted = Callable[[str], int]  # name of a member -> how many bytes of it may be kept; 0: none


def read_archive(path: Path, wanted: Wanted, bounds: Bounds = Bounds()) -> Contents:
    """Read a zip or a gzipped tar archive, told by its first bytes.

    Raises PackageError: plugin.not_a_package, plugin.archive_too_large, plugin.unsafe_path or plugin.link.
    """
    with path.open("rb") as opened:
        magic = opened.read(4)
    reader = _Reader(wanted, bounds, path.stat().st_size)
    try:
        if magic == _LOCAL_MAGIC:
            with path.open("rb") as raw, _zip_file(path, raw, bounds) as directory:
                return reader.collect(_zip_members(directory, raw, reader))
        if magic[:2] == _GZIP_MAGIC:
            with gzip.open(path) as packed:
                return reader.collect(_tar_members(packed, reader))
    except _DAMAGES as error:
        raise PackageError("plugin.not_a_package", f"the archive is damaged: {error}") from error
    raise PackageError("plugin.not_a_package", "the file is neither a zip nor a gzipped tar archive")


@dataclass(frozen=True, kw_only=True)
class _Member:
    name: str
    folder: bool
    chunks: Callable[[], Iterator[bytes]] = field(default=lambda: iter(()))


class _Reader:
    """Counts what is unpacked, and keeps what is wanted."""

    def __init__(self, wanted: Wanted, bounds: Bounds, packed: int) -> None:
        self._wanted = wanted
        self.bounds = bounds
        self._packed = max(packed, 1)
        self._total = 0

    def collect(self, members: Iterable[_Member]) -> Contents:
        names = _Names(self.bounds.members)
        files: dict[str, tuple[int, str]] = {}
        texts: dict[str, bytes] = {}
        for member in members:
            name = names.add(member.name, member.folder)
            if not member.folder:
                files[name] = self._read(name, member.chunks(), texts)
        return Contents(files=files, texts=texts)

    def count(self, size: int) -> None:
        """Note `size` more unpacked bytes; raises PackageError when it is too many."""
        self._total += size
        limits = self.bounds
        if self._total > limits.total_bytes:
            _refuse("plugin.archive_too_large", f"the archive unpacks to more than {limits.total_bytes // MIB} MiB")
        if self._total > max(limits.free_bytes, limits.ratio * self._packed):
            _refuse(
                "plugin.archive_too_large",
                f"the archive unpacks to more than {limits.ratio} times its size, as only an archive bomb does",
            )

    def _read(self, name: str, chunks: Iterator[bytes], texts: dict[str, bytes]) -> tuple[int, str]:
        digest, size, kept, most = hashlib.sha256(), 0, bytearray(), self._wanted(name)
        for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            if most and size > most:
                _refuse("plugin.archive_too_large", f"{name} is longer than {most // MIB} MiB")
            if most:
                kept += chunk
        if most:
            texts[name] = bytes(kept)
        return size, digest.hexdigest()


class _Names:
    """The names seen so far; refuses those that are unsafe, and those that two file systems take differently."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._files: set[str] = set()
        self._folders: set[str] = set()

    def add(self, name: str, folder: bool) -> str:
        """The name without a folder's trailing slash."""
        if len(self._files) + len(self._folders) >= self._most:
            _refuse("plugin.archive_too_large", f"the archive has more than {self._most} members")
        clean = safe_name(name[:-1] if folder and name.endswith("/") else name)
        key = unicodedata.normalize("NFC", clean).casefold()
        parents = {key[: match.start()] for match in re.finditer("/", key)}
        if key in self._files or parents & self._files or (not folder and key in self._folders):
            _refuse("plugin.unsafe_path", f"two members of the archive would be the file {_shown(clean)}")
        self._folders |= parents
        (self._folders if folder else self._files).add(key)
        return clean


def safe_name(name: str) -> str:
    """The member's name, when it stays inside the folder it is unpacked to; raises PackageError otherwise."""
    parts = name.split("/")
    if not name.isprintable() or len(name.encode(errors="replace")) > 1024:
        _refuse("plugin.unsafe_path", f"the member {_shown(name)} has a name that no file should have")
    if "\\" in name or name.startswith("/") or re.match("[A-Za-z]:", name):
        _refuse("plugin.unsafe_path", f"the member {_shown(name)} is not a relative path with forward slashes")
    if len(parts) > MOST_PARTS:
        _refuse("plugin.unsafe_path", f"the member {_shown(name)} lies more than {MOST_PARTS} folders deep")
    if any(part in {"", ".", ".."} for part in parts):
        _refuse("plugin.unsafe_path", f"the member {_shown(name)} has an empty part, '.' or '..' in its path")
    return name


def _zip_file(path: Path, raw: IO[bytes], bounds: Bounds) -> zipfile.ZipFile:
    """The archive's directory, bounded before `zipfile` makes an object of each of its entries, however many."""
    size = raw.seek(0, 2)
    raw.seek(max(0, size - _END.size))
    found = raw.read(_END.size)
    if len(found) < _END.size or found[:4] != _END_MAGIC:
        _refuse("plugin.not_a_package", "the zip archive is cut short, or has bytes behind its directory")
    *_, entries, directory, place, _ = _END.unpack(found)
    # 0xFFFF and 0xFFFFFFFF send the reader to a larger record (zip64), which no archive within the bounds needs.
    if entries > bounds.members or directory > bounds.members * _DIRECTORY_BYTES or place == 0xFFFFFFFF:
        _refuse("plugin.archive_too_large", f"the archive has more than {bounds.members} members")
    return zipfile.ZipFile(path)


def _zip_members(directory: zipfile.ZipFile, raw: IO[bytes], reader: _Reader) -> Iterator[_Member]:
    infos = directory.infolist()
    if len(infos) > reader.bounds.members:
        _refuse("plugin.archive_too_large", f"the archive has more than {reader.bounds.members} members")
    _check_layout(directory, raw, infos)
    for info in infos:
        _check_kind(info)
        yield _Member(name=info.orig_filename, folder=info.is_dir(), chunks=_zip_reader(raw, info, reader))


def _check_layout(directory: zipfile.ZipFile, raw: IO[bytes], infos: list[zipfile.ZipInfo]) -> None:
    """Members lie end to end from the first byte to the directory, and nothing lies hidden between or behind them."""
    end = 0
    for info in sorted(infos, key=lambda i: i.header_offset):
        if not 0 <= info.header_offset - end <= _MAX_DESCRIPTOR:
            _refuse("plugin.not_a_package", "members of the zip archive overlap, or bytes lie hidden between them")
        _go_to_data(raw, info)
        end = raw.tell() + info.compress_size
    if not 0 <= directory.start_dir - end <= _MAX_DESCRIPTOR:
        _refuse("plugin.not_a_package", "the zip archive has hidden bytes before its directory")
    raw.seek(-_END.size, 2)
    if raw.read(4) != _END_MAGIC or directory.comment:
        _refuse("plugin.not_a_package", "the zip archive has bytes behind its directory; build it again")


def _check_kind(info: zipfile.ZipInfo) -> None:
    mode = stat.S_IFMT(info.external_attr >> 16)
    if mode not in {0, stat.S_IFREG, stat.S_IFDIR} or (mode == stat.S_IFDIR) > info.is_dir():
        _refuse("plugin.link", f"the member {_shown(info.filename)} is a link or a device; only files are allowed")
    if info.flag_bits & _ENCRYPTED:
        _refuse("plugin.not_a_package", f"the member {_shown(info.filename)} is encrypted")
    if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        _refuse("plugin.not_a_package", f"the member {_shown(info.filename)} is packed in a way that installers refuse")
    if info.is_dir() and info.file_size:
        _refuse("plugin.not_a_package", f"the folder {_shown(info.filename)} has content")


def _zip_reader(raw: IO[bytes], info: zipfile.ZipInfo, reader: _Reader) -> Callable[[], Iterator[bytes]]:
    """Unpacks one member and compares it with both headers. `zipfile` would stop at the size that a header claims."""

    def chunks() -> Iterator[bytes]:
        _go_to_data(raw, info)
        size = crc = 0
        for chunk in _inflated(raw, info):
            reader.count(len(chunk))
            size, crc = size + len(chunk), zlib.crc32(chunk, crc)
            yield chunk
        if size != info.file_size or crc != info.CRC:
            _refuse("plugin.not_a_package", f"{_shown(info.filename)} is not what the zip archive's directory says")

    return chunks


def _go_to_data(raw: IO[bytes], info: zipfile.ZipInfo) -> None:
    raw.seek(info.header_offset)
    magic, _, flags, method, _, _, crc, packed, size, name_length, extra = _LOCAL.unpack(raw.read(_LOCAL.size))
    name = raw.read(name_length).decode("utf-8" if flags & 0x800 else "cp437")
    raw.seek(extra, 1)
    agrees = magic == _LOCAL_MAGIC and name == info.orig_filename == info.filename and method == info.compress_type
    if not flags & _DESCRIBED:  # otherwise the sizes follow the data, and the header has zeros
        agrees &= crc == info.CRC and packed in {info.compress_size, 0xFFFFFFFF}
        agrees &= size in {info.file_size, 0xFFFFFFFF}
    if not agrees:
        _refuse("plugin.not_a_package", f"the two headers of {_shown(info.filename)} in the zip archive differ")


def _inflated(raw: IO[bytes], info: zipfile.ZipInfo) -> Iterator[bytes]:
    packed = _pieces(raw, info.compress_size)
    if info.compress_type == zipfile.ZIP_STORED:
        yield from packed
        return
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    for piece in packed:
        yield stream.decompress(piece, CHUNK)
        while stream.unconsumed_tail:
            yield stream.decompress(stream.unconsumed_tail, CHUNK)
    # What is left in the window is short: it came from less than one chunk that decompress() held back.
    while not stream.eof and (rest := stream.decompress(b"", CHUNK)):
        yield rest
    if not stream.eof or stream.unused_data:
        _refuse("plugin.not_a_package", f"{_shown(info.filename)} is cut short or has bytes behind its end")


def _pieces(raw: IO[bytes], size: int) -> Iterator[bytes]:
    while size > 0:
        piece = raw.read(min(size, CHUNK))
        if not piece:
            _refuse("plugin.not_a_package", "the archive is cut short")
        size -= len(piece)
        yield piece


class _CheckedHeader(tarfile.TarInfo):
    """Refuses the long extra headers that `tarfile` would read into memory whole."""

    def _proc_member(self, opened: tarfile.TarFile) -> tarfile.TarInfo:
        # Where every release comes by; newer ones, and those that distributions patch, no longer call `frombuf`.
        if self.type in _TAR_HEADERS and self.size > MIB:
            _refuse("plugin.archive_too_large", "the tar archive has an extra header of more than 1 MiB")
        member: tarfile.TarInfo = super()._proc_member(opened)  # type: ignore[misc]
        return member


class _Unpacked(io.BufferedIOBase):
    """The bytes of a gzip file as a stream, counted as they are unpacked."""

    def __init__(self, opened: gzip.GzipFile, reader: _Reader) -> None:
        self._opened = opened
        self._reader = reader

    def read(self, size: int | None = CHUNK) -> bytes:
        data = self._opened.read(min(size or 0, CHUNK))
        self._reader.count(len(data))
        return data


def _tar_members(packed: gzip.GzipFile, reader: _Reader) -> Iterator[_Member]:
    stream = _Unpacked(packed, reader)
    with tarfile.open(fileobj=stream, mode="r|", tarinfo=_CheckedHeader) as opened:
        while (info := opened.next()) is not None:
            if info.issparse() or not (info.isreg() or info.isdir()):
                _refuse("plugin.link", f"the member {_shown(info.name)} is a link, a device or a sparse file")
            yield _Member(name=info.name, folder=info.isdir(), chunks=_tar_reader(opened, info))
            opened.members.clear()  # type: ignore[attr-defined]  # their extra headers can be large, and are not needed again


def _tar_reader(opened: tarfile.TarFile, info: tarfile.TarInfo) -> Callable[[], Iterator[bytes]]:
    def chunks() -> Iterator[bytes]:
        file = opened.extractfile(info)
        if file is not None:
            yield from _pieces(file, info.size)

    return chunks


def _shown(name: str) -> str:
    """A member's name as it may stand in a message."""
    return repr(name if len(name) <= 120 else name[:117] + "...")


def _refuse(code: str, message: str) -> NoReturn:
    raise PackageError(code, message)
