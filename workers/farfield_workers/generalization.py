"""DomainBed on one machine: the runs of a sweep, one after the other.

A run that is done is kept as DomainBed's own scripts would keep it, so that a sweep that was stopped goes on where it
was, and what it has can be shown at any time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from farfield.errors import ConfigError
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.suites.domainbed.additions import check_addition
from farfield_evaluators.suites.domainbed.datasets import DataSet
from farfield_evaluators.suites.domainbed.folder import write_run
from farfield_evaluators.suites.domainbed.records import DONE, folder_name
from farfield_evaluators.suites.domainbed.registry import algorithm_name
from farfield_evaluators.suites.domainbed.sweep import Cell, Tier, cells
from farfield_workers.budget import check_schedule
from farfield_workers.cells import CellRequest, Trainer, check_entrant
from farfield_workers.evaluation import Entrant
from farfield_workers.execution import Observer
from farfield_workers.held import memory_line


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

    trainer: Trainer

    def run(self, request: SweepRequest, observer: Observer) -> list[Cell]:
        """Run what is not done yet; returns the runs that were made.

        Raises RecordsError for a folder that the runs cannot be added to, before any is made; and as `Trainer.run`,
        at the first failure.
        """
        _check_request(request)
        check_addition(request.records, [cell_request(cell, request).args for cell in planned(request)])
        wanted = [cell for cell in planned(request) if not is_done(cell, request)]
        for cell in wanted:
            observer.log(f"{cell.algorithm}, held out {_names(cell, request)}, trial {cell.trial_seed}\n")
            trained = self.trainer.run(cell_request(cell, request), observer)
            write_run(request.records, trained.records)
            observer.log(memory_line(trained.memory))
        return wanted


def planned(request: SweepRequest) -> tuple[Cell, ...]:
    """The runs of the request, in DomainBed's order."""
    every = cells(request.dataset, algorithm_name(request.entrant.description["name"]), request.tier)
    return tuple(c for c in every if not request.test_envs or set(c.test_envs) <= request.test_envs)


def is_done(cell: Cell, request: SweepRequest) -> bool:
    """Whether the run's records are there."""
    return (request.records / folder_name(cell_request(cell, request).args) / DONE).exists()


def cell_request(cell: Cell, request: SweepRequest) -> CellRequest:
    """What one run of the sweep asks for."""
    return CellRequest(
        dataset=request.dataset,
        pack=request.pack,
        entrant=request.entrant,
        cell=cell,
        steps=_steps(request),
        checkpoint_every=request.tier.every_of(request.dataset),
        config=request.config,
        gpu=request.gpu,
        threads=request.threads,
    )


def _steps(request: SweepRequest) -> int:
    return request.tier.steps_of(request.dataset) if request.steps is None else request.steps


def _check_request(request: SweepRequest) -> None:
    check_entrant(request.entrant, request.dataset, request.config, request.gpu)
    check_schedule(_steps(request), request.tier.every_of(request.dataset))
    unknown = sorted(request.test_envs - set(range(len(request.dataset.environments))))
    if unknown:
        known = ", ".join(f"{n} {name}" for n, name in enumerate(request.dataset.environments))
        raise ConfigError([f"there is no environment {unknown[0]}; {request.dataset.name} has: {known}"])


def _names(cell: Cell, request: SweepRequest) -> str:
    return " and ".join(request.dataset.environments[number] for number in cell.test_envs)
