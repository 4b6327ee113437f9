"""Run logs: appended in chunks with an offset, so that a repeated chunk is harmless and a gap is noticed.

A log is bounded: its first and last characters are kept, and the number of those left out is told.
"""

from dataclasses import dataclass

from farfield_web import storable
from farfield_web.runs.models import Run, RunLog

HEAD = 256 * 1024
TAIL = 256 * 1024


@dataclass(frozen=True, kw_only=True)
class LogPart:
    """The log from an offset on. `length` counts all characters ever written, and is the next offset to ask for."""

    attempt: int
    offset: int
    text: str
    length: int
    left_out: int


def append(run: Run, text: str, offset: int) -> int:
    """Add a chunk to the log of the run's attempt; returns the stored length, which a worker with a gap needs.

    To be called with the run's row locked: chunks of one run are then handled one after the other.
    """
    written = RunLog.objects.filter(run=run, attempt=run.attempt)
    if not text:
        return written.values_list("length", flat=True).first() or 0
    log = written.first() or RunLog(run=run, attempt=run.attempt)
    fresh = storable.text(text)[log.length - offset :] if 0 <= offset <= log.length else ""
    if fresh:
        _extend(log, fresh)
        log.save()
    return log.length


def _extend(log: RunLog, text: str) -> None:
    room = HEAD - len(log.head)
    log.head += text[:room]
    log.tail = (log.tail + text[room:])[-TAIL:]
    log.length += len(text)


def read(run: Run, offset: int = 0, attempt: int | None = None) -> LogPart:
    """What was logged from an offset on, with a line that says how much was left out in between."""
    attempt = attempt or run.attempt
    log = RunLog.objects.filter(run=run, attempt=attempt).first() or RunLog(run=run, attempt=attempt)
    left_out = log.length - len(log.head) - len(log.tail)
    offset = min(max(offset, 0), log.length)
    return LogPart(
        attempt=attempt, offset=offset, text=_from(log, offset, left_out), length=log.length, left_out=left_out
    )


def _from(log: RunLog, offset: int, left_out: int) -> str:
    if offset <= len(log.head):
        gap = f"\n[... {left_out} characters left out ...]\n" if left_out else ""
        return log.head[offset:] + gap + log.tail
    missed = len(log.head) + left_out - offset
    if missed > 0:
        return f"\n[... {missed} characters left out ...]\n" + log.tail
    return log.tail[-missed:]
