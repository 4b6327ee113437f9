"""What the process that runs submitted code does, started as `python -m farfield.runner INPUT OUTPUT`.

It reads a job folder, builds the method, runs its family's loop and writes arrays. It knows no label of a test
example, no metric and no clock that counts. `describe` as INPUT lists the installed methods instead.

Exit status: 0 result.json is written; 1 error.json is written; 2 wrong arguments; anything else, the process was
killed.
"""

import contextlib
import errno
import math
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from farfield import families
from farfield.choices import described_for
from farfield.config import parse_config
from farfield.context import RunContext
from farfield.errors import FarfieldError, JobError, PackageError, did_you_mean
from farfield.families.family import Family, Schedule, WithBasePhase
from farfield.method import MethodSpec
from farfield.registry import Registered, load, load_distribution, load_each, load_method
from farfield.runtime import base_arrays
from farfield.runtime.ahead import ahead
from farfield.runtime.asking_texts import open_texts
from farfield.runtime.base_phase import SAVED, BasePhase
from farfield.runtime.dataset import in_batches, open_source
from farfield.runtime.exhaustion import is_out_of_memory
from farfield.runtime.inputs import StagedInputs
from farfield.runtime.job import FORMATS, Job, read_json, write_json
from farfield.runtime.loops import checked, require_claims, require_members
from farfield.runtime.rows import Out, RowFile
from farfield.settings import read_settings
from farfield.testing import check_method

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
        if source in ("describe", "describe-apart"):
            write_json(folder / "result.json", describe(apart=source == "describe-apart"))
        else:
            run(Path(source), folder)
    return 0


def run(inputs: Path, output: Path) -> None:
    """Execute the job in `inputs`; everything the platform may use lies in `output` afterwards."""
    job = Job.read(inputs)
    if job.kind == "inspect":
        write_json(output / "result.json", inspect(job, output))
        return
    if job.kind == "phases":
        write_json(output / "result.json", {"base": _phases(job, inputs, output)})
        return
    names = _JOBS[job.kind](job, inputs, output)
    write_json(output / "result.json", {"outputs": sorted(names)})


def describe(*, apart: bool = False) -> dict[str, Any]:
    """Every installed method with its distribution, as JSON-ready data; `refused` says which plugins do not work.

    With `apart` each is imported in a process of its own first: one that kills its process takes no other along.
    """
    registry, refused = load_each(_survives) if apart else load_each()
    methods = [_described(method) for method in registry.methods.values()]
    backbones = {
        name: {
            "plugin": b.plugin,
            "version": b.version,
            "dim": b.spec.dim,
            "takes": list(b.spec.settings),
            "texts": b.spec.texts is not None,
        }
        for name, b in registry.backbones.items()
    }
    return {"methods": methods, "backbones": backbones, "refused": [str(error) for error in refused]}


def _survives(point: EntryPoint) -> bool:
    """Whether a child outlives the import. What else is wrong with it is found out afterwards."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            point.load()
        os.write(writing, b"x")
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as said:
        survived = said.read(1) == b"x"
    os.waitpid(child, 0)
    return survived


def inspect(job: Job, output: Path) -> dict[str, Any]:
    """Every method of the distribution `job.plugin`, after the conformance test of the one that the job is about.

    Without a distribution, as in a container image, every installed plugin is meant.
    """
    methods = (load_distribution(job.plugin) if job.plugin else load()).methods
    name = _chosen(job, methods)
    spec = methods[name].spec
    schema = described_for(spec.describe(), {**job.config, **job.texts})["config_schema"]
    config = {**job.config, **(read_settings(schema, job.texts) if job.texts else {})}
    check_method(spec, _work_folder(output), config, device=job.device)
    described = [_described(method) for method in methods.values()]
    return {"methods": described, "method": name, "config": config, "formats": list(FORMATS)}


def _chosen(job: Job, methods: Mapping[str, Registered[MethodSpec]]) -> str:
    listed = ", ".join(sorted(methods))
    if not methods:
        raise PackageError("plugin.no_method", f"{job.plugin} registers no method; return one from farfield_methods()")
    if job.name and job.name not in methods:
        near = did_you_mean(job.name, methods)
        raise PackageError("plugin.which_method", f"{job.plugin} has no method {job.name!r}{near}; it has {listed}")
    if not job.name and len(methods) > 1:
        raise PackageError("plugin.which_method", f"{job.plugin} has several methods; name one of them: {listed}")
    return job.name or listed


def _described(method: Registered[MethodSpec]) -> dict[str, Any]:
    origin = {"plugin": method.plugin, "distribution": method.distribution, "version": method.version}
    return origin | method.spec.describe()


@dataclass(frozen=True, kw_only=True)
class _Built:
    """A method that was built for a job, with its family and its data."""

    method: Any
    family: Family
    inputs: StagedInputs
    progress: "_Progress"


@dataclass(frozen=True, kw_only=True)
class _Opened:
    """The specification of a job's method, with the one input of its settings; its context and its data."""

    spec: MethodSpec
    context: RunContext
    inputs: StagedInputs
    progress: "_Progress"


def _open(job: Job, inputs: Path, output: Path) -> _Opened:
    spec, settings = load_method(job.plugin, job.name).spec.chosen(job.config)
    progress = _Progress(output / "progress.json")
    context = replace(_context(replace(job, config=settings), spec, output, progress), texts=open_texts(inputs))
    return _Opened(spec=spec, context=context, inputs=StagedInputs(inputs, job, spec, context), progress=progress)


def _build(job: Job, inputs: Path, output: Path) -> _Built:
    opened = _open(job, inputs, output)
    spec = opened.spec
    family = families.of(spec.family)
    method = spec.build(_with_base(opened))
    require_members(method, family)
    require_claims(method, spec.claims, spec.base)
    return _Built(method=method, family=family, inputs=opened.inputs, progress=opened.progress)


def _with_base(opened: _Opened) -> RunContext:
    """The context with the arrays of a declared base: those that are there, or else trained now."""
    base, folder = opened.spec.base, opened.inputs.base_model
    if base is None or not base.comes_first(opened.context.config):
        return opened.context
    base_arrays.require_same_images(opened.spec, base, opened.context.config)
    arrays = base_arrays.load(folder) if folder else base_arrays.trained(base, opened.context, opened.inputs)
    return replace(opened.context, base=arrays)


def _method(job: Job, inputs: Path, output: Path) -> list[str]:
    """The loop of the method's family, from learning to the last array."""
    built = _build(job, inputs, output)
    out = Out(output, built.progress)
    schedule = Schedule(steps=job.schedule, probe=job.probe, curve=job.curve)
    built.family.run(built.method, built.inputs, out, schedule)
    return out.names


def _phases(job: Job, inputs: Path, output: Path) -> str:
    """How the method takes its base phase."""
    built = _build(job, inputs, output)
    family = built.family
    return family.base_phase(built.method) if isinstance(family, WithBasePhase) else BasePhase.NONE


def _base(job: Job, inputs: Path, output: Path) -> list[str]:
    """The base phase, from learning to what is saved."""
    opened = _open(job, inputs, output)
    if opened.spec.base is not None:
        base_arrays.save(base_arrays.trained(opened.spec.base, opened.context, opened.inputs), output / SAVED)
        return [SAVED]
    built = _build(job, inputs, output)
    family = built.family
    if not isinstance(family, WithBasePhase) or family.base_phase(built.method) is not BasePhase.APART:
        raise JobError(f"{job.name} has no base phase of its own")
    family.learn_base(built.method, built.inputs, output / SAVED)
    return [SAVED]


def _features(job: Job, inputs: Path, output: Path) -> list[str]:
    spec = load([job.plugin]).backbone(job.name).spec
    source = open_source(inputs / "test", spec.inputs_of(job.config), job.threads)
    extract = spec.network(job.device, job.config)
    progress, done, dim = _Progress(output / "progress.json"), 0, spec.dim
    with contextlib.ExitStack() as opened:
        file: RowFile | None = None
        read: Iterator[Any] = in_batches(source, spec.batch_size)
        ready = getattr(extract, "ready", None)
        batches = opened.enter_context(contextlib.closing(ahead(map(ready, read) if ready else read)))
        for images in batches:
            features = extract(images)
            dim = dim or features.shape[1]
            file = file or opened.enter_context(RowFile(output / "features.npy", (len(source), dim), np.float32))
            file.append(checked(features, (len(images), dim), f"backbone {spec.name}: features"))
            done += len(images)
            progress("features", done, len(source))
    return ["features"]


def _texts(job: Job, inputs: Path, output: Path) -> list[str]:
    """As features, of prompts: first a row with the logit scale."""
    spec = load([job.plugin]).backbone(job.name).spec
    prompts = read_json(inputs / "prompts.json")["prompts"]
    tower = spec.text_tower(job.device, job.config)
    embeddings = np.asarray(tower.embed(prompts))
    shape = (len(prompts), embeddings.shape[-1])
    rows = checked(embeddings, shape, f"backbone {spec.name}: text embeddings")
    np.save(output / "texts.npy", np.concatenate([np.full((1, shape[1]), tower.scale, np.float32), rows]))
    return ["texts"]


_JOBS: Mapping[str, Callable[[Job, Path, Path], list[str]]] = {
    "method": _method,
    "features": _features,
    "texts": _texts,
    "generalize": _method,
    "base": _base,
}


def _context(job: Job, spec: MethodSpec, output: Path, progress: "_Progress") -> RunContext:
    return RunContext(
        class_names=job.class_names,
        class_synsets=job.class_synsets,
        domain_names=job.domain_names,
        novel_classes=job.novel_classes,
        target_names=job.target_names,
        prompt_templates=job.prompt_templates,
        masks=job.masks,
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
        _fail_if_out_of_memory(output, error)
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
        _fail_if_out_of_memory(output, error)
        _fail(output, "plugin.raised", f"{type(error).__name__}: {error}")


def _fail_if_out_of_memory(output: Path, error: Exception) -> None:
    if is_out_of_memory(error):
        _fail(output, "resources.memory", "the method ran out of memory")


def _fail(output: Path, code: str, message: str) -> NoReturn:
    sys.stdout.flush()
    write_json(output / "error.json", {"code": code, "message": message[:2000]})
    sys.exit(1)
