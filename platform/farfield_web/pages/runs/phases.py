"""The life of a run as a strip of its states, and what it used beside what its method declares."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from farfield_web.pages.templatetags.figures import duration
from farfield_web.runs.memory import size
from farfield_web.runs.models import Run, RunEvent
from farfield_web.runs.status import TERMINAL, Status

WIDTH = 1000.0  # of the strip's drawing, in its own units
NARROWEST = 6.0  # so that a short state is seen
WORDS: Mapping[str, str] = {
    Status.QUEUED: "waiting",
    Status.PREPARING: "preparing",
    Status.RUNNING: "running",
    Status.SCORING: "scoring",
}
STAGES: Mapping[str, str] = {
    "prepare": "Staging",
    "base": "Base phase",
    "fit": "Fitting",
    "run": "The method",
    "predict": "Predicting",
    "score": "Scoring",
}


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A state of the run: from `x` on, `width` wide, out of WIDTH."""

    status: str
    words: str
    took: str
    x: float
    width: float


@dataclass(frozen=True, kw_only=True)
class Strip:
    """All states in their order; `alt` says the same in words."""

    segments: tuple[Segment, ...]
    alt: str


@dataclass(frozen=True, kw_only=True)
class Use:
    """A resource: what the method declares and what the run used, as text; `share` of it in per cent, up to 100."""

    name: str
    declared: str
    used: str
    share: int | None
    beyond: bool


@dataclass(frozen=True, kw_only=True)
class Stage:
    """How long a stage took, with a bar out of WIDTH for the longest."""

    title: str
    took: str
    width: float


def strip_of(events: Iterable[RunEvent], now: datetime | None = None) -> Strip | None:
    """The states that a run went through, with how long it was in each; None where it was in none for any time."""
    spans = list(_spans(events, now or timezone.now()))
    whole = sum(seconds for _, seconds in spans)
    if whole <= 0:
        return None
    widths = _widths([seconds / whole for _, seconds in spans])
    starts = [sum(widths[:at]) for at in range(len(widths))]
    segments = tuple(
        Segment(status=status, words=WORDS[status], took=duration(seconds), x=round(x, 1), width=round(width, 1))
        for (status, seconds), x, width in zip(spans, starts, widths, strict=True)
    )
    return Strip(segments=segments, alt=", ".join(f"{one.words} {one.took}" for one in segments))


def _spans(events: Iterable[RunEvent], now: datetime) -> Iterable[tuple[str, float]]:
    moves = [event for event in events if event.kind == "moved" and event.target]
    ends = [*(event.at for event in moves[1:]), now]
    for event, end in zip(moves, ends, strict=False):
        if Status(event.target) not in TERMINAL:
            yield event.target, max((end - event.at).total_seconds(), 0.0)


def _widths(shares: Sequence[float]) -> list[float]:
    """In proportion, but none too narrow to be seen; together WIDTH."""
    wide = [max(share * WIDTH, NARROWEST) for share in shares]
    return [width * WIDTH / sum(wide) for width in wide]


def stages_of(run: Run) -> tuple[Stage, ...]:
    """The stages that the record has seconds of, in their order."""
    seconds = {name: value for name, value in run.seconds.items() if isinstance(value, int | float) and value >= 0}
    longest = max(seconds.values(), default=0.0) or 1.0
    known = [name for name in STAGES if name in seconds] + sorted(set(seconds) - set(STAGES))
    return tuple(
        Stage(
            title=STAGES.get(name, name.capitalize()),
            took=_took(seconds[name]),
            width=round(WIDTH * seconds[name] / longest, 1),
        )
        for name in known
    )


def _took(seconds: float) -> str:
    return duration(seconds) if seconds >= 10 else f"{seconds:.2g} s"


def uses_of(run: Run, spec: Mapping[str, Any]) -> tuple[Use, ...]:
    """Time and memory beside what the method declares; nothing of what is neither declared nor seen."""
    declared = spec.get("resources", {}) if isinstance(spec.get("resources"), dict) else {}
    ran = run.seconds.get("run", 0.0) + run.seconds.get("base", 0.0) if "run" in run.seconds else None
    return tuple(use for use in (_time(declared.get("minutes"), ran), _memory(run.memory), _device(run)) if use)


def _time(minutes: float | None, seconds: float | None) -> Use | None:
    if seconds is None:
        return None
    limit = 60.0 * minutes if minutes else None
    said = duration(limit) if limit else "not declared"
    return Use(name="Time of the method", declared=said, used=_took(seconds), **_share(seconds, limit))


def _memory(memory: Mapping[str, Any]) -> Use | None:
    if not memory:
        return None
    peak, limit = memory["peak_bytes"], memory["limit_bytes"]
    return Use(name="Memory, at most", declared=size(limit), used=size(peak), **_share(peak, limit))


def _device(run: Run) -> Use | None:
    device = run.environment.get("device") if isinstance(run.environment, dict) else None
    if not isinstance(device, str):
        return None
    wanted = "a GPU" if run.resource == "gpu" else "CPU"
    return Use(name="Device", declared=wanted, used="CPU" if device == "cpu" else "a GPU", share=None, beyond=False)


def _share(used: float, limit: float | None) -> dict[str, Any]:
    if not limit:
        return {"share": None, "beyond": False}
    return {"share": min(100, round(100 * used / limit)), "beyond": used > limit}
