"""The process that runs submitted code: `python -m farfield.runner INPUT OUTPUT`.

It reads a job folder, builds the method, runs its family's loop and writes arrays. It knows no label of a test
example, no metric and no clock that counts. `describe` as INPUT lists the installed methods instead.

Exit status: 0 result.json is written; 1 error.json is written; 2 wrong arguments; anything else, the process was
killed.
"""

import contextlib
import errno
import math
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from farfield.config import parse_config
from farfield.context import RunContext
from farfield.dataset import Source, in_batches, open_source, open_training_set
from farfield.errors import FarfieldError, JobError, PackageError
from farfield.job import Job, write_json
from farfield.loops import Progress, checked, checkpoints_of, fit, generalize, predict, require_members, score
from farfield.method import MethodSpec, TaskFamily
from farfield.probes import probe, side_by_side
from farfield.registry import Registered, load, load_distribution
from farfield.testing import check_method

Arrays = dict[str, npt.NDArray[Any]]
TRACEBACK_LINES = 30
PROGRESS_SECONDS = 0.2


def main(argv: list[str]) -> int:
    """Run one job, or describe the installed plugins; returns the exit status."""
    if len(argv) != 2:
        print("usage: python -m farfield.runner INPUT|describe OUTPUT", file=sys.stderr)
        return 2
    source, folder = argv[0], Path(argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with _failures_in(folder):
        if source == "describe":
            write_json(folder / "result.json", describe())
        else:
            run(Path(source), folder)
    return 0


def run(inputs: Path, output: Path) -> None:
    """Execute the job in `inputs`; everything the platform may use lies in `output` afterwards."""
    job = Job.read(inputs)
    if job.kind == "inspect":
        write_json(output / "result.json", inspect(job, output))
        return
    arrays = _JOBS[job.kind](job, inputs, output)
    for name, array in arrays.items():
        np.save(output / f"{name}.npy", array, allow_pickle=False)
    write_json(output / "result.json", {"outputs": sorted(arrays)})


def describe() -> dict[str, Any]:
    """Every installed method with its distribution, as JSON-ready data."""
    registry = load()
    methods = [_described(method) for method in registry.methods.values()]
    backbones = {name: {"plugin": b.plugin, "version": b.version} for name, b in registry.backbones.items()}
    return {"methods": methods, "backbones": backbones}


def inspect(job: Job, output: Path) -> dict[str, Any]:
    """Every method of the distribution `job.plugin`, after the conformance test of the one that the job is about.

    Without a distribution, as in a container image, every installed plugin is meant.
    """
    methods = (load_distribution(job.plugin) if job.plugin else load()).methods
    name = _chosen(job, methods)
    check_method(methods[name].spec, _work_folder(output), job.config, device=job.device)
    return {"methods": [_described(method) for method in methods.values()], "method": name}


def _chosen(job: Job, methods: Mapping[str, Registered[MethodSpec]]) -> str:
    listed = ", ".join(sorted(methods))
    if not methods:
        raise PackageError("plugin.no_method", f"{job.plugin} registers no method; return one from farfield_methods()")
    if job.name and job.name not in methods:
        raise PackageError("plugin.no_method", f"{job.plugin} has no method called {job.name!r}; it has {listed}")
    if not job.name and len(methods) > 1:
        raise PackageError("plugin.which_method", f"{job.plugin} has several methods; name one of them: {listed}")
    return job.name or listed


def _described(method: Registered[MethodSpec]) -> dict[str, Any]:
    origin = {"plugin": method.plugin, "distribution": method.distribution, "version": method.version}
    return origin | method.spec.describe()


def _method(job: Job, inputs: Path, output: Path) -> Arrays:
    spec = load([job.plugin]).method(job.name).spec
    progress = _Progress(output / "progress.json")
    context = _context(job, spec, output, progress)
    method = spec.build(context)
    require_members(method, spec.family)
    train_folder, declared = inputs / "train", spec.inputs_of(context.config)
    train = open_training_set(train_folder, declared, job.threads) if train_folder.exists() else None
    fit(method, train)
    source = open_source(inputs / "test", declared, job.threads)
    arrays = _outputs(method, spec, source, context.class_count, spec.batch_size, progress)
    return arrays | (_probes(method, spec, source, context.class_count) if job.probe else {})


def _probes(method: Any, spec: MethodSpec, source: Source, classes: int) -> Arrays:
    """The predictions are made and stay what they are; a method that cannot repeat them has no probes."""

    def outputs(part: Source, batch: int) -> npt.NDArray[Any]:
        return side_by_side(_outputs(method, spec, part, classes, batch, _ignored))

    try:
        return probe(outputs, source, spec.batch_size)
    except Exception:
        traceback.print_exc(limit=-TRACEBACK_LINES)
        print("farfield: the protocol probes failed; the predictions stand", flush=True)
        return {}


def _ignored(*_: object) -> None:
    return None


def _outputs(method: Any, spec: MethodSpec, source: Source, classes: int, batch: int, progress: Progress) -> Arrays:
    if spec.family is TaskFamily.CLASSIFICATION:
        return {"logits": predict(method, source, classes, batch, progress)}
    if spec.family is TaskFamily.OOD_DETECTION:
        scores, logits = score(method, source, classes, batch, progress)
        return {"scores": scores, "logits": logits}
    raise JobError(f"no benchmark of the family {spec.family} is run by this version")


def _features(job: Job, inputs: Path, output: Path) -> Arrays:
    spec = load([job.plugin]).backbone(job.name).spec
    extract = spec.build(job.device)
    source = open_source(inputs / "test", spec.inputs, job.threads)
    features = np.empty((len(source), spec.dim), np.float32)
    progress, done = _Progress(output / "progress.json"), 0
    for images in in_batches(source, spec.batch_size):
        part = checked(extract(images), (len(images), spec.dim), f"backbone {spec.name}: features")
        features[done : done + len(images)] = part
        done += len(images)
        progress("features", done, len(source))
    return {"features": features}


def _generalize(job: Job, inputs: Path, output: Path) -> Arrays:
    """Predicted classes int32 [K, N] at K checkpoints; checkpoints.json says the rest of each."""
    spec = load([job.plugin]).method(job.name).spec
    progress = _Progress(output / "progress.json")
    context = _context(job, spec, output, progress)
    method = spec.build(context)
    require_members(method, spec.family)
    declared = spec.inputs_of(context.config)
    train = open_training_set(inputs / "train", declared, job.threads)
    source = open_source(inputs / "test", declared, job.threads)
    schedule = dict(job.schedule)
    steps = checkpoints_of(schedule["steps"], schedule["checkpoint_every"])
    predictions = np.empty((len(steps), len(source)), np.int32)
    checkpoints: list[dict[str, Any]] = []
    trained, resumed = 0.0, time.monotonic()
    for step, losses in generalize(method, train, seed=job.seed, progress=progress, **schedule):
        trained += time.monotonic() - resumed
        logits = predict(method, source, context.class_count, spec.batch_size, _ignored)
        predictions[len(checkpoints)] = logits.argmax(axis=1)
        measured = {"seconds": round(trained, 3), "mem_gb": _gpu_memory()}
        checkpoints.append({"step": step, "losses": losses, **measured})
        resumed = time.monotonic()
    write_json(output / "checkpoints.json", {"checkpoints": checkpoints})
    return {"predictions": predictions}


def _gpu_memory() -> float:
    """The most memory in GiB that torch has had on the GPU so far, 0.0 without one: `mem_gb` of DomainBed's records."""
    torch: Any = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_initialized():
        return 0.0
    return float(torch.cuda.max_memory_allocated() / 2**30)


_JOBS: Mapping[str, Callable[[Job, Path, Path], Arrays]] = {
    "method": _method,
    "features": _features,
    "generalize": _generalize,
}


def _context(job: Job, spec: MethodSpec, output: Path, progress: "_Progress") -> RunContext:
    return RunContext(
        class_names=job.class_names,
        class_synsets=job.class_synsets,
        domain_names=job.domain_names,
        device=job.device,
        seed=job.seed,
        config=parse_config(spec.config, job.config),
        work_folder=_work_folder(output),
        log=lambda text: print(text, flush=True),
        progress=lambda done, total: progress("fit", done, total),
    )


def _work_folder(output: Path) -> Path:
    folder = output / "work"
    folder.mkdir(exist_ok=True)
    return folder


class _Progress:
    """Writes progress.json at most every PROGRESS_SECONDS, and always at the end of a phase."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._written = -math.inf

    def __call__(self, phase: str, done: int, total: int) -> None:
        total = max(0, int(total))
        done = min(max(0, int(done)), total)
        now = time.monotonic()
        if done < total and now - self._written < PROGRESS_SECONDS:
            return
        self._written = now
        write_json(self._path, {"phase": phase, "done": done, "total": total})


@contextlib.contextmanager
def _failures_in(output: Path) -> Iterator[None]:
    """Turn an exception into error.json and exit status 1; the traceback goes to the run's log."""
    try:
        yield
    except FarfieldError as error:
        traceback.print_exc(limit=-TRACEBACK_LINES)
        _fail(output, error.code, str(error))
    except SystemExit as error:
        traceback.print_exc(limit=-TRACEBACK_LINES)
        _fail(output, "plugin.raised", f"the method ended its process with SystemExit({error.code!r})")
    except Exception as error:
        traceback.print_exc(limit=-TRACEBACK_LINES)
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            _fail(output, "resources.disk", "the method filled its disk: /tmp, /dev/shm or its work folder")
        if isinstance(error, OSError) and error.errno == errno.EFBIG:
            _fail(output, "resources.output", "the method wrote a larger file than is allowed")
        if _is_out_of_memory(error):
            _fail(output, "resources.memory", "the method ran out of memory")
        _fail(output, "plugin.raised", f"{type(error).__name__}: {error}")


def _is_out_of_memory(error: Exception) -> bool:
    """Torch's own error is told by its name, for torch is not imported here."""
    return isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"


def _fail(output: Path, code: str, message: str) -> NoReturn:
    sys.stdout.flush()
    write_json(output / "error.json", {"code": code, "message": message[:2000]})
    sys.exit(1)


if __name__ == "__main__":
    # The log is read while the method runs, so a line must not wait in a buffer.
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    sys.exit(main(sys.argv[1:]))
