"""Labels that a method asks for while it learns, a few in each of several rounds: the budget, and the account of it.

The rules are in one place for whoever holds a run to them: the runner says at once what is wrong with a question, and
the worker, which has the labels, believes nothing of it and counts for itself.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from farfield.errors import FarfieldError

Ints = npt.NDArray[np.int64]
Tell = Callable[[Ints], Ints]
MOST_ROUNDS, MOST_LABELS = 1000, 100_000


class LabelsRefused(FarfieldError):
    """A question for labels that the budget does not allow, or that names no examples of the pool."""

    code = "plugin.labels"


@dataclass(frozen=True, kw_only=True)
class Budget:
    """How many labels a method may ask for: at most `per_round` in each of at most `rounds` rounds."""

    rounds: int
    per_round: int

    @property
    def total(self) -> int:
        """Labels in all rounds together."""
        return self.rounds * self.per_round

    def problems(self) -> list[str]:
        """Why this can be no budget; empty when it can."""
        found = (
            [] if 1 <= self.rounds <= MOST_ROUNDS else [f"a budget has 1 to {MOST_ROUNDS} rounds, not {self.rounds}"]
        )
        if not 1 <= self.per_round <= MOST_LABELS:
            found.append(f"a round of a budget has 1 to {MOST_LABELS} labels, not {self.per_round}")
        return found


class Account:
    """What was asked for so far of a pool of `count` examples, and what may still be."""

    def __init__(self, budget: Budget, count: int) -> None:
        self.budget = budget
        self._told = np.zeros(count, bool)
        self._rounds: list[int] = []

    @property
    def rounds(self) -> tuple[int, ...]:
        """How many labels were given in each round."""
        return tuple(self._rounds)

    def enter(self, positions: Ints) -> None:
        """A further round of these positions [B]. Raises LabelsRefused, and nothing is entered then."""
        says = self._refusal(positions)
        if says:
            raise LabelsRefused(says)
        self._told[positions] = True
        self._rounds.append(len(positions))

    def _refusal(self, positions: Ints) -> str:
        budget, count = self.budget, len(self._told)
        if len(self._rounds) >= budget.rounds:
            return f"labels were asked for in more than the {budget.rounds} rounds of the budget"
        if not 1 <= len(positions) <= budget.per_round:
            return f"{len(positions)} labels were asked for in one round; the budget has 1 to {budget.per_round}"
        if positions.min() < 0 or positions.max() >= count:
            return f"the label of an example beyond the {count} of the pool was asked for"
        if len(np.unique(positions)) < len(positions) or self._told[positions].any():
            return "a label was asked for twice; each is given once, and is the method's to keep"
        return ""


class Labels:
    """What `fit(train, *, pool, labels)` is given: labels of the pool's examples, on request and within a budget."""

    def __init__(self, budget: Budget, count: int, tell: Tell) -> None:
        self._account, self._tell = Account(budget, count), tell

    @property
    def budget(self) -> Budget:
        """How many rounds there are, and how many labels each has at most."""
        return self._account.budget

    @property
    def rounds_left(self) -> int:
        """In how many more rounds something may be asked."""
        return self.budget.rounds - len(self._account.rounds)

    def ask(self, indices: npt.ArrayLike) -> Ints:
        """One round: the labels [B] in 0..C-1 of the examples at these positions [B] of the pool, in this order.

        Raises LabelsRefused for more than a round may have, for a round too many, for a position that the pool does not
        have, and for an example whose label was given before; nothing is counted then.
        """
        positions = _positions(indices)
        self._account.enter(positions)
        return self._tell(positions)


def _positions(indices: npt.ArrayLike) -> Ints:
    array = np.asarray(indices)
    if array.ndim != 1 or not (np.issubdtype(array.dtype, np.integer) or not array.size):
        raise LabelsRefused(f"labels are asked for by whole numbers [B], not by {array.dtype} {list(array.shape)}")
    return np.ascontiguousarray(array, np.int64)
