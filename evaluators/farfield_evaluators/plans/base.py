"""What plans have in common: one staged run scored as a whole, nothing to choose, nothing drawn, nothing said.

A plan takes `PlanBase` and says what differs: at least its axes, cells, facts and figures.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from farfield.config import check_config
from farfield.errors import ConfigError
from farfield_evaluators.figure import Figure
from farfield_evaluators.plans.npz import NPZ
from farfield_evaluators.plans.places import placed
from farfield_evaluators.prose import Prose
from farfield_evaluators.run_plan import (
    BasePart,
    Cell,
    Chosen,
    Entrant,
    Evidence,
    File,
    HandedIn,
    Json,
    Local,
    NotRunnable,
    Option,
    Outputs,
    RunPlan,
    RunStore,
    Selection,
    Spread,
    Staged,
    Staging,
    Tier,
    first_place,
)

if TYPE_CHECKING:
    from farfield_evaluators.benchmark import Benchmark
    from farfield_evaluators.data.packs import Ints, Pack
    from farfield_evaluators.staged_features import FeatureSource, Given


class PlanBase:
    """The defaults of a plan; see `RunPlan` for what each is."""

    tiers: tuple[Tier, ...] = ()
    selections: tuple[Selection, ...] = ()
    draws = False
    options: tuple[Option, ...] = ()
    prose = Prose()
    spread: Spread = "stderr"
    stochastic: int = 0

    @property
    def handed_in(self) -> HandedIn | None:
        return NPZ

    @property
    def open(self) -> bool:
        return False

    @property
    def usual_tier(self) -> str:
        return self.tiers[0].name if self.tiers else ""

    @property
    def usual(self) -> Json:
        return {}

    def problems_of(self, benchmark: "Benchmark") -> list[str]:
        return []

    def domains(self, names: Sequence[str]) -> set[str]:
        return set(names)

    def for_method(self: Any, description: Json) -> Any:
        """Every method is run alike."""
        return self

    def changed(self: Any, options: Mapping[str, int]) -> Any:
        """Nothing can be changed: raises ConfigError for any option."""
        if options:
            raise ConfigError([f"--{name.replace('_', '-')} is not for this benchmark" for name in options])
        return self

    def settings(self, description: Json, *, every: bool = True) -> dict[str, Any]:
        return dict(description["config_schema"])

    def setting_problems(self, description: Json, config: Json) -> list[str]:
        return check_config(dict(description["config_schema"]), config)

    def of_the_method(self, config: Json) -> dict[str, Any]:
        return dict(config)

    def labels(self, description: Json, config: Json) -> tuple[str, ...]:
        return ()

    def classes(self, pack: "Pack") -> tuple[str, ...]:
        return tuple(c.name for c in pack.classes)

    def counts(self: Any, benchmark: "Benchmark", pack: "Pack") -> dict[str, int]:
        """Those of the first run, where they differ between runs."""
        counts, here = pack.counts(), placed(benchmark, first_place(self, benchmark.name))
        by_domain = {d.name: counts[d.set] for d in here.domains}
        return by_domain | {part: counts[name] for part, name in here.learned_from().items()}

    def stage(self, staging: Staging) -> Staged:
        """The benchmark's test sets pooled and shuffled, and its training set. Raises NotRunnable."""
        from farfield_evaluators.staging import stage, told, training_domains

        benchmark, pack = placed(staging.benchmark, staging.cell.at), staging.pack
        features = self._features(staging, benchmark)
        truth = stage(benchmark, pack, staging.folder, features, staging.left_out, staging.on_request)
        job = {
            "kind": "method",
            "config": dict(staging.config),
            "seed": staging.cell.seed,
            "class_names": tuple(c.name for c in pack.classes),
            "class_synsets": tuple(c.synsets for c in pack.classes),
            "domain_names": training_domains(benchmark, pack),
        }
        job |= told(benchmark, pack, truth.numbers) | ({"captions": truth.captions.told} if truth.captions else {})
        return Staged(truth=truth, job=job, examples=len(truth), classes=truth.classes, labels=truth.pool)

    def base_part(self, staging: Staging) -> BasePart | None:
        from farfield_evaluators.base_part import base_part
        from farfield_evaluators.declared_base import declared_part

        benchmark = placed(staging.benchmark, staging.cell.at)
        if declared := staging.description.get("base"):
            if type(self).stage is not PlanBase.stage:  # it lays runs out otherwise, and says nothing of their bases
                return None
            return declared_part(staging, benchmark, declared, lambda: self._features(staging, benchmark))
        return base_part(benchmark, staging.pack, staging.config, staging.base_seed)

    def evidence(self, staging: Staging, staged: Staged, outputs: Outputs) -> Evidence:
        from farfield_evaluators.outcomes import judged

        return judged(staging.benchmark, staging.pack, staged.truth, outputs.arrays)

    def problems(self, tier: str, cell: Cell, entrant: Entrant, evidence: Evidence) -> list[str]:
        wrong = ["lines of records"] if evidence.lines else []
        wrong += ["facts"] if evidence.facts else []
        return [f"{what} came with a run that gives figures alone" for what in wrong]

    def files(self, cell: Cell, evidence: Evidence, rounded: Callable[[float], float] | None) -> Iterator[File]:
        return iter(())

    def store(self: Any, folder: Path, local: Local) -> RunStore:
        from farfield_evaluators.plans.store import FigureStore

        plan: RunPlan = self
        return FigureStore(folder=folder, local=local, plan=plan)

    def digest(self, group: str, evidence: Sequence[tuple[Cell, Evidence]]) -> tuple[Chosen, ...]:
        """Every figure of every run of the group: nothing is chosen."""
        return tuple(_as_chosen(figure, cell.at) for cell, given in evidence for figure in given.figures)

    def _features(self, staging: Staging, benchmark: "Benchmark", *further: "tuple[Pack, Ints]") -> "Given | None":
        """Those of all images that the run is given, `further` ones with them: packs, and positions in each.

        Arrays have none. Raises NotRunnable where they are needed.
        """
        from farfield_evaluators.staged_features import given
        from farfield_evaluators.staging import taken

        source, pack = staging.features, staging.pack
        if source is None:
            return None
        if pack.shape:
            has = f"{benchmark.name} has arrays of the shape {list(pack.shape)}, of which no features are computed"
            _without(source, f"{has}, and {staging.description['name']} takes features; use one of images")
            return None
        return given(source, (*taken(benchmark, pack, learned=source.learns), *further))


def _without(source: "FeatureSource", why: str) -> None:
    """There are no features. Raises NotRunnable where the method takes nothing else."""
    if source.needed:
        raise NotRunnable(why)


def _as_chosen(figure: Figure, at: Json) -> Chosen:
    return Chosen(
        metric=figure.metric, domain=figure.domain, value=figure.value, stderr=figure.stderr, n=figure.n, at=dict(at)
    )
