"""A grid of settings, each repeated: shots x seeds, for example. Figures are means over the repeats.

At a point of the grid (`{"shots": 5}`) a figure is the mean over its repeats, on the domain `novel[shots=5]`; on the
plain domain it is the mean over all points, once there are all. Their errors are nested, see `plans.means`: at a point
over its repeats; of the mean over points, over the repeats that have all points, for what a repeat has in common (the
images that a seed drew) moves all its points alike. With a single repeat it is that of a mean of independent figures.
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from statistics import fmean
from typing import TYPE_CHECKING, Any

from farfield_evaluators.figure import Figure
from farfield_evaluators.plans.base import PlanBase
from farfield_evaluators.plans.means import Key, common_keys, grouped, mean_of, of_independent, total
from farfield_evaluators.plans.places import strange_placeholders
from farfield_evaluators.run_plan import Axis, Cell, Chosen, Entrant, HandedIn, Json, Tier
from farfield_evaluators.seeds import cell_seed

if TYPE_CHECKING:
    from farfield_evaluators.benchmark import Benchmark

Levels = Mapping[str, Sequence[Any]]
AXES = "axes"


@dataclass(frozen=True, kw_only=True)
class Grid(PlanBase):
    """`levels` has the values of each axis, JSON each; `mean_over` is the axis of the repeats.

    A tier may narrow axes: its protocol has {"axes": {"seed": [0]}}. titles: of axes, where their names do not do.
    """

    levels: Levels = field(hash=False)
    mean_over: str
    tiers: tuple[Tier, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def axes(self) -> tuple[Axis, ...]:
        return tuple(self._axis(name) for name in self.levels)

    @property
    def listed_by(self) -> str:
        return next((name for name in self.levels if name != self.mean_over), self.mean_over)

    @property
    def handed_in(self) -> HandedIn | None:
        """Nothing: a file of predictions has those of one run."""
        return None

    def facts(self, tier: str) -> dict[str, Any]:
        levels = {name: list(values) for name, values in self.levels_of(tier).items()}
        return {"plan": {"kind": "grid", AXES: levels, "mean_over": self.mean_over}} | self._tier_facts(tier)

    def problems_of(self, benchmark: "Benchmark") -> list[str]:
        problems = [] if self.mean_over in self.levels else [f"its plan has no axis {self.mean_over!r} to mean over"]
        problems += [f"its plan's axis {name!r} has no values" for name, values in self.levels.items() if not values]
        problems += [f"its plan's axis {name!r} has a value twice" for name, v in self.levels.items() if _has_twice(v)]
        return problems + self._narrowing_problems() + strange_placeholders(benchmark, list(self.levels))

    def levels_of(self, tier: str) -> dict[str, tuple[Any, ...]]:
        """The values of each axis in a tier. Raises KeyError for a tier the plan does not have."""
        narrowed = {t.name: t for t in self.tiers}[tier].protocol.get(AXES, {}) if tier else {}
        return {name: tuple(narrowed.get(name, values)) for name, values in self.levels.items()}

    def domains(self, names: Sequence[str]) -> set[str]:
        """The plain ones, and each at every point of the grid."""
        points = [{**dict(zip(self._points_axes, values, strict=True))} for values in product(*self._points_levels)]
        return {*names, *(at_point(name, point) for name in names for point in points if point)}

    def count(self, tier: str) -> int:
        return math.prod(len(values) for values in self.levels_of(tier).values())

    def trials(self, tier: str) -> int:
        return len(self.levels_of(tier)[self.mean_over])

    def cells(self, tier: str, entrant: Entrant) -> Iterator[Cell]:
        levels = self.levels_of(tier)
        for values in product(*levels.values()):
            at = dict(zip(levels, values, strict=True))
            yield Cell(at=at, seed=cell_seed(entrant.identity, entrant.benchmark, at))

    def groups(self, at: Json) -> tuple[str, ...]:
        """Every run is a group of its own: nothing is chosen."""
        return (canonical(at),)

    def figures(self, chosen: Iterable[Chosen], tier: str = "") -> tuple[Figure, ...]:
        points = grouped(chosen, lambda c: canonical(self._point(c)))
        found = [figure for runs in points.values() for figure in self._at_point(runs)]
        whole = math.prod(len(values) for name, values in self.levels_of(tier).items() if name != self.mean_over)
        if whole == 1 or len(points) < whole:
            return tuple(found)
        return (*found, *self._over_points(list(points.values())))

    def _at_point(self, chosen: Sequence[Chosen]) -> Iterator[Figure]:
        point = self._point(chosen[0])
        runs = self._by_repeat(chosen)
        for key in common_keys([list(run.values()) for run in runs.values()]):
            yield mean_of([run[key] for run in runs.values()], at_point(key[1], point))

    def _over_points(self, points: Sequence[Sequence[Chosen]]) -> Iterator[Figure]:
        """Of what all points have: the mean of their figures."""
        by_point = [self._by_repeat(chosen) for chosen in points]
        keys = [common_keys([list(run.values()) for run in runs.values()]) for runs in by_point]
        for key in keys[0]:
            if all(key in of for of in keys):
                yield _mean_over_points(key, [{r: run[key] for r, run in runs.items()} for runs in by_point])

    def _by_repeat(self, chosen: Sequence[Chosen]) -> dict[str, dict[Key, Chosen]]:
        runs = grouped(chosen, lambda c: canonical({self.mean_over: c.at[self.mean_over]}))
        return {repeat: {(c.metric, c.domain): c for c in members} for repeat, members in runs.items()}

    def _point(self, chosen: Chosen) -> dict[str, Any]:
        return {name: chosen.at[name] for name in self._points_axes}

    @property
    def _points_axes(self) -> list[str]:
        return [name for name in self.levels if name != self.mean_over]

    @property
    def _points_levels(self) -> list[Sequence[Any]]:
        return [self.levels[name] for name in self._points_axes]

    def _axis(self, name: str) -> Axis:
        title = self.titles.get(name, name.replace("_", " ").capitalize())
        return Axis(name=name, title=title, shown=lambda value: f"{name.replace('_', ' ')} {value}")

    def _tier_facts(self, tier: str) -> dict[str, Any]:
        return {"tier": {"name": tier, **{t.name: t for t in self.tiers}[tier].protocol}} if tier else {}

    def _narrowing_problems(self) -> list[str]:
        problems = []
        for tier in self.tiers:
            for name, values in tier.protocol.get(AXES, {}).items():
                beyond = [value for value in values if value not in self.levels.get(name, ())]
                if beyond or not values:
                    problems.append(f"the tier {tier.name!r} has values of {name!r} that its plan has not")
        return problems


def at_point(domain: str, point: Json) -> str:
    """The name of a domain at a point of a grid; of the only point, its own.

    >>> at_point("novel", {"shots": 5}), at_point("novel", {})
    ('novel[shots=5]', 'novel')
    """
    inside = ",".join(f"{name}={value}" for name, value in point.items())
    return f"{domain}[{inside}]" if inside else domain


def canonical(at: Json) -> str:
    """One text for one place."""
    return json.dumps(dict(at), sort_keys=True)


def _mean_over_points(key: Key, points: Sequence[Mapping[str, Chosen]]) -> Figure:
    at_points = [mean_of(list(runs.values())) for runs in points]
    whole = [repeat for repeat in points[0] if all(repeat in runs for runs in points)]
    means = [fmean(runs[repeat].value for runs in points) for repeat in whole]
    over = mean_of([Chosen(metric=key[0], domain=key[1], value=mean) for mean in means]) if len(means) > 1 else None
    return Figure(
        metric=key[0],
        domain=key[1],
        value=fmean(figure.value for figure in at_points),
        stderr=over.stderr if over is not None else of_independent([figure.stderr for figure in at_points]),
        n=total([figure.n for figure in at_points]),
        trials=max(1, len(means)),
    )


def _has_twice(values: Sequence[Any]) -> bool:
    return len({canonical({"": value}) for value in values}) < len(values)
