"""Figures as they may leave the site: rounded, because at full precision a single submission reads labels out of them.

The likelihood of logits that hold a different power for each image is a number whose digits are the labels. What a
reader can use are about four digits. Ranks are made before this, at full precision; whatever is shown, downloaded or
answered by the API goes through here, and rounding twice changes nothing.
"""

import math
from dataclasses import replace
from typing import overload

from farfield_evaluators.figure import Figure
from farfield_evaluators.plans.means import spread_factor
from farfield_evaluators.run_plan import Spread

DIGITS = 4
ERROR_DIGITS = 3
# Absolute, so that small figures do not bring their exponents along as a further message.
DECIMALS = 5
_LARGEST = 1.797e308


@overload
def figure(value: float) -> float: ...
@overload
def figure(value: None) -> None: ...
def figure(value: float | None) -> float | None:
    """A figure with four significant digits, and at most five decimals.

    >>> figure(0.123456789), figure(3.58351894), figure(0.00001234)
    (0.1235, 3.584, 1e-05)
    """
    return _rounded(value, DIGITS)


@overload
def error(value: float) -> float: ...
@overload
def error(value: None) -> None: ...
def error(value: float | None) -> float | None:
    """A standard error with three significant digits, and at most five decimals.

    >>> error(0.0123456789)
    0.0123
    """
    return _rounded(value, ERROR_DIGITS)


def rounded(whole: Figure, spread: Spread = "stderr") -> Figure:
    """A figure and its error, both rounded.

    Where another spread over repeats is shown, it is what is rounded, and the error follows from it: with both rounded
    by themselves more digits would get out than one of them has.
    """
    factor = spread_factor(spread, whole.trials) or 1.0
    stderr = None if whole.stderr is None else error(whole.stderr * factor) / factor
    return replace(whole, value=figure(whole.value), stderr=stderr)


def _rounded(value: float | None, digits: int) -> float | None:
    if value is None or not math.isfinite(value):
        return value
    rounded = round(float(f"{value:.{digits - 1}e}"), DECIMALS)
    return rounded if math.isfinite(rounded) else math.copysign(_LARGEST, value)
