"""What one comparison found, and how it is judged: the same rule for seconds, rates and memory."""

import statistics
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

DIGITS = 4  # that are kept of a figure


@dataclass(frozen=True, kw_only=True)
class Result:
    """Our figures and the peer's, run by run, made in turn.

    `unit`: "s", "ms", "MiB", where less is better, or a rate with a slash ("images/s", "runs/min"), where more is.
    `peer`: empty where a figure stands for itself. `goal`: the least `ratio`; a latency of at most 1.5 times the
    peer's is a goal of 1 / 1.5. `state`: "cold", "warm", or nothing where no cache has a part in it.
    """

    row: int
    name: str
    ours: tuple[float, ...]
    unit: str
    peer: tuple[float, ...] = ()
    peer_name: str = ""
    peer_version: str = ""
    goal: float | None = None
    state: str = ""

    def __post_init__(self) -> None:
        if not self.ours or bool(self.peer) != bool(self.peer_name) or self.state not in {"", "cold", "warm"}:
            raise ValueError(f"{self.name}: say figures of ours, the peer by name with its figures, cold or warm")
        if self.goal is not None and not self.peer:
            raise ValueError(f"{self.name}: a goal is a ratio, and there is no peer")

    @property
    def ratio(self) -> float | None:
        """How many times as good as the peer ours is, of the medians: above 1 ours is faster, or holds less.

        >>> Result(row=4, name="boxes", ours=(2.0,), peer=(20.0,), unit="s", peer_name="pycocotools").ratio
        10.0
        >>> Result(row=1, name="images", ours=(95.0,), peer=(100.0,), unit="images/s", peer_name="bare").ratio
        0.95
        """
        return self._times(statistics.median(self.ours), statistics.median(self.peer)) if self.peer else None

    @property
    def spread(self) -> tuple[float, float] | None:
        """The least and the greatest ratio of single pairs; None where runs are not in pairs."""
        if not self.peer or len(self.ours) != len(self.peer):
            return None
        pairs = [self._times(mine, other) for mine, other in zip(self.ours, self.peer, strict=True)]
        return min(pairs), max(pairs)

    @property
    def met(self) -> bool | None:
        """Whether the goal holds; None without one."""
        return None if self.goal is None or self.ratio is None else self.ratio >= self.goal

    def _times(self, ours: float, peer: float) -> float:
        return ours / peer if "/" in self.unit else peer / ours

    def body(self) -> dict[str, Any]:
        """What is kept in a file: four digits of each figure, and what follows from those."""
        kept = replace(self, ours=_rounded(self.ours), peer=_rounded(self.peer))
        return asdict(kept) | {"ratio": kept.ratio, "spread": kept.spread, "met": kept.met}


def result_of(body: Mapping[str, Any]) -> Result:
    """The other way; what follows is made anew."""
    given = {field.name: body[field.name] for field in fields(Result)}
    return Result(**{**given, "ours": tuple(body["ours"]), "peer": tuple(body["peer"])})


def _rounded(values: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(float(f"{value:.{DIGITS}g}") for value in values)
