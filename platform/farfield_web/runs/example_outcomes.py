"""Outcomes of runs, example by example, as workers send them: files by their content below FARFIELD_VAR/outcomes.

They tell labels, so they are the operator's alone: no page and no address gives them out. The site worker alone reads
them, in `leaderboards/comparing.py`.
"""

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from farfield_evaluators.locks import alone
from farfield_web.errors import OutcomesError
from farfield_web.runs.models import Run, RunOutcomes
from farfield_web.runs.status import Status

INCOMING, LOCK = ".incoming-", ".lock"
READ_BYTES = 1 << 20
# A file is there before its row is, and a piece lies still while its worker waits for the network.
YOUNG_SECONDS = 6 * 3600


@dataclass(frozen=True, kw_only=True)
class Piece:
    """Some bytes of a file of `size` bytes with this hash, from `offset` on, which is about so many examples."""

    sha256: str
    size: int
    rows: int
    offset: int
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Pruned:
    """What was removed, or would be: records of runs, files, and their bytes."""

    records: int
    files: int
    size: int


def receive(run: Run, piece: Piece) -> int:
    """Take the next piece of a run's outcomes; how many bytes are here now: the whole size when they are kept.

    The run is held and its row locked. A piece from elsewhere than where the last one ended is not taken, and the
    answer says where to go on; so every call may be repeated. Raises OutcomesError for more than this site keeps, for a
    content of another hash, after which it starts again, and where the disk is full.
    """
    _check(piece)
    kept = folder() / piece.sha256
    draft = folder() / f"{INCOMING}{run.pk}-{run.attempt}-{piece.sha256[:16]}"
    try:
        with _alone():
            if kept.exists():
                os.utime(kept)  # so that nobody removes it before its record is there
            elif (here := _appended(draft, piece)) < piece.size:
                return here
            else:
                _keep(draft, kept, piece)
    except OSError as error:
        text = f"The site cannot keep the outcomes now: {error.strerror}."
        raise OutcomesError("outcomes.no_room", text) from error
    values = {"sha256": piece.sha256, "size": piece.size, "rows": piece.rows, "kept_at": timezone.now()}
    RunOutcomes.objects.update_or_create(run=run, attempt=run.attempt, defaults=values)
    return piece.size


def path_of(run: Run) -> Path | None:
    """The file of a run's last attempt; None where none is kept."""
    record = RunOutcomes.objects.filter(run=run, attempt=run.attempt).first()
    path = None if record is None else folder() / record.sha256
    return path if path is not None and path.is_file() else None


def prune(now: datetime, *, dry_run: bool = False) -> Pruned:
    """Remove what need not be kept any more. Safe while runs write, and to run twice or at the same time.

    Kept for ever are those of the attempts that boards stand on: of runs that have succeeded, of entries that nobody
    took off. Others go after settings.OUTCOMES_TIME; files that no record names, as of entries that were deleted, go as
    soon as no worker can be about to name them.
    """
    old = [record.pk for record in _records() if _is_old(record, now) and not _stands(record)]
    if not dry_run:
        RunOutcomes.objects.filter(pk__in=old).delete()
    named = set(RunOutcomes.objects.exclude(pk__in=old).values_list("sha256", flat=True))
    files = [(path, size) for path, size in _files() if path.name not in named]
    for path, _ in files if not dry_run else ():
        _remove(path)
    return Pruned(records=len(old), files=len(files), size=sum(size for _, size in files))


def folder() -> Path:
    """Where they lie; made when it is missing."""
    place: Path = settings.VAR / "outcomes"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def _check(piece: Piece) -> None:
    most = settings.MAX_OUTCOMES_BYTES
    if piece.size > most:
        kept = f"at most {most // 1024**2} MB are kept of a run" if most else "this site keeps none"
        raise OutcomesError("outcomes.too_large", f"The outcomes take {piece.size // 1024**2} MB; {kept}.")
    if not piece.content or piece.offset + len(piece.content) > piece.size:
        raise OutcomesError("outcomes.invalid", "The piece is empty, or reaches beyond the end that it names.")


def _appended(draft: Path, piece: Piece) -> int:
    """How long the draft is, with the piece where it belongs at its end."""
    with draft.open("ab") as file:
        length = file.tell()
        if length == piece.offset:
            file.write(piece.content)
            file.flush()
            length = file.tell()
    return length


def _keep(draft: Path, kept: Path, piece: Piece) -> None:
    with draft.open("rb+") as file:
        os.fsync(file.fileno())
        digest = hashlib.sha256()
        while content := file.read(READ_BYTES):
            digest.update(content)
    if digest.hexdigest() != piece.sha256:
        draft.unlink()
        raise OutcomesError("outcomes.damaged", "What arrived is not what was announced; send it again.")
    os.utime(draft)
    draft.replace(kept)


def _records() -> Iterator[RunOutcomes]:
    whole = RunOutcomes.objects.select_related("run__submission").prefetch_related("run__submission__rulings")
    return whole.iterator(chunk_size=500)


def _is_old(record: RunOutcomes, now: datetime) -> bool:
    length = settings.OUTCOMES_TIME
    return length is not None and record.kept_at < now - length


def _stands(record: RunOutcomes) -> bool:
    run = record.run
    succeeded = run.state is Status.SUCCEEDED and record.attempt == run.attempt
    return run.is_leased or (succeeded and run.submission.taken_off is None)


def _files() -> Iterator[tuple[Path, int]]:
    """Files and pieces that no worker is about to name, with their sizes."""
    for path in sorted(folder().iterdir()):
        with suppress(FileNotFoundError):
            if path.name != LOCK and _is_left(path):
                yield path, path.stat().st_size


def _is_left(path: Path) -> bool:
    return time.time() - path.stat().st_mtime > YOUNG_SECONDS


def _remove(path: Path) -> None:
    """Unless a run has named it meanwhile, or is about to."""
    with _alone(), suppress(FileNotFoundError):
        if _is_left(path) and not RunOutcomes.objects.filter(sha256=path.name).exists():
            path.unlink()


@contextmanager
def _alone() -> Iterator[None]:
    """No other process keeps or removes a file meanwhile."""
    with alone(folder() / LOCK):
        yield
