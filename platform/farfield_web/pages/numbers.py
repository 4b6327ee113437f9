"""Where the numbers beside a plot's dots go, so that none lies on another number or on a dot."""

from collections.abc import Iterator, Sequence

RADIUS = 5.0
DIGIT_WIDTH, STOP_WIDTH, DIGIT_HEIGHT = 6.5, 3.5, 9.0

Place = tuple[float, float]
Box = tuple[float, float, float, float]  # left, top, right, bottom


def beside(dots: Sequence[Place], numbers: Sequence[str], *, centred: bool = False) -> list[Place | None]:
    """For each dot's centre the start of its number's base line; None for no number, or where none has room.

    The first in the list choose first. With `centred` they prefer to stand right above or below their dots, so that
    it is plain whose they are where the dots stand in a line. Units are those of the drawing, y downwards.
    """
    taken = [(x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS) for x, y in dots]
    found: list[Place | None] = []
    for dot, number in zip(dots, numbers, strict=True):
        free = (place for place in _places(dot, number, centred) if not _hits(box_of(place, number), taken))
        place = next(free, None) if number else None
        if place:
            taken.append(box_of(place, number))
        found.append(place)
    return found


def box_of(place: Place, number: str) -> Box:
    """What a number covers that starts here."""
    x, y = place
    return x, y - DIGIT_HEIGHT, x + width_of(number), y


def width_of(number: str) -> float:
    """How wide it is written."""
    return sum(STOP_WIDTH if character == "." else DIGIT_WIDTH for character in number)


def _places(dot: Place, number: str, centred: bool) -> Iterator[Place]:
    """Right of the dot, left of it, above and below, the usual first."""
    (x, y), width = dot, width_of(number)
    right, left, middle = x + RADIUS + 3, x - RADIUS - 3 - width, x - width / 2
    above, below = y - RADIUS, y + RADIUS + DIGIT_HEIGHT
    corners = ((right, above), (right, below), (left, above), (left, below))
    middles = ((middle, above - 3), (middle, below + 3))
    yield from (*middles, *corners) if centred else (*corners, *middles)


def _hits(box: Box, taken: Sequence[Box]) -> bool:
    return any(overlap(box, other) for other in taken)


def overlap(one: Box, other: Box) -> bool:
    """Whether they share more than an edge."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
