"""The evaluation path: stage, run in the sandbox, validate, score. The same for a worker and for an author."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from farfield import Resources
from farfield.config import check_config
from farfield.errors import ConfigError, PredictionsError
from farfield.runtime.job import Job
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.evaluate import Arrays, CurvePoint, Truth, evaluate, expected_shapes
from farfield_evaluators.figure import Figure
from farfield_evaluators.scoring.remarks import remarks_on
from farfield_evaluators.staging import stage, training_domains
from farfield_workers.curves import read_curve, room_for, with_output_of
from farfield_workers.execution import Observer, execute, of_runner
from farfield_workers.failures import RunFailure, of_the_method, remembering
from farfield_workers.features import backbone_features
from farfield_workers.installed import Installed, limits_of
from farfield_workers.leftovers import scratch_folder
from farfield_workers.probes import probed
from farfield_workers.sandbox.base import IN, OUT, Finished, Limits, Memory, Sandbox
from farfield_workers.untrusted import load_array, read_json_object, reading

Description = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Entrant:
    """What is run: a described method, and where it comes from: what the operator installed, a package, or an image."""

    description: Description
    plugin: Path | None = None
    image: str | None = None


@dataclass(frozen=True, kw_only=True)
class Request:
    """What to evaluate: a method with a configuration, on a benchmark's pack, with a seed.

    `method` is the name of an installed one, unless `entrant` says what is run.
    """

    benchmark: Benchmark
    pack: Pack
    method: str
    config: Mapping[str, Any]
    seed: int
    entrant: Entrant | None = None
    gpu: str | None = None
    threads: int = 2


@dataclass(frozen=True, kw_only=True)
class Evaluated:
    """The scores of a run, wall-clock seconds by stage, what the probes say, and the predictions behind the scores.

    `memory` is what the method held at most; None where the run was too short to be seen.
    `curve` has the points of a method that is one of a line of models; the scores are of the method itself.
    """

    scores: tuple[Figure, ...]
    curve: tuple[CurvePoint, ...]
    seconds: dict[str, float]
    probes: dict[str, Any]
    memory: Memory | None
    truth: Truth = field(repr=False)
    arrays: Arrays = field(repr=False)


@dataclass(frozen=True)
class Evaluator:
    """The evaluation path of one machine: what is installed, the sandbox, and the folder for scratch and caches."""

    installed: Installed
    sandbox: Sandbox
    var: Path
    ceiling: Resources | None = None

    def run(self, request: Request, observer: Observer) -> Evaluated:
        """Raises RunFailure with a code when the run ends without scores, and whatever the observer raises."""
        entrant = request.entrant or Entrant(description=self.installed.method(request.method))
        _check_request(request, entrant.description)
        limits = limits_of(entrant.description, self.ceiling)
        with scratch_folder(self.var, "run") as folder:
            return self._journey(request, entrant, folder, limits, observer)

    def _journey(
        self, request: Request, entrant: Entrant, folder: Path, limits: Limits, observer: Observer
    ) -> Evaluated:
        started = time.monotonic()
        observer.stage("preparing")
        truth = self._stage(request, entrant.description, folder / "in", observer)
        prepared = time.monotonic()
        observer.stage("running")
        ran = self._execute(request, entrant, folder, with_output_of(limits, request.benchmark, truth), observer)
        observer.stage("scoring")
        begun = time.monotonic()
        with remembering(ran.memory):
            arrays = read_output(request.benchmark, truth, folder / "out")
            scores = score_arrays(request.benchmark, truth, arrays)
        say_remarks(scores, observer)
        curve = curve_of(request.benchmark, truth, folder / "out", observer)
        with remembering(ran.memory), of_the_method("the probes"):
            probes = probed(folder / "out", arrays, entrant.description)
        seconds = {"prepare": prepared - started, "run": ran.seconds, "score": time.monotonic() - begun}
        return Evaluated(
            scores=scores,
            curve=curve,
            seconds={name: round(value, 3) for name, value in seconds.items()},
            probes=probes,
            memory=ran.memory,
            truth=truth,
            arrays=arrays,
        )

    def _stage(self, request: Request, description: Description, folder: Path, observer: Observer) -> Truth:
        inputs, features = description["inputs"], None
        if inputs["kind"] == "features":
            backbone = self.installed.backbone(inputs["backbone"])
            features = backbone_features(request.pack, backbone, self.var / "cache", self.sandbox, observer)
        truth = stage(request.benchmark, request.pack, folder, features)
        job = _job(request, description)
        replace(job, curve=room_for(request.benchmark, truth)).write(folder)
        return truth

    def _execute(
        self, request: Request, entrant: Entrant, folder: Path, limits: Limits, observer: Observer
    ) -> Finished:
        execution = of_runner(folder, limits)
        execution = replace(execution, plugin=entrant.plugin, gpu=request.gpu, own_disk=True)
        if entrant.image is not None:
            execution = replace(execution, image=entrant.image, command=(IN, OUT))
        return execute(self.sandbox, execution, observer)


def read_output(benchmark: Benchmark, truth: Truth, output: Path) -> Arrays:
    """The predictions that a run wrote to its end, of the right shapes. Raises RunFailure for what cannot be scored."""
    with of_the_method("what the run wrote"):
        shapes = expected_shapes(benchmark.family, len(truth), truth.classes)
        arrays = {name: load_array(output / f"{name}.npy", shape, mapped=True) for name, shape in shapes.items()}
        # The predictions come first, so that they alone do not say that the probes and the curve were lived through.
        read_json_object(output / "result.json")
        return arrays


def score_arrays(benchmark: Benchmark, truth: Truth, arrays: Arrays) -> tuple[Figure, ...]:
    """Validate and score predictions. Raises RunFailure for values that cannot be scored."""
    with of_the_method("the predictions"):
        return evaluate(benchmark, truth, arrays)


def curve_of(benchmark: Benchmark, truth: Truth, output: Path, observer: Observer) -> tuple[CurvePoint, ...]:
    """The curve that a run wrote, none without one; what cannot be scored is said in the log, and costs no run."""
    try:
        with reading("the curve"):
            return tuple(read_curve(benchmark, truth, output))
    except PredictionsError as error:
        observer.log(f"note: the curve is left out: {error}\n")
        return ()


def say_remarks(scores: Sequence[Figure], observer: Observer) -> None:
    """Tell whoever reads the log what the figures say of the method, such as scores in the wrong direction."""
    for remark in remarks_on(scores):
        observer.log(f"note: {remark.says} [{remark.code}]\n")


def _check_request(request: Request, description: Description) -> None:
    if description["family"] != request.benchmark.family.value:
        fits = f"{description['name']} is a method for {description['family']}"
        raise RunFailure("plugin.wrong_family", f"{fits}; {request.benchmark.name} needs {request.benchmark.family}")
    problems = check_config(description["config_schema"], request.config)
    if problems:
        raise RunFailure(ConfigError.code, "; ".join(problems))
    _check_features(request, description)
    if description["resources"]["gpu"] and request.gpu is None:
        lacks = f"{description['name']} needs a GPU; this worker has none"
        raise RunFailure("platform.no_gpu", lacks, infrastructure=True)


def _check_features(request: Request, description: Description) -> None:
    """Features are computed of one pack: a training set that lies in another has none. Raises RunFailure."""
    train_set = request.benchmark.train_set
    if description["inputs"]["kind"] != "features" or train_set is None:
        return
    lender, _ = request.pack.training(train_set)
    if lender is not request.pack:
        has = f"{request.benchmark.name} trains on the images of {lender.name}, whose features are not computed"
        takes = f"{description['name']} takes features; use a method that takes images"
        raise RunFailure("plugin.wrong_inputs", f"{has}, and {takes}")


def _job(request: Request, description: Description) -> Job:
    classes = request.pack.classes
    return Job(
        plugin=description["plugin"],
        name=description["name"],
        config=dict(request.config),
        seed=request.seed,
        device="cuda" if request.gpu else "cpu",
        class_names=tuple(c.name for c in classes),
        class_synsets=tuple(c.synsets for c in classes),
        domain_names=training_domains(request.benchmark, request.pack),
        threads=request.threads,
        probe=True,
    )
