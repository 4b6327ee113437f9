"""What is a number among values that a stranger wrote as JSON."""

import math
from typing import TypeGuard


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether it is a finite number that a float can hold: JSON has whole numbers that none can.

    >>> is_number(1.5), is_number(True), is_number(10**400), is_number(float("nan"))
    (True, False, False, False)
    """
    try:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:
        return False
