"""The plan of a data set that may be classified from names alone, or from a few labelled images of each class.

How many images is a tier, and so a board of its own: CLIP_benchmark tells zero-shot from linear probes, too. Shots are
drawn when the data are imported, and are the same for everybody; fewer shots are some of the more.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from farfield_evaluators.plans.trials import Trials
from farfield_evaluators.run_plan import Staged, Staging, Tier
from farfield_evaluators.suites.clip_benchmark.shots import ALL, SHOTS, learned_set

if TYPE_CHECKING:
    from farfield_evaluators.benchmark import Benchmark

LEARNED = "shots"
ZERO_SHOT = "zero-shot"


def _tier(number: int | str) -> Tier:
    images = "image" if number == 1 else "images"
    if number == ALL:
        return Tier(
            name=ALL, title="All images", description="Learned from all training images.", protocol={LEARNED: ALL}
        )
    return Tier(
        name=f"{number}-shot",
        title=f"{number} {images} a class",
        description=f"Learned from {number} training {images} of each class.",
        protocol={LEARNED: number},
    )


TIERS = (
    Tier(
        name=ZERO_SHOT,
        title="Zero-shot",
        description="No training image: from the names of the classes alone.",
        protocol={LEARNED: 0},
    ),
    *(_tier(number) for number in (*SHOTS, ALL)),
)


@dataclass(frozen=True)
class FromShots(Trials):
    """Trials in which a method is given as many training images as its tier says.

    A benchmark names as its training set the one of all images.
    """

    tiers = TIERS

    def facts(self, tier: str) -> dict[str, Any]:
        return {**super().facts(""), **({"tier": {"name": tier, LEARNED: self.learned(tier)}} if tier else {})}

    def learned(self, tier: str) -> int | str:
        """How many images of each class. Raises KeyError for a tier that there is not."""
        number: int | str = {each.name: each for each in self.tiers}[tier or self.usual_tier].protocol[LEARNED]
        return number

    def problems_of(self, benchmark: "Benchmark") -> list[str]:
        found = super().problems_of(benchmark)
        return (
            found if benchmark.train_set == learned_set(ALL) else [*found, f"it has no training set {learned_set(ALL)}"]
        )

    def stage(self, staging: Staging) -> Staged:
        """As it is usual, with the training images of the tier. Raises PackError where a class has fewer."""
        number = self.learned(staging.tier)
        train_set = learned_set(number) if number else None
        return super().stage(replace(staging, benchmark=replace(staging.benchmark, train_set=train_set, plan=Trials())))
