"""Zips and tars that are not what they seem: names, sizes, flags and members that no honest writer makes."""

import bz2
import gzip
import io
import lzma
import tarfile
import warnings
import zipfile
from collections.abc import Mapping
from random import Random

from fuzz import mutate, nonsense

HONEST = 0.67
NAMES = ("../up", "/root", "a/../../b", "C:\\x", "a//b", "./a", "a/", "\u202ex.py", "A.PY", "a.py", "con", "x" * 300)


def zipped(rng: Random, members: Mapping[str, bytes]) -> bytes:
    """A zip of these members; one in three with other members, flags, or damage, for what is inside is read too."""
    opened, honest = io.BytesIO(), rng.random() < HONEST
    with zipfile.ZipFile(opened, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(_plain(name) if honest else _info(rng, name), data)
        if not honest:
            _add_odd_ones(archive, rng)
    return opened.getvalue() if honest else _perhaps_damaged(rng, opened.getvalue())


def tarred(rng: Random, members: Mapping[str, bytes]) -> bytes:
    """A tar, gzipped as a rule, of these members, sometimes with links, devices, and damage."""
    opened, honest = io.BytesIO(), rng.random() < HONEST
    pack = gzipped if honest else rng.choice((gzipped, bytes, bz2.compress, lzma.compress))
    with tarfile.open(fileobj=opened, mode="w") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for _ in range(0 if honest else rng.choice((0, 1, 3))):
            archive.addfile(_odd(rng))
    packed = pack(opened.getvalue())
    return packed if honest else _perhaps_damaged(rng, packed)


def gzipped(data: bytes) -> bytes:
    """Without the time of day, so that a seed makes the same again."""
    return gzip.compress(data, mtime=0)


def _plain(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)  # without the time of day, so that a seed makes the same again
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def _add_odd_ones(archive: zipfile.ZipFile, rng: Random) -> None:
    for _ in range(rng.choice((0, 0, 1, 3))):
        _write_quietly(archive, rng)
    if rng.random() < 0.1:
        archive.comment = nonsense.text(rng).encode(errors="replace")[:65535]


def _info(rng: Random, name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name if rng.random() < 0.98 else rng.choice(NAMES))
    info.compress_type = rng.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_BZIP2))
    if rng.random() < 0.03:
        info.external_attr = rng.choice((0o120777, 0o060644, 0o010644, 0o040755, 0o104755)) << 16
    return info


def _write_quietly(archive: zipfile.ZipFile, rng: Random) -> None:
    name = rng.choice((*NAMES, *archive.namelist(), nonsense.name(rng)))
    data = rng.choice((b"", b"x", b"\0" * 5_000_000, nonsense.text(rng).encode(errors="replace")))
    if name not in archive.namelist() or rng.random() < 0.5:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a name twice is the point
            archive.writestr(zipfile.ZipInfo(name), data, rng.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED)))


def _odd(rng: Random) -> tarfile.TarInfo:
    info = tarfile.TarInfo(rng.choice(NAMES))
    info.type = rng.choice((tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE))
    info.linkname = rng.choice(("/etc/passwd", "../..", "a", ""))
    return info


def _perhaps_damaged(rng: Random, data: bytes) -> bytes:
    return mutate.damaged(rng, data) if rng.random() < 0.5 else data
