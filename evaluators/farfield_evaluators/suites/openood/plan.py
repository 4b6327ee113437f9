"""The plan of open-set recognition: each split has known classes of its own, and a method is told of no others.

Which are known in a split its training images say. A method gets them numbered from 0, by their names alone; so many
logits are asked of it. That is how OpenOOD trains and tests a network for each of its five splits (Yang et al. 2022,
arXiv 2210.07242).
"""

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from farfield_evaluators.data.pack import Ints, Pack
from farfield_evaluators.plans.folds import FOLD, Folds
from farfield_evaluators.plans.places import placed
from farfield_evaluators.run_plan import Axis, Staged, Staging

if TYPE_CHECKING:
    from farfield_evaluators.benchmark import Benchmark


@dataclass(frozen=True, kw_only=True)
class KnownPart(Pack):
    """A pack as it is for those who know some of its classes: these alone, numbered from 0; all others are -1.

    known: the numbers of these classes in the pack, ascending; whole: how many it has.
    """

    known: tuple[int, ...]
    whole: int

    @property
    def labels(self) -> Ints:
        numbers = np.full(self.whole + 1, -1, np.int64)  # the last is that of images without a class
        numbers[list(self.known)] = np.arange(len(self.known))
        return numbers[super().labels]


def known_part(pack: Pack, train_set: str) -> KnownPart:
    """The pack with the classes that its training set has."""
    known = tuple(np.unique(pack.labels[pack.members(train_set)]).tolist())
    own = {field.name: getattr(pack, field.name) for field in fields(pack)}
    own |= {"classes": tuple(pack.classes[number] for number in known)}
    return KnownPart(**own, known=known, whole=len(pack.classes))


@dataclass(frozen=True)
class OpenSetSplits(Folds):
    """One run on each split, with its own known classes."""

    axes = (Axis(name=FOLD, title="Split", shown=lambda name: f"split {name}"),)

    def facts(self, tier: str) -> dict[str, Any]:
        plan = super().facts(tier)["plan"]
        return {"plan": {**plan, "kind": "open-set splits"}}

    def problems_of(self, benchmark: "Benchmark") -> list[str]:
        problems = [] if benchmark.train_set else ["it has no training set, which would say what is known"]
        return problems + super().problems_of(benchmark)

    def stage(self, staging: Staging) -> Staged:
        train_set = placed(staging.benchmark, staging.cell.at).train_set
        assert train_set is not None  # noqa: S101 - `problems_of` asks for one
        return super().stage(replace(staging, pack=known_part(staging.pack, train_set)))
