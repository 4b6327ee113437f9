"""Where two methods agree: on how many examples both are right, only one is, or neither (McNemar's table)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """Numbers of examples, which together are all of them."""

    both: int
    first: int
    second: int
    neither: int

    @property
    def examples(self) -> int:
        return self.both + self.first + self.second + self.neither


def agreement(first: Bools, second: Bools) -> Agreement:
    """Of whether each of two is right on the same N examples [N].

    Raises ValueError for other numbers of examples.

    >>> agreement(np.array([True, True, False]), np.array([True, False, False]))
    Agreement(both=1, first=1, second=0, neither=1)
    """
    if first.shape != second.shape or first.ndim != 1:
        raise ValueError(f"{first.shape} and {second.shape} are not the outcomes of two methods on the same examples")
    return Agreement(
        both=int((first & second).sum()),
        first=int((first & ~second).sum()),
        second=int((~first & second).sum()),
        neither=int((~first & ~second).sum()),
    )


def places_where(right: Bools, wrong: Bools, most: int) -> list[int]:
    """Of N examples the places where one is right and the other wrong: the first `most` of them."""
    return [int(place) for place in np.flatnonzero(right & ~wrong)[:most]]
