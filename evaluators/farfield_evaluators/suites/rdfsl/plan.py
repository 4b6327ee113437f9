"""The plan of episodic few-shot classification: a run for each number of shots, and in it all episodes of all domains.

A figure at a number of shots is the mean over episodes, on the domain `animal[shots=5]`, and after ± stands its 95%
interval, 1.96 standard deviations (ddof 0) over the root of the number of episodes, as in publications.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from farfield.families.few_shot_classification import Episode
from farfield_evaluators.benchmark import BASE, Benchmark
from farfield_evaluators.figure import Figure
from farfield_evaluators.plans.base import PlanBase
from farfield_evaluators.plans.grid import at_point
from farfield_evaluators.plans.means import spread_fact
from farfield_evaluators.prose import Prose
from farfield_evaluators.run_plan import (
    Axis,
    BasePart,
    Cell,
    Chosen,
    Entrant,
    HandedIn,
    Json,
    Spread,
    Staged,
    Staging,
)
from farfield_evaluators.seeds import cell_seed

if TYPE_CHECKING:
    from farfield_evaluators.data.packs import Pack

SHOTS = "shots"
PROSE = Prose(
    results="Over the episodes of the runs that are done. After ±, the 95% interval over episodes: 1.96 standard "
    "deviations (ddof 0) over the root of their number."
)


@dataclass(frozen=True, kw_only=True)
class Episodes(PlanBase):
    """`episodes` of each test domain at these numbers of shots, of `way` classes with so many queries each.

    They are drawn from `seed`, the same for every entry. With `others` there are as many queries of each of so many
    further classes, which are none of the episode's.
    """

    shots: tuple[int, ...] = (1, 5, 10)
    way: int = 5
    queries: int = 15
    episodes: int = 600
    seed: int = 10
    others: int = 0

    axes = (Axis(name=SHOTS, title="Shots", shown=lambda number: f"{number} shot{'' if number == 1 else 's'}"),)
    listed_by = SHOTS
    spread: Spread = "ci95"
    prose = PROSE

    @property
    def handed_in(self) -> HandedIn | None:
        """Nothing: a file of predictions has a row for each image, and here an image has one in many episodes."""
        return None

    @property
    def open(self) -> bool:
        return self.others > 0

    def episode(self, at: Json) -> Episode:
        """The shape of the episodes of a run."""
        return Episode(way=self.way, shots=at[SHOTS], queries=self.queries, others=self.others)

    def facts(self, tier: str) -> dict[str, Any]:
        if tier:
            raise KeyError(tier)
        drawn = {"way": self.way, "queries": self.queries, "episodes": self.episodes, "seed": self.seed}
        drawn |= {"others": self.others} if self.open else {}
        return {"plan": {"kind": "episodes", SHOTS: list(self.shots), **drawn, **spread_fact(self.spread)}}

    def problems_of(self, benchmark: Benchmark) -> list[str]:
        numbers = (self.way, self.queries, self.episodes, *self.shots)
        fits = self.shots and min(numbers) > 0 and self.others >= 0
        problems = [] if fits else ["shots, ways, queries and episodes must be from 1"]
        problems += [] if len(set(self.shots)) == len(self.shots) else ["it has a number of shots twice"]
        return problems + ([] if BASE in benchmark.parts else ["it has no part `base`, whose classes are known before"])

    def domains(self, names: Sequence[str]) -> set[str]:
        return {at_point(name, {SHOTS: number}) for name in names for number in self.shots}

    def count(self, tier: str) -> int:
        return len(self.shots)

    def trials(self, tier: str) -> int:
        """An episode is to be what a trial is elsewhere."""
        return self.episodes

    def cells(self, tier: str, entrant: Entrant) -> Iterator[Cell]:
        for number in self.shots:
            yield Cell(at={SHOTS: number}, seed=cell_seed(entrant.identity, entrant.benchmark, {SHOTS: number}))

    def stage(self, staging: Staging) -> Staged:
        """All episodes, and the base set. Only base classes have names: those of an episode are nobody's to know."""
        from farfield_evaluators.staging import stage_inputs, stage_part, training_domains
        from farfield_evaluators.suites.rdfsl.staging import truth_of

        benchmark, pack, episode = staging.benchmark, staging.pack, self.episode(staging.cell.at)
        truth = truth_of(benchmark, pack, episode, self.episodes, self.seed)
        assert truth.positions is not None  # noqa: S101 - of a staged run they are known
        features = self._features(staging, benchmark, (pack, truth.positions))
        rows = None if features is None else features.of(pack)
        stage_inputs(pack, staging.folder / "test", truth.positions, rows, alone=False)
        if BASE not in staging.left_out:
            stage_part(benchmark, pack, BASE, staging.folder, features, alone=not staging.on_request)
        job = {
            "kind": "method",
            "config": dict(staging.config),
            "seed": staging.cell.seed,
            "domain_names": training_domains(benchmark, pack),
            "schedule": episode.steps,
            **_named(benchmark, pack),
        }
        return Staged(truth=truth, job=job, examples=len(truth), classes=truth.classes)

    def base_part(self, staging: Staging) -> BasePart | None:
        part = super().base_part(staging)
        return part and replace(part, job={**part.job, **_named(staging.benchmark, staging.pack)})

    def groups(self, at: Json) -> tuple[str, ...]:
        return (str(at.get(SHOTS, "")),)

    def figures(self, chosen: Iterable[Chosen], tier: str = "") -> tuple[Figure, ...]:
        """Those of each run, at its number of shots. Each is a mean over episodes, which stand for trials."""
        return tuple(
            Figure(
                metric=c.metric,
                domain=at_point(c.domain, c.at),
                value=c.value,
                stderr=c.stderr,
                n=c.n,
                trials=self.episodes,
            )
            for c in chosen
        )


def _named(benchmark: Benchmark, pack: "Pack") -> dict[str, Any]:
    """The base classes, which come first in a pack, as entries of a job."""
    lender, positions = pack.training(benchmark.parts[BASE])
    known = pack.classes[: int(lender.labels[positions].max()) + 1]
    return {"class_names": tuple(c.name for c in known), "class_synsets": tuple(c.synsets for c in known)}
