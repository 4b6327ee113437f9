"""Sweeps: which runs an evaluation is made of, by tier. Each tier is a comparability key of its own."""

from collections.abc import Iterator
from dataclasses import dataclass

from farfield.errors import UnknownName
from farfield_evaluators.suites.domainbed.dataset import DataSet
from farfield_evaluators.suites.domainbed.datasets import checkpoint_steps
from farfield_evaluators.suites.domainbed.seeds import run_seed

HPARAMS, TRIALS = 20, 3


@dataclass(frozen=True, kw_only=True)
class Tier:
    """How much of DomainBed's sweep is run: hyperparameter draws (the first is the defaults), trials, pairs.

    A `short` one takes the steps and checkpoints that the data set has for it, in place of the protocol's.
    `unlabeled` is the share of a held-out environment's in-split that is given without labels: domain adaptation.
    """

    name: str
    hparams: int
    trials: int
    pairs: bool
    short: bool = False
    unlabeled: float = 0.0

    def steps_of(self, dataset: DataSet) -> int:
        """Training steps of a run."""
        return dataset.smoke_steps if self.short else dataset.steps

    def every_of(self, dataset: DataSet) -> int:
        """Steps from one checkpoint to the next."""
        return dataset.smoke_checkpoint_every if self.short else dataset.checkpoint_every

    def checkpoints_of(self, dataset: DataSet) -> tuple[int, ...]:
        """The steps at which a run is evaluated."""
        return checkpoint_steps(self.steps_of(dataset), self.every_of(dataset))


FULL = Tier(name="full", hparams=HPARAMS, trials=TRIALS, pairs=True)
IID = Tier(name="iid", hparams=HPARAMS, trials=TRIALS, pairs=False)
DEFAULTS = Tier(name="defaults", hparams=1, trials=TRIALS, pairs=False)
SMOKE = Tier(name="smoke", hparams=1, trials=1, pairs=False, short=True)
ADAPTATION = Tier(name="adaptation", hparams=1, trials=TRIALS, pairs=False, unlabeled=0.5)
TIERS = (FULL, IID, DEFAULTS, ADAPTATION, SMOKE)


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One run of a sweep. `test_envs` are one or two environments held out, ascending; hparams_seed 0 = defaults."""

    dataset: str
    algorithm: str
    test_envs: tuple[int, ...]
    hparams_seed: int
    trial_seed: int

    @property
    def seed(self) -> int:
        """The seed of the run by DomainBed's rule."""
        return run_seed(self.dataset, self.algorithm, self.test_envs, self.hparams_seed, self.trial_seed)


def tier(name: str) -> Tier:
    """The tier of that name. Raises UnknownName with the names there are."""
    for each in TIERS:
        if each.name == name:
            return each
    raise UnknownName("DomainBed tier", name, [t.name for t in TIERS])


def held_out(dataset: DataSet, *, pairs: bool) -> Iterator[tuple[int, ...]]:
    """Every choice of test environments in DomainBed's order: (0,), then with `pairs` (0, 1), (0, 2), ..., (1,), ...

    One of each choice is an environment that the data set's protocol tests.
    """
    count, tested = len(dataset.environments), dataset.tested
    for first in range(count):
        alone = [(first,)] if first in tested else []
        both = [(first, second) for second in range(first + 1, count) if first in tested or second in tested]
        yield from (*alone, *(both if pairs else ()))


def run_count(dataset: DataSet, of: Tier) -> int:
    """How many runs a tier is, without making them.

    >>> from farfield_evaluators.suites.domainbed.datasets import PACS
    >>> run_count(PACS, FULL), len(cells(PACS, "ERM", FULL))
    (600, 600)
    """
    choices = sum(1 for _ in held_out(dataset, pairs=of.pairs))
    return of.trials * of.hparams * choices


def cells(dataset: DataSet, algorithm: str, of: Tier) -> tuple[Cell, ...]:
    """The runs of one method on one data set, in DomainBed's order: by trial, test environments, hyperparameters."""
    return tuple(
        Cell(
            dataset=dataset.name,
            algorithm=algorithm,
            test_envs=test_envs,
            hparams_seed=hparams_seed,
            trial_seed=trial_seed,
        )
        for trial_seed in range(of.trials)
        for test_envs in held_out(dataset, pairs=of.pairs)
        for hparams_seed in range(of.hparams)
    )
