"""The Pareto front: the entries that no other beats both in a figure and in what it costs. Pure functions."""

from collections.abc import Sequence


def front(points: Sequence[tuple[float, float]], *, higher_is_better: bool) -> tuple[int, ...]:
    """Of points (cost, value) the places of those on the front, by rising cost; less cost is always better.

    A point is beaten by one that costs no more and is no worse, and in one of the two better. Equal points are on the
    front together.

    >>> front([(1.0, 0.5), (2.0, 0.4), (3.0, 0.9)], higher_is_better=True)
    (0, 2)
    """
    sign = -1.0 if higher_is_better else 1.0
    order = sorted(range(len(points)), key=lambda place: (points[place][0], sign * points[place][1], place))
    kept: list[int] = []
    for place in order:
        if not kept or sign * points[place][1] < sign * points[kept[-1]][1] or points[place] == points[kept[-1]]:
            kept.append(place)
    return tuple(kept)
