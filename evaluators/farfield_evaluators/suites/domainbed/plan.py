"""DomainBed as a run plan: sweeps over environments held out, trials and hyperparameters, with a rule to choose by.

One run is trained on the environments that are not held out and predicts every example at every checkpoint. Its records
are the evidence; in each trial and for each environment every rule chooses among the records of its runs.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from farfield_evaluators.figure import Figure
from farfield_evaluators.metric import Metric
from farfield_evaluators.metrics.catalog import ACCURACY_IID, ACCURACY_LOO, ACCURACY_ORACLE, ACCURACY_VARIATION
from farfield_evaluators.plans.base import PlanBase
from farfield_evaluators.prose import Prose
from farfield_evaluators.run_plan import (
    Axis,
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
    RunStore,
    Selection,
    Staged,
    Staging,
    Tier,
)
from farfield_evaluators.run_plan import Cell as PlanCell
from farfield_evaluators.suites.domainbed import board, by_hand, sweep
from farfield_evaluators.suites.domainbed.checkpoints import FILE, MOST_BYTES, checkpoints_in
from farfield_evaluators.suites.domainbed.dataset import HOLDOUT_FRACTION, DataSet
from farfield_evaluators.suites.domainbed.evidence import SIZES, evidence_problems, sizes_of
from farfield_evaluators.suites.domainbed.handed_in import RECORDS
from farfield_evaluators.suites.domainbed.lines import lines_of, records_in
from farfield_evaluators.suites.domainbed.packing import run_files
from farfield_evaluators.suites.domainbed.records import UNLABELED, Record
from farfield_evaluators.suites.domainbed.registry import algorithm_name
from farfield_evaluators.suites.domainbed.schedule import check_predictions_fit, check_schedule
from farfield_evaluators.suites.domainbed.selection import INFORMATIVENESS_KEY, VARIATION_KEY
from farfield_evaluators.suites.domainbed.sweep import Cell
from farfield_evaluators.suites.domainbed.training import Training, space_of

if TYPE_CHECKING:
    from farfield_evaluators.benchmark import Benchmark
    from farfield_evaluators.data.packs import Pack

HELD_OUT, DRAW, TRIAL = "test_envs", "hparams_seed", "trial_seed"
RULES: Mapping[str, Metric] = {
    "iid": ACCURACY_IID,
    "loo": ACCURACY_LOO,
    "oracle": ACCURACY_ORACLE,
    "variation": ACCURACY_VARIATION,
}
NEEDS_PAIRS = "loo"
TIERS = (sweep.DEFAULTS, sweep.IID, sweep.FULL, sweep.ADAPTATION, sweep.SMOKE)  # the usual one first
_TIER_PROSE: Mapping[str, tuple[str, str]] = {
    "defaults": ("Defaults", "Default hyperparameters, three trials, every environment held out once in each."),
    "iid": ("Single environments", "20 draws of hyperparameters, three trials, every environment held out."),
    "full": ("Full", "20 draws of hyperparameters, three trials, every environment and every pair held out."),
    "adaptation": (
        "Domain adaptation",
        "As Defaults; half of the held-out in-split is given without labels, and figures are over the other half.",
    ),
    "smoke": ("Smoke", "For authors: default hyperparameters, one trial, and a short training."),
}
_COMPUTED = (VARIATION_KEY, INFORMATIVENESS_KEY)
_GROUP = re.compile(r"held out ([0-9]+), trial ([0-9]+)", re.ASCII)

TRANSDUCTIVE = "depends on the test batch (declared)"
PROSE = Prose(
    whole="sweep",
    part="environment",
    place="Held out",
    parts="An environment is a domain: images with a common origin. Each is held out in turn, alone or with another, "
    "and trained on otherwise.",
    recorded="env{}",
    training="the larger part of every environment that is not held out",
    means={board.SHIFTS: "Average"},
    error=", as DomainBed's tables have it: the standard deviation over the square root of their number",
    selected="Which hyperparameters and which checkpoint of a sweep count. A rule looks only at the records; the same "
    "runs stand behind all of them.",
    drawn="A sweep draws the settings of each run, and its first draw are the defaults. What you fill in here is the "
    "same in every run.",
    results="Accuracy on the held-out environment in per cent, of the checkpoint that each rule selects among the runs "
    "that are done. After ±, one standard error over trials, or over test images while there is one trial.",
    seeds="by DomainBed's rule, one for each run",
    squares={DRAW: " with one draw of hyperparameters", TRIAL: ", one for each trial"},
    facts={"step": "Step", "validation": "Went by"},
    value="Accuracy",
    files="as a .zip of DomainBed's folders:",
    command="farfield score domainbed --records DIR{partial}",
)


@dataclass(frozen=True)
class DomainBed(PlanBase):
    """The plan of a data set. `titles` are its environments' in the order of their numbers.

    steps, every: for authors, another number of steps than the protocol's, and of steps from one checkpoint to the
    next.
    """

    dataset: DataSet
    titles: tuple[str, ...]
    steps: int | None = None
    every: int | None = None

    listed_by = HELD_OUT
    prose = PROSE
    draws = True
    usual_tier = sweep.SMOKE.name
    options = (
        Option(name="test_env", axis=HELD_OUT, help="only these held out"),
        Option(name="steps", help="another number of steps than the protocol's"),
    )

    @cached_property
    def axes(self) -> tuple[Axis, ...]:
        return (
            Axis(name=HELD_OUT, title="Held out", shown=self._held_out, phrase="{} held out", asked="held-out"),
            Axis(name=TRIAL, title="Trial", asked="trial", shown=lambda number: f"trial {int(number) + 1}"),
            Axis(
                name=DRAW, title="Hyperparameters", asked="draw", shown=lambda n: "defaults" if n == 0 else f"draw {n}"
            ),
        )

    @cached_property
    def tiers(self) -> tuple[Tier, ...]:  # type: ignore[override]
        return tuple(self._tier(each) for each in TIERS)

    @cached_property
    def selections(self) -> tuple[Selection, ...]:  # type: ignore[override]
        return tuple(_selection(name, metric) for name, metric in RULES.items())

    @property
    def handed_in(self) -> HandedIn | None:
        return RECORDS

    # Which runs there are.

    def facts(self, tier: str) -> dict[str, Any]:
        found: dict[str, Any] = {"trials": 1}
        if tier:
            found["tier"] = {"name": tier, **{t.name: t for t in self.tiers}[tier].protocol}
        return found

    def count(self, tier: str) -> int:
        return sweep.run_count(self.dataset, sweep.tier(tier))

    def trials(self, tier: str) -> int:
        return sweep.tier(tier).trials

    def cells(self, tier: str, entrant: Entrant) -> Iterator[PlanCell]:
        """In DomainBed's order and with its seeds: the same for every entrant of an algorithm."""
        for cell in sweep.cells(self.dataset, algorithm_name(entrant.method), sweep.tier(tier)):
            at = {HELD_OUT: list(cell.test_envs), DRAW: cell.hparams_seed, TRIAL: cell.trial_seed}
            yield PlanCell(at=at, seed=cell.seed)

    def changed(self, options: Mapping[str, int]) -> "DomainBed":
        return replace(self, steps=options["steps"]) if "steps" in options else self

    # What can be set.

    def settings(self, description: Json, *, every: bool = True) -> dict[str, Any]:
        space, name = space_of(self.dataset, description), description["name"]
        return by_hand.sweep_schema(description["config_schema"], name, space, every=every)

    def setting_problems(self, description: Json, config: Json) -> list[str]:
        space, name = space_of(self.dataset, description), description["name"]
        return by_hand.sweep_problems(description["config_schema"], name, space, config)

    def of_the_method(self, config: Json) -> dict[str, Any]:
        return by_hand.of_the_method(config)

    def labels(self, description: Json, config: Json) -> tuple[str, ...]:
        """Whether its network starts from scratch where DomainBed has weights of ImageNet.

        A run of a sweep is not probed, so a method's own word about test batches stands.
        """
        space = space_of(self.dataset, description)
        scratch = by_hand.from_scratch(description["config_schema"], config, space)
        return (*(["from scratch"] if scratch else []), *([TRANSDUCTIVE] if description.get("transductive") else []))

    # One run, on a worker.

    def classes(self, pack: "Pack") -> tuple[str, ...]:
        from farfield_evaluators.suites.domainbed.staging import class_names

        return class_names(self.dataset, pack)

    def counts(self, benchmark: "Benchmark", pack: "Pack") -> dict[str, int]:
        from farfield_evaluators.suites.domainbed.staging import environment_sizes

        return environment_sizes(self.dataset, pack)

    def stage(self, staging: Staging) -> Staged:
        from farfield_evaluators.suites.domainbed.staging import environments, stage_run

        run, pack = self.training(staging.tier, staging.cell, staging.entrant, staging), staging.pack
        check_schedule(run.steps, run.checkpoint_every)
        check_predictions_fit(len(run.checkpoints), len(pack.labels), staging.room)
        features = self._features_of(staging)
        grouped = bool(staging.description["transductive"])
        every = environments(self.dataset, pack, run.cell, run.unlabeled)
        layout = stage_run(
            every, pack, run.cell, staging.folder, features, grouped=grouped, on_request=staging.on_request
        )
        classes = self.classes(pack)
        return Staged(
            truth=layout,
            job=run.job(classes),
            examples=len(layout.labels),
            classes=len(classes),
            checkpoints=run.checkpoints,
            notes={FILE: MOST_BYTES},
            remark=run.remark,
        )

    def evidence(self, staging: Staging, staged: Staged, outputs: Outputs) -> Evidence:
        from farfield_evaluators.suites.domainbed.scoring import records_of

        run = self.training(staging.tier, staging.cell, staging.entrant, staging)
        records = records_of(
            staged.truth,
            outputs.arrays["predictions"],
            checkpoints_in(outputs.notes[FILE], run.checkpoints),
            run.hparams,
            batch_size=run.batch,
            args=run.args,
            classes=staged.classes,
        )
        return Evidence(lines=lines_of(records), facts={SIZES: list(staged.truth.in_sizes)})

    def training(self, tier: str, cell: PlanCell, entrant: Entrant, of: Staging | Local) -> Training:
        """One run of the sweep. Raises NotRunnable `platform.benchmark_version` for one the data set cannot have."""
        steps, every = self.schedule(tier)
        return Training(
            dataset=self.dataset,
            cell=self.cell_at(cell.at, entrant.method),
            steps=steps,
            checkpoint_every=every,
            unlabeled=sweep.tier(tier).unlabeled,
            description=of.description,
            config=of.config,
        )

    def schedule(self, tier: str) -> tuple[int, int]:
        """Steps of a run, and steps from one checkpoint to the next."""
        size = sweep.tier(tier)
        steps = size.steps_of(self.dataset) if self.steps is None else self.steps
        return steps, size.every_of(self.dataset) if self.every is None else self.every

    def cell_at(self, at: Json, method: str) -> Cell:
        """The run of the sweep at this place. Raises NotRunnable for one that the data set cannot have."""
        try:
            test_envs = tuple(sorted(int(number) for number in at[HELD_OUT]))
            draw, trial = int(at[DRAW]), int(at[TRIAL])
        except (KeyError, TypeError, ValueError) as error:
            raise _no_cell(self.dataset, at) from error
        possible = all(0 <= number < len(self.dataset.environments) for number in test_envs)
        if not possible or len({*test_envs}) != len(test_envs) or len(test_envs) not in {1, 2} or min(draw, trial) < 0:
            raise _no_cell(self.dataset, at)
        algorithm = algorithm_name(method)
        return Cell(
            dataset=self.dataset.name, algorithm=algorithm, test_envs=test_envs, hparams_seed=draw, trial_seed=trial
        )

    # Evidence, on the site.

    def problems(self, tier: str, cell: PlanCell, entrant: Entrant, evidence: Evidence) -> list[str]:
        own = self.cell_at(cell.at, entrant.method) if cell.at else None
        return list(evidence_problems(evidence, own, self.dataset, sweep.tier(tier)))

    def groups(self, at: Json) -> tuple[str, ...]:
        """The rules choose in each trial and for each environment held out; of records handed in, in all at once."""
        tested = [number for number in at.get(HELD_OUT, ()) if number in self.dataset.tested]
        return tuple(f"held out {number}, trial {at[TRIAL]}" for number in tested) if at else ("",)

    def digest(self, group: str, evidence: Sequence[tuple[PlanCell, Evidence]]) -> tuple[Chosen, ...]:
        records = [record for _, given in evidence for record in records_in(given.lines)[0]]
        place = _GROUP.fullmatch(group)
        if place is None:
            trials = {(env, r.args["trial_seed"]) for r in records for env in r.args["test_envs"]}
            every = sorted((env, trial) for env, trial in trials if env in self.dataset.tested)
            return tuple(self._as_chosen(c) for env, trial in every for c in board.choose_all(records, env, trial))
        env, trial = int(place[1]), int(place[2])
        alone = [sizes_of(given) for cell, given in evidence if list(cell.at[HELD_OUT]) == [env]]
        sizes = alone[-1] if alone else []
        return tuple(self._as_chosen(c) for c in board.choose_all(records, env, trial, sizes))

    def figures(self, chosen: Iterable[Chosen], tier: str = "") -> tuple[Figure, ...]:
        return board.scores_of([self._from_chosen(each) for each in chosen], self.dataset)

    def files(self, cell: PlanCell, evidence: Evidence, rounded: Callable[[float], float] | None) -> Iterator[File]:
        """Run folders as DomainBed's own sweep makes them; what somebody else computed stays as it was sent."""
        records = records_in(evidence.lines)[0]
        rounds = rounded if cell.at else None
        return run_files(records if rounds is None else [_rounded(record, rounds) for record in records])

    # At home.

    def store(self, folder: Path, local: Local) -> RunStore:
        from farfield_evaluators.suites.domainbed.store import RecordStore

        check_schedule(*self.schedule(local.tier))
        return RecordStore(folder=folder, local=local, plan=self)

    def _tier(self, of: sweep.Tier) -> Tier:
        protocol = {
            "hparams": of.hparams,
            "trials": of.trials,
            "pairs": of.pairs,
            "steps": of.steps_of(self.dataset),
            "checkpoint_every": of.every_of(self.dataset),
            "holdout_fraction": HOLDOUT_FRACTION,
            **({UNLABELED: of.unlabeled} if of.unlabeled else {}),
        }
        title, says = _TIER_PROSE[of.name]
        description = f"{says} {sweep.run_count(self.dataset, of)} runs."
        return Tier(name=of.name, title=title, description=description, protocol=protocol)

    def _features_of(self, staging: Staging) -> Any:
        if staging.features is None:
            return None
        if not staging.features.needed:
            return None
        if self.dataset.rule:
            name, made = staging.description["name"], f"{self.dataset.name} makes its images anew for each trial"
            raise NotRunnable(f"{made}, so {name} has no features to take; take images")
        return staging.features.of(staging.pack, np.arange(len(staging.pack.spans)))

    def _held_out(self, numbers: Sequence[int]) -> str:
        return " and ".join(self.titles[n] if n < len(self.titles) else str(n) for n in numbers)

    def _as_chosen(self, of: board.Chosen) -> Chosen:
        return Chosen(
            metric=board.metric_of(of.rule),
            domain=self.dataset.environments[of.test_env],
            value=of.test,
            n=of.n,
            at={HELD_OUT: [of.test_env], TRIAL: of.trial_seed},
            facts={"test_env": of.test_env, DRAW: of.hparams_seed, "step": of.step, "validation": of.validation},
        )

    def _from_chosen(self, of: Chosen) -> board.Chosen:
        rule = next(name for name in RULES if board.metric_of(name) == of.metric)
        return board.Chosen(
            rule=rule,
            test_env=of.at[HELD_OUT][0],
            trial_seed=of.at[TRIAL],
            hparams_seed=of.facts[DRAW],
            step=of.facts["step"],
            validation=of.facts["validation"],
            test=of.value,
            n=of.n,
        )


def _selection(name: str, metric: Metric) -> Selection:
    """Titled by the part of the metric's title that names the rule: what follows the comma."""
    rule = metric.title.rpartition(", ")[2]
    title = rule[:1].upper() + rule[1:]
    why = f"{title} needs pairs of environments held out, which only the tier Full has."
    lacking = {tier.name: why for tier in TIERS if not tier.pairs} if name == NEEDS_PAIRS else {}
    return Selection(name=name, title=title, help=metric.description, metric=metric.name, lacking=lacking)


def _no_cell(dataset: DataSet, at: Json) -> NotRunnable:
    refused = NotRunnable(f"no run of {dataset.name} is at {ascii(dict(at))[:200]}")
    refused.code = "platform.benchmark_version"
    return refused


def _rounded(record: Record, rounded: Callable[[float], float]) -> Record:
    """With the accuracies that were computed here as they may leave; what the method wrote stays as it is."""
    values = {n: rounded(value) if n in _COMPUTED else value for n, value in record.values.items()}
    in_acc, out_acc = (tuple(map(rounded, accuracies)) for accuracies in (record.in_acc, record.out_acc))
    return replace(record, in_acc=in_acc, out_acc=out_acc, values=values)
