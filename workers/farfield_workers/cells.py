"""One run of a DomainBed sweep: staged, trained in the sandbox, scored outside.

The queue and `farfield evaluate` both come here, so that a sweep on the site and one at home are the same.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield import Resources
from farfield.config import settings_of
from farfield.errors import ConfigError
from farfield.method import TaskFamily
from farfield.runtime.job import BALANCED, Job
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.suites.domainbed.by_hand import (
    CLASS_BALANCED,
    FEATURIZER,
    SCRATCH,
    as_space,
    from_scratch,
    named_as_domainbed,
    network_of,
    sweep_problems,
)
from farfield_evaluators.suites.domainbed.datasets import DataSet, checkpoint_steps
from farfield_evaluators.suites.domainbed.hparams import hparams_of
from farfield_evaluators.suites.domainbed.records import Record, run_args
from farfield_evaluators.suites.domainbed.registry import drawn_as
from farfield_evaluators.suites.domainbed.scoring import records_of
from farfield_evaluators.suites.domainbed.staging import Layout, class_names, environments, stage_run
from farfield_evaluators.suites.domainbed.sweep import Cell
from farfield_workers.budget import check_predictions_fit
from farfield_workers.checkpoints import read_checkpoints
from farfield_workers.evaluation import Description, Entrant
from farfield_workers.execution import Observer, execute, of_runner
from farfield_workers.failures import RunFailure, of_the_method, remembering
from farfield_workers.features import backbone_features
from farfield_workers.installed import Installed, limits_of
from farfield_workers.leftovers import scratch_folder
from farfield_workers.sandbox.base import IN, OUT, Finished, Limits, Memory, Sandbox
from farfield_workers.untrusted import load_array

Features = npt.NDArray[np.float32]
WITHOUT_WEIGHTS = (
    "farfield: {network} starts FROM SCRATCH, where DomainBed has the weights of ImageNet: its tables do not compare "
    "with these figures. Give a file by the setting `weights`.\n"
)


@dataclass(frozen=True, kw_only=True)
class CellRequest:
    """One run: a method on a data set, which environments are held out, and how long it is trained.

    `config` is what was set by hand; it wins over hyperparameters drawn or default. A checkpoint falls on every
    `checkpoint_every`-th of `steps` steps and on the last.
    """

    dataset: DataSet
    pack: Pack
    entrant: Entrant
    cell: Cell
    steps: int
    checkpoint_every: int
    config: Mapping[str, Any] = field(default_factory=dict)
    gpu: str | None = None
    threads: int = 2

    @property
    def description(self) -> Description:
        """The method, as `MethodSpec.describe` says it."""
        return self.entrant.description

    @property
    def space(self) -> DataSet:
        """The data set as its hyperparameters see it: on features of a frozen backbone nothing large is trained."""
        return as_space(self.dataset, features=takes_features(self.description))

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
        return run_args(self.cell, steps=steps, checkpoint_freq=every, hparams=self.config)

    @property
    def hparams(self) -> dict[str, Any]:
        """The run's hyperparameters: DomainBed's defaults or draw, and what was set by hand, by DomainBed's names.

        A network that starts without the weights that DomainBed has says so here, and so in every record.
        """
        cell = self.cell
        drawn = hparams_of(drawn_as(cell.algorithm), self.space, cell.hparams_seed, cell.trial_seed)
        found = {**drawn, **named_as_domainbed(self.config, drawn)}
        if not takes_features(self.description):
            found = {FEATURIZER: network_of(found, self.dataset), **found}
        scratch = {SCRATCH: True} if from_scratch(self.description["config_schema"], found, self.dataset) else {}
        return {**found, **scratch}


@dataclass(frozen=True, kw_only=True)
class Trained:
    """A run's records, the in-split sizes of all environments, wall-clock seconds by stage, and memory at most."""

    records: tuple[Record, ...]
    sizes: tuple[int, ...]
    seconds: dict[str, float]
    memory: Memory | None


@dataclass(frozen=True, kw_only=True)
class Trainer:
    """What a machine has for training: what is installed, the sandbox, the folder for scratch and caches, a ceiling."""

    installed: Installed
    sandbox: Sandbox
    var: Path
    ceiling: Resources | None = None

    def run(self, request: CellRequest, observer: Observer) -> Trained:
        """Train and score one run.

        Raises RunFailure, or another FarfieldError with a code, when it ends without records, and whatever the
        observer raises.
        """
        check_entrant(request.entrant, request.dataset, request.config, request.gpu)
        limits = limits_of(request.description, self.ceiling)
        check_predictions_fit(len(request.checkpoints), len(request.pack.labels), limits)
        with scratch_folder(self.var, "run") as folder:
            return self._journey(request, folder, limits, observer)

    def _journey(self, request: CellRequest, folder: Path, limits: Limits, observer: Observer) -> Trained:
        started = time.monotonic()
        observer.stage("preparing")
        layout = self._stage(request, folder / "in", observer)
        prepared = time.monotonic()
        observer.stage("running")
        ran = self._execute(request, folder, limits, observer)
        observer.stage("scoring")
        begun = time.monotonic()
        with remembering(ran.memory):
            records = _score(request, layout, folder / "out")
        seconds = {"prepare": prepared - started, "run": ran.seconds, "score": time.monotonic() - begun}
        rounded = {name: round(value, 3) for name, value in seconds.items()}
        return Trained(records=records, sizes=layout.in_sizes, seconds=rounded, memory=ran.memory)

    def _stage(self, request: CellRequest, folder: Path, observer: Observer) -> Layout:
        features = self._features(request, observer)
        found = environments(request.dataset, request.pack, request.cell)
        grouped = bool(request.description["transductive"])
        layout = stage_run(found, request.pack, request.cell, folder, features, grouped=grouped)
        _job(request).write(folder)
        return layout

    def _features(self, request: CellRequest, observer: Observer) -> Features | None:
        if not takes_features(request.description):
            return None
        if request.dataset.rule:
            name, made = request.description["name"], f"{request.dataset.name} makes its images anew for each trial"
            raise RunFailure("plugin.wrong_inputs", f"{made}, so {name} has no features to take; take images")
        backbone = self.installed.backbone(request.description["inputs"]["backbone"])
        return backbone_features(request.pack, backbone, self.var / "cache", self.sandbox, observer)

    def _execute(self, request: CellRequest, folder: Path, limits: Limits, observer: Observer) -> Finished:
        if request.hparams.get(SCRATCH):
            observer.log(WITHOUT_WEIGHTS.format(network=request.hparams[FEATURIZER]))
        execution = replace(of_runner(folder, limits), plugin=request.entrant.plugin, gpu=request.gpu, own_disk=True)
        if request.entrant.image is not None:
            execution = replace(execution, image=request.entrant.image, command=(IN, OUT))
        return execute(self.sandbox, execution, observer)


def takes_features(description: Description) -> bool:
    """Whether the method takes features of a frozen backbone instead of images."""
    return bool(description["inputs"]["kind"] == "features")


def check_entrant(entrant: Entrant, dataset: DataSet, config: Mapping[str, Any], gpu: str | None) -> None:
    """Raises RunFailure for a method of another family or one that needs a GPU, ConfigError for settings."""
    description = entrant.description
    if description["family"] != TaskFamily.DOMAIN_GENERALIZATION.value:
        fits = f"{description['name']} is a method for {description['family']}"
        raise RunFailure("plugin.wrong_family", f"{fits}; {dataset.benchmark} needs domain-generalization")
    space = as_space(dataset, features=takes_features(description))
    problems = sweep_problems(description["config_schema"], description["name"], space, config)
    if problems:
        raise ConfigError(problems)
    if description["resources"]["gpu"] and gpu is None:
        lacks = f"{description['name']} needs a GPU; none is given here"
        raise RunFailure("platform.no_gpu", lacks, infrastructure=True)


def settings_from(description: Description, hparams: Mapping[str, Any]) -> dict[str, Any]:
    """Those hyperparameters that are settings of the method; a whole number is a float where a float is wanted.

    A setting called after a word of Python has an underscore behind it: DANN's `lambda` is `lambda_`.
    """
    types = {name: prop.get("type") for name, prop in settings_of(description["config_schema"])}
    chosen = {name: hparams[name.removesuffix("_")] for name in types if name.removesuffix("_") in hparams}
    chosen |= {name: hparams[name] for name in types if name in hparams}
    return {name: float(value) if types[name] == "number" else value for name, value in chosen.items()}


def _job(request: CellRequest) -> Job:
    description, cell, hparams = request.description, request.cell, request.hparams
    names = [name for number, name in enumerate(request.dataset.environments) if number not in cell.test_envs]
    batch = _batch(request, hparams)
    return Job(
        kind="generalize",
        plugin=description["plugin"],
        name=description["name"],
        config=settings_from(description, hparams),
        seed=cell.seed,
        device="cuda" if request.gpu else "cpu",
        class_names=class_names(request.dataset, request.pack),
        domain_names=tuple(names),
        threads=request.threads,
        schedule={
            "steps": request.steps,
            "checkpoint_every": request.checkpoint_every,
            "batch": batch,
            # Only where it is wanted: an image may hold a runner that does not know it.
            **({BALANCED: True} if hparams.get(CLASS_BALANCED) else {}),
        },
    )


def _batch(request: CellRequest, hparams: Mapping[str, Any]) -> int:
    return int(hparams.get("batch_size", request.space.batch_size))


def _score(request: CellRequest, layout: Layout, output: Path) -> tuple[Record, ...]:
    """Raises RunFailure for what cannot be scored: it was written beside submitted code."""
    hparams = request.hparams
    with of_the_method("the checkpoints"):
        checkpoints = read_checkpoints(output, request.checkpoints)
        predictions = load_array(output / "predictions.npy", (len(checkpoints), len(layout.labels)))
        return records_of(
            layout,
            predictions,
            checkpoints,
            hparams,
            batch_size=_batch(request, hparams),
            args=request.args,
            classes=len(class_names(request.dataset, request.pack)),
        )
