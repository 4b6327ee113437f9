"""One execution in the sandbox, watched: its log and progress leave while it runs."""

import codecs
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from farfield.precision import Precision
from farfield_workers.failures import failure_of, remembering
from farfield_workers.runnable import Runnable
from farfield_workers.sandbox.base import IN, OUT, Ending, Execution, Finished, Limits, Runs, runner
from farfield_workers.sandbox.gauge import Reading
from farfield_workers.serving import Server
from farfield_workers.untrusted import read_json_object

CHUNK_BYTES = 64 << 10
REST_BYTES = 1 << 20  # of what is left at the end, at most this much is passed on
PROGRESS_BYTES = 4096
PHASES = {"fit": "fit", "predict": "predict", "score": "predict", "features": "features"}


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far the current phase is: done of total, both counts of examples or steps."""

    phase: str
    done: int
    total: int


class Observer(Protocol):
    """Who is told of a run while it goes on. Any member may raise `Stopped` to end it."""

    def stage(self, name: str) -> None:
        """The run entered "preparing", "running" or "scoring"."""

    def progress(self, progress: Progress) -> None: ...

    def log(self, text: str) -> None: ...

    def used(self, reading: Reading) -> None:
        """What the sandbox uses, about twice a second."""

    def alive(self) -> None:
        """Called about twice a second."""


def of_runner(folder: Path, limits: Limits, arguments: tuple[str, ...] = ()) -> Execution:
    """The runner on `folder`/in, if it is there, and a new `folder`/out."""
    output, source = folder / "out", folder / "in"
    output.mkdir(parents=True, exist_ok=True)
    return Execution(
        command=runner(*arguments),
        source=source if source.exists() else None,
        output=output,
        log=folder / "log.txt",
        limits=limits,
    )


def of_runnable(
    runnable: Runnable, folder: Path, limits: Limits, gpu: str | None, precision: Precision = Precision.FLOAT32
) -> Execution:
    """The runner, with what somebody submitted, on `folder`/in and a new `folder`/out."""
    made = of_runner(folder, limits)
    execution = replace(made, plugin=runnable.plugin, gpu=gpu, own_disk=True, precision=precision)
    if runnable.image is None:
        return execution if runnable.plugin else replace(execution, imports=(runnable.description["plugin"],))
    return replace(execution, image=runnable.image, command=(IN, OUT))


def execute(sandbox: Runs, execution: Execution, observer: Observer, *servers: Server) -> Finished:
    """Run to completion, with what `servers` give it. Raises RunFailure when it ended in any other way."""
    execution.log.touch()
    tail = _LogTail(execution.log, observer.log)

    def tick() -> None:
        observer.alive()
        for server in servers:
            server.check()
        tail.read()
        progress = read_progress(execution.output)
        if progress is not None:
            observer.progress(progress)

    execution = replace(execution, watch=observer.used)
    try:
        with contextlib.ExitStack() as serving:
            for server in servers:
                serving.enter_context(server)
            finished = sandbox.run(execution, tick)
    finally:
        tail.rest()
    if finished.ending is not Ending.COMPLETED:
        with remembering(finished.memory):
            raise failure_of(finished, execution.limits, execution.output)
    return finished


def read_progress(output: Path) -> Progress | None:
    """progress.json if it is there and sane; it was written in the sandbox, so nothing in it is trusted."""
    try:
        values = read_json_object(output / "progress.json", PROGRESS_BYTES)
        phase, done, total = PHASES[str(values["phase"])], int(values["done"]), int(values["total"])
    except Exception:  # not even logged: it is looked at twice a second, and may hold anything
        return None
    return Progress(phase=phase, done=done, total=total) if 0 <= done <= total <= 1 << 40 else None


class _LogTail:
    """Passes on what was added to the log since the last look, in bounded chunks of whole characters."""

    def __init__(self, path: Path, sink: Callable[[str], None]) -> None:
        self._path = path
        self._sink = sink
        self._position = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def read(self) -> bool:
        """One chunk; returns whether there was any."""
        with self._path.open("rb") as log:
            log.seek(self._position)
            chunk = log.read(CHUNK_BYTES)
        self._position += len(chunk)
        text = self._decoder.decode(chunk).replace("\x00", "\N{REPLACEMENT CHARACTER}")
        if text:
            self._sink(text)
        return bool(chunk)

    def rest(self) -> None:
        """Everything up to the end; of a flood only its last lines, with a note of what was left out."""
        skipped = self._path.stat().st_size - self._position - REST_BYTES
        if skipped > 0:
            self._sink(f"\n[{skipped} bytes of log left out]\n")
            self._position += skipped
        while self.read():
            pass
