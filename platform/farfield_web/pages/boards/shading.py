"""Shades of figures in a column, from the worst to the best. Pure functions."""

from collections.abc import Sequence

SHADES = 6


def shades(values: Sequence[float | None], *, higher_is_better: bool) -> tuple[int, ...]:
    """Of each value a shade from 1, the worst of them, to SHADES, the best; 0 for none, and where all are equal.

    Even steps between the worst and the best: what lies close together looks alike.

    >>> shades([0.1, 0.5, None, 0.2], higher_is_better=True)
    (1, 6, 0, 2)
    """
    known = [value for value in values if value is not None]
    if not known or min(known) == max(known):
        return (0,) * len(values)
    low, high = min(known), max(known)
    return tuple(0 if value is None else _shade((value - low) / (high - low), higher_is_better) for value in values)


def _shade(place: float, higher_is_better: bool) -> int:
    good = place if higher_is_better else 1.0 - place
    return 1 + min(SHADES - 1, int(good * SHADES))
