"""Files by their content, below FARFIELD_VAR/uploads: whole under their hash, or not there at all."""

import hashlib
import os
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from farfield_web.errors import UploadError
from farfield_web.submissions.models import Upload

INCOMING = ".incoming-"
# A process that was killed in the middle leaves its piece; nothing takes this long to arrive.
STALE_SECONDS = 6 * 3600


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """A file that has arrived and is not kept yet."""

    path: Path
    sha256: str
    size: int

    def keep(self) -> Path:
        """Make it the file of its content. Safe to repeat, and at the same time as others with the same content."""
        target = folder() / self.sha256
        os.replace(self.path, target)
        _sync(target.parent)
        return target


def folder() -> Path:
    """Where uploads lie; made when it is missing."""
    place: Path = settings.VAR / "uploads"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def path_of(upload: Upload) -> Path:
    """The file of an upload."""
    return folder() / upload.sha256


@contextmanager
def incoming(chunks: Iterable[bytes]) -> Iterator[Incoming]:
    """The content on disk, under a temporary name that is gone afterwards. Raises UploadError `upload.too_large`."""
    path = folder() / f"{INCOMING}{uuid.uuid4().hex}"
    _sweep(path.parent)
    try:
        yield _write(path, chunks)
    finally:
        path.unlink(missing_ok=True)


def too_large() -> UploadError:
    """The refusal of a file beyond the limit."""
    limit = settings.MAX_UPLOAD_BYTES // (1024 * 1024)
    return UploadError(
        "upload.too_large",
        f"The file is larger than this site takes: {limit} MB.",
        "file",
        "Leave out of the package what can be fetched as a dependency, such as torch; weights must be small.",
    )


def _write(path: Path, chunks: Iterable[bytes]) -> Incoming:
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as file:
        for chunk in chunks:
            size += len(chunk)
            if size > settings.MAX_UPLOAD_BYTES:
                raise too_large()
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return Incoming(path=path, sha256=digest.hexdigest(), size=size)


def _sweep(place: Path) -> None:
    for piece in place.glob(f"{INCOMING}*"):
        with suppress(FileNotFoundError):
            if time.time() - piece.stat().st_mtime > STALE_SECONDS:
                piece.unlink()


def _sync(place: Path) -> None:
    """A rename is on disk only when its folder is."""
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
