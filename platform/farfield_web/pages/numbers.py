"""Where the numbers beside a plot's dots go, so that none lies on another number or on a dot."""

from collections.abc import Iterator, Sequence

RADIUS = 5.0
DIGIT_WIDTH, DIGIT_HEIGHT = 6.5, 9.0

Place = tuple[float, float]
Box = tuple[float, float, float, float]  # left, top, right, bottom


def beside(dots: Sequence[Place], numbers: Sequence[str]) -> list[Place | None]:
    """For each dot's centre the start of its number's base line; None for no number, or where none has room.

    The first in the list choose first. Units are those of the drawing, y downwards.
    """
    taken = [(x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS) for x, y in dots]
    found: list[Place | None] = []
    for dot, number in zip(dots, numbers, strict=True):
        free = (place for place in _places(dot, number) if not _hits(box_of(place, number), taken))
        place = next(free, None) if number else None
        if place:
            taken.append(box_of(place, number))
        found.append(place)
    return found


def box_of(place: Place, number: str) -> Box:
    """What a number covers that starts here."""
    x, y = place
    return x, y - DIGIT_HEIGHT, x + DIGIT_WIDTH * len(number), y


def _places(dot: Place, number: str) -> Iterator[Place]:
    """Right of the dot, left of it, above and below, the usual first."""
    (x, y), width = dot, DIGIT_WIDTH * len(number)
    right, left, middle = x + RADIUS + 3, x - RADIUS - 3 - width, x - width / 2
    above, below = y - RADIUS, y + RADIUS + DIGIT_HEIGHT
    yield from ((right, above), (right, below), (left, above), (left, below))
    yield from ((middle, above - 3), (middle, below + 3))


def _hits(box: Box, taken: Sequence[Box]) -> bool:
    return any(overlap(box, other) for other in taken)


def overlap(one: Box, other: Box) -> bool:
    """Whether they share more than an edge."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
