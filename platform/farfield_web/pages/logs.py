"""Reading a stored log: its first and last characters, with what lies between left out."""

from dataclasses import dataclass

from farfield_web.runs.models import Run, RunLog

SHOWN = 20_000


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """A piece of a log, the position behind it, and how many characters of it are left out before."""

    text: str
    end: int
    skipped: int


def log_of(run: Run) -> RunLog:
    """The log of the run's current attempt; an empty one when nothing has arrived."""
    return RunLog.objects.filter(run=run, attempt=run.attempt).first() or RunLog(run=run, attempt=run.attempt)


def chunk(log: RunLog, offset: int) -> Chunk:
    """What was written from `offset` on, as far as it was kept: the last SHOWN characters of that."""
    start = max(offset, log.length - SHOWN, 0)
    return Chunk(text=_from(log, start), end=log.length, skipped=start - offset)


def whole(log: RunLog) -> str:
    """Everything that was kept."""
    return _from(log, 0)


def _from(log: RunLog, start: int) -> str:
    tail_at = log.length - len(log.tail)
    if start >= tail_at:
        return log.tail[start - tail_at :]
    kept = log.head[start:tail_at]
    missing = tail_at - start - len(kept)
    return kept + (f"\n[{missing} characters were not kept]\n" if missing else "") + log.tail
