"""Why a run failed: a stable code and a sentence, and whether the platform is to blame."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from farfield import FarfieldError
from farfield.errors import PredictionsError
from farfield_workers.sandbox.base import GIB, Ending, Finished, Limits, Memory
from farfield_workers.untrusted import read_json_object, reading

_AUTHOR_CODES = re.compile(r"(plugin|predictions|resources)\.[a-z_]{1,40}")
MESSAGE_LENGTH = 2000
ERROR_BYTES = 1 << 20


class RunFailure(FarfieldError):
    """A run that ends without scores. `infrastructure` failures are tried again and cost no quota.

    `memory` is what the method held at most, where it was run.
    """

    memory: Memory | None = None

    def __init__(self, code: str, message: str, *, infrastructure: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.infrastructure = infrastructure


@contextmanager
def of_the_method(what: str, code: str = PredictionsError.code) -> Iterator[None]:
    """Whatever is wrong with `what`, which a sandbox wrote, ends the run by the method's fault. Raises RunFailure."""
    try:
        with reading(what, code):
            yield
    except PredictionsError as error:
        raise RunFailure(error.code, str(error)[:MESSAGE_LENGTH]) from error


@contextmanager
def remembering(memory: Memory | None) -> Iterator[None]:
    """What fails here comes after a method has run, and says what that held at most."""
    try:
        yield
    except RunFailure as failure:
        failure.memory = memory
        raise


def full_disk() -> RunFailure:
    """That somebody else has filled the worker's disk, wherever the run met it."""
    return RunFailure("platform.disk", "the worker's disk is full; the run is tried again", infrastructure=True)


def failure_of(finished: Finished, limits: Limits, output: Path) -> RunFailure:
    """The failure that an execution which did not complete stands for."""
    if finished.ending in (Ending.REPORTED, Ending.CRASHED) and finished.disk_full:
        return full_disk()
    if finished.ending is Ending.REPORTED:
        return _reported(output)
    if finished.ending is Ending.TIME:
        return RunFailure("resources.time", f"the run took longer than its {limits.seconds / 60:g} minutes")
    if finished.ending is Ending.MEMORY:
        return RunFailure("resources.memory", f"the run used more than its {limits.memory_bytes / GIB:g} GiB of memory")
    if finished.ending is Ending.OUTPUT:
        return RunFailure(
            "resources.output",
            f"the run wrote more than {limits.output_bytes / GIB:g} GiB, or over {limits.output_files} files",
        )
    return RunFailure("plugin.crashed", f"the method's process died (exit status {finished.status}); see the log")


def _reported(output: Path) -> RunFailure:
    """error.json was written in the sandbox: its code counts only if it is one that an author can be told."""
    try:
        values = read_json_object(output / "error.json", ERROR_BYTES)
    except PredictionsError:
        return RunFailure("plugin.crashed", "the method's process ended by itself, without a result; see the log")
    code, message = str(values.get("code")), str(values.get("message"))[:MESSAGE_LENGTH]
    if code == "platform.bad_job":  # believed, but never tried again for it: a method could claim it for ever
        return RunFailure(code, message)
    return RunFailure(code if _AUTHOR_CODES.fullmatch(code) else "plugin.raised", message)
