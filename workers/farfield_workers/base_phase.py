"""The base phase of a run: trained once in the sandbox, kept on a shelf, and copied to every run that shares it."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from farfield.choices import INPUT
from farfield.config import settings_of
from farfield.errors import JobError
from farfield.precision import Precision, told
from farfield.runtime.base_phase import MOST_BYTES, SAVED, BasePhase
from farfield.runtime.job import Job
from farfield_evaluators.run_plan import BasePart
from farfield_workers.execution import Observer, execute, of_runnable
from farfield_workers.failures import RunFailure, full_disk, of_the_method, remembering
from farfield_workers.made_of import hash_of, named_files
from farfield_workers.model_files import NotTaken, SavedFile, take
from farfield_workers.model_shelf import ModelShelf, NotKept
from farfield_workers.outputs import RESULT
from farfield_workers.runnable import Runnable
from farfield_workers.sandbox.base import Finished, Limits, Memory, Sandbox
from farfield_workers.sandbox.disk import is_of_full_disk
from farfield_workers.sandbox.process import threads_of
from farfield_workers.serving import Server
from farfield_workers.settings import room_bytes
from farfield_workers.trees import remove_tree
from farfield_workers.untrusted import read_json_object

SHELF_GIB = "FARFIELD_BASE_MODELS_GIB"
USUAL_GIB = 20.0
CODE = "plugin.base_phase"
PHASE = "base-phase"
KEEP = "add `save_base(folder)` and `load_base(folder)` to the method, so that its base phase is a run of its own"


@dataclass(frozen=True, kw_only=True)
class BaseRun:
    """A run before its base phase: what that is of, who takes it, within which limits.

    machine: entries of the job that this machine decides. folder: the run's own, for what is laid out and written.
    withheld: whether base images must not be there afterwards. precision: in which numbers the run computes.
    serving: what gives images on request while it learns, of a base that is laid out in a folder.
    """

    part: BasePart
    runnable: Runnable
    machine: Mapping[str, Any]
    gpu: str | None
    limits: Limits
    folder: Path
    withheld: bool
    precision: Precision = Precision.FLOAT32
    serving: Callable[[Path], AbstractContextManager[Iterable[Server]]] = lambda _: nullcontext(())

    def job(self, kind: str) -> Job:
        return Job(kind=kind, name=self.runnable.name, **self.machine, **self.part.job)

    def made_of(self, environment: str) -> dict[str, Any]:
        """All that makes the base model but the machine's own, as JSON; settings that nobody set have their defaults.

        Of one that is declared, that stands in the place of the method: whatever methods of the same code declare alike
        is one.
        """
        return {
            "what": "base model",
            "farfield": version("farfield"),
            "environment": environment,
            "code": self.runnable.made_of,
            **({"declared": self.part.declared} if self.part.declared else {"method": self.runnable.name}),
            "job": {**self.part.job, **self.machine, "config": self._settings()},
            "data": self.part.data,
            **told(self.precision, gpu=self.gpu is not None),
        }

    def _settings(self) -> dict[str, Any]:
        """Those that the model depends on: all of the method's, or those that it declares, which the part has.

        Under which name a method has an input is nothing to a declared base; the part says what that is.
        """
        config: dict[str, Any] = self.part.job["config"]
        if self.part.declared:
            return {name: value for name, value in config.items() if name != INPUT}
        description = self.runnable.chosen(config).description
        return {name: known["default"] for name, known in settings_of(description["config_schema"])} | config


@dataclass(frozen=True, kw_only=True)
class Based:
    """A run after its base phase: whether base images are left out now, and the model to begin with, if there is one.

    seconds: how long it took, by wall clock. memory: what the method held at most, where it was trained now. cached:
    whether the model was there before; None without one.
    """

    left_out: bool = False
    model: Path | None = None
    seconds: float = 0.0
    memory: Memory | None = None
    cached: bool | None = None

    @property
    def share(self) -> dict[str, float]:
        """For the run's record: which share of its base was there before; nothing without one."""
        return {} if self.cached is None else {"base": float(self.cached)}


@dataclass(frozen=True, kw_only=True)
class BasePhases:
    """Takes the base phases of one machine's runs."""

    sandbox: Sandbox
    shelf: ModelShelf
    environment: str

    def take(self, run: BaseRun, observer: Observer) -> Based:
        """Raises RunFailure where the method fails, or has no base phase of its own where it needs one."""
        made_of = self.made_of(run)
        key, target, begun = hash_of(made_of), run.folder / "base-model", time.monotonic()
        if self.shelf.fetch(key, target):
            return _taken(target, begun, observer)
        phase = BasePhase.APART if run.part.declared else self._asked(run, observer)
        if phase is not BasePhase.APART:
            return Based(left_out=run.withheld)
        with self.shelf.making(key, _Waiting(observer).tick):
            if self.shelf.fetch(key, target):
                return _taken(target, begun, observer)
            begun += _laid_out(run)  # which may compute features: that is no part of the phase
            finished, files = self._trained(run, target, observer)
            self._keep(key, target, files, made_of, observer)
        seconds = time.monotonic() - begun
        return Based(left_out=True, model=target, seconds=seconds, memory=finished.memory, cached=False)

    def made_of(self, run: BaseRun) -> dict[str, Any]:
        """All that makes the base model of a run here: digits differ with the threads of a run's arithmetic, too."""
        made_of = {**run.made_of(self.environment), "threads": threads_of(self.sandbox)}
        if not self.sandbox.isolates:  # as at home: the method sees whatever file its settings name
            made_of["files"] = named_files(made_of["job"]["config"])
        return made_of

    def _asked(self, run: BaseRun, observer: Observer) -> BasePhase:
        """How the method takes its base phase: it is built, and nothing else. Raises RunFailure as `take` does."""
        folder = run.folder / "phases"
        try:
            self._execute(run, "phases", folder, run.limits, observer)
        except RunFailure as failure:
            if failure.code != JobError.code or run.runnable.image is None:
                raise
            phase = BasePhase.TOGETHER  # the image holds a runner of a release before there were phases
        else:
            phase = _answer(folder / "out")
        if phase is BasePhase.TOGETHER and run.withheld:
            here = "base images are there in the base phase alone on this benchmark, and the method has `fit_base` only"
            raise RunFailure(CODE, f"{here}: {KEEP}")
        return phase

    def _trained(self, run: BaseRun, target: Path, observer: Observer) -> tuple[Finished, tuple[SavedFile, ...]]:
        """Train and save in the sandbox, and copy what was saved out of its reach."""
        folder = run.folder / PHASE
        limits = replace(run.limits, output_bytes=run.limits.output_bytes + MOST_BYTES)
        observer.stage("running")
        shared = "runs that begin with it" if run.part.declared else "runs of this entry"
        observer.log(f"training the base model, once for all {shared}\n")
        with _in_the_base_phase(), run.serving(folder) as servers:
            finished = self._execute(run, "base", folder, limits, observer, *servers)
            with remembering(finished.memory):
                files = _copied(folder / "out" / SAVED, target)
        remove_tree(folder)
        observer.log(f"base model trained in {finished.seconds:.0f} s\n")
        return finished, files

    def _execute(
        self, run: BaseRun, kind: str, folder: Path, limits: Limits, observer: Observer, *servers: Server
    ) -> Finished:
        (folder / "in").mkdir(parents=True, exist_ok=True)
        run.job(kind).write(folder / "in")
        execution = of_runnable(run.runnable, folder, limits, run.gpu, run.precision)
        return execute(self.sandbox, execution, observer, *servers)

    def _keep(
        self, key: str, model: Path, files: tuple[SavedFile, ...], made_of: Mapping[str, Any], observer: Observer
    ) -> None:
        """For the next runs; this one goes on with what it has, whatever becomes of it."""
        try:
            self.shelf.place(key, model, files, made_of, observer.alive)
        except NotKept as why:
            observer.log(f"note: the base model is not kept for other runs: {why}\n")


def shelf_of(var: Path) -> ModelShelf:
    """The shelf of base models in a data folder, as large as the operator says."""
    return ModelShelf(var / "cache" / "base-models", room_bytes(SHELF_GIB, USUAL_GIB))


def _laid_out(run: BaseRun) -> float:
    """Lay out what the phase learns from; how many seconds that took."""
    begun = time.monotonic()
    run.part.lay_out(run.folder / PHASE / "in")
    return time.monotonic() - begun


def _taken(target: Path, begun: float, observer: Observer) -> Based:
    observer.log("base model taken from the shelf\n")
    return Based(left_out=True, model=target, seconds=time.monotonic() - begun, cached=True)


def _answer(output: Path) -> BasePhase:
    """How the method takes its base phase, as it was written beside submitted code. Raises RunFailure."""
    with of_the_method(RESULT, CODE):
        said = read_json_object(output / RESULT).get("base")
    if said not in list(BasePhase):
        raise RunFailure(CODE, f"{RESULT} does not say how the method takes its base phase")
    return BasePhase(said)


def _copied(saved: Path, target: Path) -> tuple[SavedFile, ...]:
    """What was saved, copied. Raises RunFailure; that the disk of the copy is full is nobody's fault."""
    with of_the_method("the base model", CODE):
        try:
            return take(saved, target)
        except NotTaken as refusal:
            raise RunFailure(CODE, str(refusal)) from refusal
        except OSError as error:
            if is_of_full_disk(error, target.parent):
                raise full_disk() from error
            raise


class _Waiting:
    """Says once, while somebody else trains the model, that this run waits for it."""

    def __init__(self, observer: Observer) -> None:
        self._observer, self._said = observer, False

    def tick(self) -> None:
        self._observer.alive()
        if not self._said:
            self._observer.log("another run trains the base model; waiting for it\n")
        self._said = True


@contextmanager
def _in_the_base_phase() -> Iterator[None]:
    """A failure of the method says in which phase it was."""
    try:
        yield
    except RunFailure as failure:
        if failure.infrastructure:
            raise
        named = RunFailure(failure.code, f"in the base phase: {failure.message}")
        named.memory = failure.memory
        raise named from failure
