"""How a random hyperparameter is drawn from a generator: the four ways that DomainBed's registry uses."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Value = bool | int | float | str
Draw = Callable[[np.random.RandomState], Value]


@dataclass(frozen=True)
class Fixed:
    """Always the same value; nothing is drawn."""

    value: Value

    def __call__(self, random: np.random.RandomState) -> Value:
        return self.value


@dataclass(frozen=True)
class Choice:
    """One of these values, each as likely."""

    values: tuple[Value, ...]

    def __call__(self, random: np.random.RandomState) -> Value:
        # The values' place is drawn, so that their types stay; `choice` of the values themselves draws the same place.
        return self.values[int(random.choice(len(self.values)))]


@dataclass(frozen=True)
class Uniform:
    """Uniform in [low, high); `whole` cuts off the fraction."""

    low: float
    high: float
    whole: bool = False

    def __call__(self, random: np.random.RandomState) -> Value:
        return _number(random.uniform(self.low, self.high), self.whole)


@dataclass(frozen=True)
class Power:
    """`base` to the power of a uniform number in [low, high); `whole` cuts off the fraction."""

    base: int
    low: float
    high: float
    whole: bool = False

    def __call__(self, random: np.random.RandomState) -> Value:
        return _number(self.base ** random.uniform(self.low, self.high), self.whole)


def _number(value: float, whole: bool) -> Value:
    return int(value) if whole else float(value)
