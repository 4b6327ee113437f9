"""DomainBed on one machine: each run of a sweep is trained in the sandbox and scored outside, one after the other.

A run that is done is kept as DomainBed's own scripts would keep it, so that a sweep that was stopped goes on where it
was, and what it has can be shown at any time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from farfield.config import check_config, settings_of
from farfield.errors import ConfigError, PredictionsError
from farfield.job import Job
from farfield.method import TaskFamily
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.domainbed.datasets import DataSet
from farfield_evaluators.domainbed.folder import write_run
from farfield_evaluators.domainbed.hparams import hparams_of
from farfield_evaluators.domainbed.records import DONE, Record, folder_name, run_args
from farfield_evaluators.domainbed.registry import algorithm_name
from farfield_evaluators.domainbed.scoring import records_of
from farfield_evaluators.domainbed.staging import EnvironmentData, class_names, environments, stage_run
from farfield_evaluators.domainbed.sweep import Cell, Tier, cells
from farfield_workers.evaluation import Description, Entrant
from farfield_workers.execution import Observer, execute, of_runner
from farfield_workers.failures import RunFailure
from farfield_workers.installed import limits_of
from farfield_workers.leftovers import scratch_folder
from farfield_workers.sandbox.base import Sandbox
from farfield_workers.untrusted import load_array, read_json_object

CHECKPOINT_BYTES = 16 << 20
SMALL_NETWORK, LARGE_NETWORK = "mnist-cnn", "resnet50"


@dataclass(frozen=True, kw_only=True)
class SweepRequest:
    """A method on a data set in a tier. `config` wins over hyperparameters drawn or default; `test_envs` narrows.

    records: where runs are kept, and found when they are done. steps replaces the tier's number of steps.
    """

    dataset: DataSet
    pack: Pack
    entrant: Entrant
    tier: Tier
    records: Path
    config: Mapping[str, Any] = field(default_factory=dict)
    test_envs: frozenset[int] = frozenset()
    steps: int | None = None
    gpu: str | None = None
    threads: int = 2


@dataclass(frozen=True, kw_only=True)
class Sweeper:
    """Runs sweeps on this machine."""

    sandbox: Sandbox
    var: Path

    def run(self, request: SweepRequest, observer: Observer) -> list[Cell]:
        """Run what is not done yet; returns the runs that were made. Raises RunFailure at the first that fails."""
        _check_request(request)
        wanted = [cell for cell in planned(request) if not is_done(cell, request)]
        for cell in wanted:
            observer.log(f"{cell.algorithm}, held out {_names(cell, request)}, trial {cell.trial_seed}\n")
            write_run(request.records, self._cell(cell, request, observer))
        return wanted

    def _cell(self, cell: Cell, request: SweepRequest, observer: Observer) -> tuple[Record, ...]:
        with scratch_folder(self.var, "run") as folder:
            found = environments(request.dataset, request.pack, cell)
            layout = stage_run(found, request.pack, cell, folder / "in")
            hparams = hparams_for(cell, request)
            job = _job(cell, request, hparams, found)
            job.write(folder / "in")
            limits = limits_of(request.entrant.description)
            execution = replace(of_runner(folder, limits), plugin=request.entrant.plugin, gpu=request.gpu)
            observer.stage("running")
            execute(self.sandbox, execution, observer)
            observer.stage("scoring")
            checkpoints = _checkpoints(execution.output, schedule_of(request))
            try:
                predictions = load_array(execution.output / "predictions.npy", (len(checkpoints), len(layout.labels)))
                return records_of(
                    layout,
                    predictions,
                    checkpoints,
                    hparams,
                    batch_size=job.schedule["batch"],
                    args=args_of(cell, request),
                )
            except PredictionsError as error:
                raise RunFailure(error.code, str(error)) from error


def planned(request: SweepRequest) -> tuple[Cell, ...]:
    """The runs of the request, in DomainBed's order."""
    every = cells(request.dataset, algorithm_name(request.entrant.description["name"]), request.tier)
    return tuple(c for c in every if not request.test_envs or set(c.test_envs) <= request.test_envs)


def is_done(cell: Cell, request: SweepRequest) -> bool:
    """Whether the run's records are there."""
    return (request.records / folder_name(args_of(cell, request)) / DONE).exists()


def args_of(cell: Cell, request: SweepRequest) -> dict[str, Any]:
    """The run's `args` as DomainBed would write them: only what is not the data set's own is named."""
    steps = request.steps or request.tier.steps
    return run_args(cell, steps=steps, checkpoint_freq=request.tier.checkpoint_every, hparams=request.config)


def hparams_for(cell: Cell, request: SweepRequest) -> dict[str, Any]:
    """The run's hyperparameters: DomainBed's defaults or draw, and what the request sets."""
    network = SMALL_NETWORK if request.dataset.small_images else LARGE_NETWORK
    drawn = hparams_of(cell.algorithm, request.dataset, cell.hparams_seed, cell.trial_seed)
    return {"featurizer": network, **drawn, **request.config}


def len_of(request: SweepRequest) -> int:
    """Training steps of a run."""
    return request.steps or request.tier.steps_of(request.dataset)


def schedule_of(request: SweepRequest) -> tuple[int, ...]:
    """The steps at which a run is evaluated."""
    steps = len_of(request)
    every = request.tier.checkpoint_every or request.dataset.checkpoint_every
    return tuple(sorted({*range(0, steps, every), steps - 1}))


def _job(cell: Cell, request: SweepRequest, hparams: Mapping[str, Any], found: Sequence[EnvironmentData]) -> Job:
    description = request.entrant.description
    names = [name for n, name in enumerate(request.dataset.environments) if n not in cell.test_envs]
    every = request.tier.checkpoint_every or request.dataset.checkpoint_every
    batch = int(hparams.get("batch_size", request.dataset.batch_size))
    return Job(
        kind="generalize",
        plugin=description["plugin"],
        name=description["name"],
        config=_settings(description, hparams),
        seed=cell.seed,
        device="cuda" if request.gpu else "cpu",
        class_names=class_names(request.dataset, request.pack),
        domain_names=tuple(names),
        threads=request.threads,
        schedule={"steps": len_of(request), "checkpoint_every": every, "batch": batch},
    )


def _settings(description: Description, hparams: Mapping[str, Any]) -> dict[str, Any]:
    """Those hyperparameters that are settings of the method; a whole float is a float to it.

    A setting called after a word of Python has an underscore behind it: DANN's `lambda` is `lambda_`.
    """
    types = {name: prop.get("type") for name, prop in settings_of(description["config_schema"])}
    chosen = {name: hparams[name.removesuffix("_")] for name in types if name.removesuffix("_") in hparams}
    chosen |= {name: hparams[name] for name in types if name in hparams}
    return {name: float(value) if types[name] == "number" else value for name, value in chosen.items()}


def _checkpoints(output: Path, steps: Sequence[int]) -> list[dict[str, Any]]:
    """What the runner noted of each checkpoint, which must be those of the schedule. Raises RunFailure."""
    try:
        found = list(read_json_object(output / "checkpoints.json", CHECKPOINT_BYTES)["checkpoints"])
        if [int(c["step"]) for c in found] != list(steps):
            raise PredictionsError(f"the checkpoints are not those of the schedule: {list(steps)[:5]} ...")
        for checkpoint in found:
            float(checkpoint["seconds"]), {n: float(v) for n, v in checkpoint["losses"].items()}
    except (PredictionsError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise RunFailure("predictions.invalid", f"checkpoints.json cannot be used: {error}") from error
    return found


def _check_request(request: SweepRequest) -> None:
    description = request.entrant.description
    if description["family"] != TaskFamily.DOMAIN_GENERALIZATION.value:
        fits = f"{description['name']} is a method for {description['family']}"
        raise RunFailure("plugin.wrong_family", f"{fits}; {request.dataset.benchmark} needs domain-generalization")
    unknown = sorted(request.test_envs - set(range(len(request.dataset.environments))))
    if unknown:
        known = ", ".join(f"{n} {name}" for n, name in enumerate(request.dataset.environments))
        raise ConfigError([f"there is no environment {unknown[0]}; {request.dataset.name} has: {known}"])
    problems = check_config(description["config_schema"], request.config)
    if problems:
        raise ConfigError(problems)


def _names(cell: Cell, request: SweepRequest) -> str:
    return " and ".join(request.dataset.environments[number] for number in cell.test_envs)
