"""One run of a sweep as values: its hyperparameters, its arguments as records have them, and the runner's job."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from farfield.config import JsonObject, settings_of
from farfield.runtime.job import BALANCED
from farfield_evaluators.suites.domainbed.by_hand import (
    BATCH_SIZE,
    CLASS_BALANCED,
    CROP,
    FEATURIZER,
    SCRATCH,
    as_space,
    from_scratch,
    named_as_domainbed,
    network_of,
)
from farfield_evaluators.suites.domainbed.dataset import DataSet
from farfield_evaluators.suites.domainbed.datasets import checkpoint_steps
from farfield_evaluators.suites.domainbed.hparams import hparams_of
from farfield_evaluators.suites.domainbed.records import run_args
from farfield_evaluators.suites.domainbed.registry import drawn_as
from farfield_evaluators.suites.domainbed.sweep import Cell

Json = Mapping[str, Any]
WITHOUT_WEIGHTS = (
    "farfield: {network} starts FROM SCRATCH, where DomainBed has the weights of ImageNet: its tables do not compare "
    "with these figures. Give a file by the setting `weights`.\n"
)


@dataclass(frozen=True, kw_only=True)
class Training:
    """One run: a described method on a data set, which environments are held out, and how long it is trained.

    `config` is what was set by hand; it wins over hyperparameters drawn or default. A checkpoint falls on every
    `checkpoint_every`-th of `steps` steps and on the last.
    """

    dataset: DataSet
    cell: Cell
    steps: int
    checkpoint_every: int
    description: Json
    unlabeled: float = 0.0
    config: Json = field(default_factory=dict)

    @property
    def checkpoints(self) -> tuple[int, ...]:
        """The steps at which the run is evaluated."""
        return checkpoint_steps(self.steps, self.checkpoint_every)

    @property
    def args(self) -> dict[str, Any]:
        """The run's `args` as DomainBed would write them: only what is not the data set's own is named."""
        own = (self.dataset.steps, self.dataset.checkpoint_every)
        steps, every = (
            None if value == default else value
            for value, default in zip((self.steps, self.checkpoint_every), own, strict=True)
        )
        return run_args(self.cell, steps=steps, checkpoint_freq=every, hparams=self.config, unlabeled=self.unlabeled)

    @property
    def hparams(self) -> dict[str, Any]:
        """The run's hyperparameters: DomainBed's defaults or draw, and what was set by hand, by DomainBed's names.

        A network that starts without the weights that DomainBed has says so here, and so in every record.
        """
        cell, space = self.cell, space_of(self.dataset, self.description)
        drawn = hparams_of(drawn_as(cell.algorithm), space, cell.hparams_seed, cell.trial_seed)
        chosen = {**drawn, **named_as_domainbed(self.config, drawn)}
        if not takes_features(self.description):
            chosen = {FEATURIZER: network_of(chosen, self.dataset), **chosen}
        if not self.dataset.crops:
            chosen = {CROP: False, **chosen}
        scratch = {SCRATCH: True} if from_scratch(self.description["config_schema"], chosen, self.dataset) else {}
        return {**chosen, **scratch}

    @property
    def batch(self) -> int:
        """Images of each training environment in a step."""
        return int(self.hparams.get(BATCH_SIZE, space_of(self.dataset, self.description).batch_size))

    @property
    def remark(self) -> str:
        """What the log says before the run; empty where there is nothing."""
        hparams = self.hparams
        return WITHOUT_WEIGHTS.format(network=hparams[FEATURIZER]) if hparams.get(SCRATCH) else ""

    def job(self, classes: tuple[str, ...]) -> dict[str, Any]:
        """The run's entries of the runner's job file."""
        hparams = self.hparams
        names = self.dataset.environments
        return {
            "kind": "generalize",
            "config": settings_from(self.description["config_schema"], hparams),
            "seed": self.cell.seed,
            "class_names": classes,
            "domain_names": tuple(n for number, n in enumerate(names) if number not in self.cell.test_envs),
            "schedule": {
                "steps": self.steps,
                "checkpoint_every": self.checkpoint_every,
                "batch": self.batch,
                # Only where it is wanted: an image may hold a runner that does not know it.
                **({BALANCED: True} if hparams.get(CLASS_BALANCED) else {}),
            },
        }


def takes_features(description: Json) -> bool:
    """Whether the method takes features of a frozen backbone instead of images."""
    return bool(description.get("inputs", {}).get("kind") == "features")


def space_of(dataset: DataSet, description: Json) -> DataSet:
    """The data set as a method's hyperparameters see it: on features of a frozen backbone nothing large is trained."""
    return as_space(dataset, features=takes_features(description))


def settings_from(schema: JsonObject, hparams: Json) -> dict[str, Any]:
    """Those hyperparameters that are settings of the method; a whole number is a float where a float is wanted.

    A setting called after a word of Python has an underscore behind it: DANN's `lambda` is `lambda_`.
    """
    types = {name: prop.get("type") for name, prop in settings_of(schema)}
    chosen = {name: hparams[name.removesuffix("_")] for name in types if name.removesuffix("_") in hparams}
    chosen |= {name: hparams[name] for name in types if name in hparams}
    return {name: float(value) if types[name] == "number" else value for name, value in chosen.items()}
