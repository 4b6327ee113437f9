"""The evaluation path: stage, run in the sandbox, validate, score. The same for a worker and for an author."""

import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield import Benchmark
from farfield.config import check_config
from farfield.errors import ConfigError, PredictionsError
from farfield.job import Job
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.evaluate import Score, Truth, evaluate, expected_shapes
from farfield_evaluators.staging import stage, training_domains
from farfield_workers.execution import Observer, execute
from farfield_workers.failures import RunFailure
from farfield_workers.features import backbone_features
from farfield_workers.installed import Installed, limits_of
from farfield_workers.sandbox.base import Sandbox

NPY_HEADER_BYTES = 4096
Description = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Request:
    """What to evaluate: an installed method with a configuration, on a benchmark's pack, with a seed."""

    benchmark: Benchmark
    pack: Pack
    method: str
    config: Mapping[str, Any]
    seed: int
    gpu: str | None = None
    threads: int = 2


@dataclass(frozen=True, kw_only=True)
class Evaluated:
    """The scores of a run, and wall-clock seconds by stage."""

    scores: tuple[Score, ...]
    seconds: dict[str, float]


@dataclass(frozen=True)
class Evaluator:
    """The evaluation path of one machine: what is installed, the sandbox, and the folder for scratch and caches."""

    installed: Installed
    sandbox: Sandbox
    var: Path

    def run(self, request: Request, observer: Observer) -> Evaluated:
        """Raises RunFailure with a code when the run ends without scores, and whatever the observer raises."""
        description = self.installed.method(request.method)
        _check_request(request, description)
        scratch = self.var / "scratch"
        scratch.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="run-", dir=scratch))
        try:
            return self._journey(request, description, folder, observer)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _journey(self, request: Request, description: Description, folder: Path, observer: Observer) -> Evaluated:
        started = time.monotonic()
        observer.stage("preparing")
        truth = self._stage(request, description, folder / "in", observer)
        prepared = time.monotonic()
        observer.stage("running")
        limits = limits_of(description)
        ran = execute(self.sandbox, folder / "in", folder / "out", limits, observer, request.gpu)
        observer.stage("scoring")
        begun = time.monotonic()
        scores = score_output(request.benchmark, truth, folder / "out")
        seconds = {"prepare": prepared - started, "run": ran, "score": time.monotonic() - begun}
        return Evaluated(scores=scores, seconds={k: round(v, 3) for k, v in seconds.items()})

    def _stage(self, request: Request, description: Description, folder: Path, observer: Observer) -> Truth:
        inputs, features = description["inputs"], None
        if inputs["kind"] == "features":
            backbone = self.installed.backbone(inputs["backbone"])
            features = backbone_features(request.pack, backbone, self.var / "cache", self.sandbox, observer)
        truth = stage(request.benchmark, request.pack, folder, features)
        _job(request, description).write(folder)
        return truth


def score_output(benchmark: Benchmark, truth: Truth, output: Path) -> tuple[Score, ...]:
    """Validate and score what a run wrote. Raises RunFailure for predictions that cannot be scored."""
    try:
        shapes = expected_shapes(benchmark.family, len(truth), truth.classes)
        arrays = {name: load_array(output / f"{name}.npy", shape) for name, shape in shapes.items()}
        return evaluate(benchmark, truth, arrays)
    except PredictionsError as error:
        raise RunFailure(error.code, str(error)) from error


def load_array(path: Path, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    """An array the sandbox wrote: never a pickle, never a link, never larger than its shape allows.

    Raises PredictionsError.
    """
    bound = int(np.prod(shape)) * 8 + NPY_HEADER_BYTES
    if path.is_symlink() or not path.is_file():
        raise PredictionsError(f"{path.name} was not written")
    if path.stat().st_size > bound:
        raise PredictionsError(f"{path.name} is larger than {shape} values take")
    try:
        loaded: npt.NDArray[Any] = np.load(path, allow_pickle=False)
    except (ValueError, EOFError, OSError, SyntaxError) as error:
        raise PredictionsError(f"{path.name} is not a plain array: {error}") from error
    return loaded


def _check_request(request: Request, description: Description) -> None:
    if description["family"] != request.benchmark.family.value:
        fits = f"{request.method} is a method for {description['family']}"
        raise RunFailure("plugin.wrong_family", f"{fits}; {request.benchmark.name} needs {request.benchmark.family}")
    problems = check_config(description["config_schema"], request.config)
    if problems:
        raise RunFailure(ConfigError.code, "; ".join(problems))
    if description["resources"]["gpu"] and request.gpu is None:
        raise RunFailure("platform.no_gpu", f"{request.method} needs a GPU; this worker has none", infrastructure=True)


def _job(request: Request, description: Description) -> Job:
    classes = request.pack.classes
    return Job(
        plugin=description["plugin"],
        name=request.method,
        config=dict(request.config),
        seed=request.seed,
        device="cuda" if request.gpu else "cpu",
        class_names=tuple(c.name for c in classes),
        class_synsets=tuple(c.synsets for c in classes),
        domain_names=training_domains(request.benchmark, request.pack),
        threads=request.threads,
    )
