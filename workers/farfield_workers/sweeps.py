"""A claim on a benchmark that is a sweep: one run of it is trained, or records that were uploaded are read."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.suites.domainbed import datasets, sweep
from farfield_evaluators.suites.domainbed.intake import lines_of_upload
from farfield_evaluators.suites.domainbed.lines import lines_of
from farfield_evaluators.suites.domainbed.registry import algorithm_name
from farfield_evaluators.suites.domainbed.sweep import Cell
from farfield_workers.cells import CellRequest, Trainer
from farfield_workers.client import Claim
from farfield_workers.evaluation import Entrant
from farfield_workers.execution import Observer
from farfield_workers.failures import RunFailure
from farfield_workers.sandbox.base import Memory


@dataclass(frozen=True, kw_only=True)
class Swept:
    """What a claim on a sweep gives: lines of results.jsonl, and the in-split sizes where the run was made here."""

    lines: str
    sizes: tuple[int, ...] = ()
    seconds: dict[str, float] | None = None
    memory: Memory | None = None


def train(
    claim: Claim, benchmark: Benchmark, pack: Pack, entrant: Entrant, trainer: Trainer, gpu: str | None, lease: Observer
) -> Swept:
    """Train the claimed run. Raises RunFailure, or another FarfieldError with a code, when it ends without records."""
    dataset, tier = datasets.find(benchmark.name), sweep.tier(claim.tier)
    request = CellRequest(
        dataset=dataset,
        pack=pack,
        entrant=entrant,
        cell=cell_of(claim, dataset, algorithm_name(entrant.description["name"])),
        steps=tier.steps_of(dataset),
        checkpoint_every=tier.every_of(dataset),
        config=claim.config,
        gpu=gpu,
    )
    trained = trainer.run(request, lease)
    lines = lines_of(trained.records)
    return Swept(lines=lines, sizes=trained.sizes, seconds=trained.seconds, memory=trained.memory)


def read_upload(claim: Claim, benchmark: Benchmark, path: Path) -> Swept:
    """The records of an uploaded sweep, in the order of its runs; nothing of them is executed.

    Raises RecordsError unless they are one method's, of this benchmark, and whole for the tier.
    """
    return Swept(lines=lines_of_upload(path, benchmark.name, claim.tier))


def cell_of(claim: Claim, dataset: datasets.DataSet, algorithm: str) -> Cell:
    """The run that is claimed. Raises RunFailure for one that the data set cannot have."""
    given: Any = claim.cell
    try:
        test_envs = tuple(sorted(int(number) for number in given["test_envs"]))
        seeds = {name: int(given[name]) for name in ("hparams_seed", "trial_seed")}
    except (KeyError, TypeError, ValueError) as error:
        raise _bad_cell(claim) from error
    fits = len({*test_envs}) == len(test_envs) in {1, 2} and all(0 <= e < len(dataset.environments) for e in test_envs)
    if not fits or min(seeds.values()) < 0:
        raise _bad_cell(claim)
    return Cell(dataset=dataset.name, algorithm=algorithm, test_envs=test_envs, **seeds)


def check_tier(benchmark: Benchmark, name: str) -> None:
    """Raises RunFailure for a tier that this worker's release does not have."""
    if benchmark.is_sweep and name not in {tier.name for tier in benchmark.tiers}:
        offered = f"this worker's {benchmark.name} has no tier called {name!r}"
        raise RunFailure("platform.benchmark_version", offered, infrastructure=True)


def _bad_cell(claim: Claim) -> RunFailure:
    message = f"the claim of run {claim.id} does not say which run of the sweep it is"
    return RunFailure("platform.benchmark_version", message, infrastructure=True)
