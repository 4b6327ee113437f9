"""Published figures, to be set beside measured ones and never among them unasked.

Each has its source and how well it is known: [V] read in the released results or code of the authors or of the
benchmark, [S] from secondary text, not checked against the paper. Figures are in 0..1, at the precision printed there.
"""

from collections.abc import Mapping
from dataclasses import dataclass

Key = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Reported:
    """What a publication says of a method on a benchmark: figures in 0..1 by (metric, domain).

    `tiers` are those whose entries it may stand beside; empty for all.
    """

    benchmark: str
    method: str
    source: str
    figures: Mapping[Key, float]
    tiers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Unplaced:
    """What a publication says of a method that no board has a column for: a share in 0..1, and of what it is."""

    method: str
    figure: str
    value: float
    source: str


def percent(figures: Mapping[Key, float]) -> dict[Key, float]:
    """Shares from per cent, rounded to what was printed: 0.683 and not 0.6829999999."""
    return {key: round(value / 100, 6) for key, value in figures.items()}
