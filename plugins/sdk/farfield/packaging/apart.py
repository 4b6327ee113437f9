"""Looking into what strangers sent in a process of its own, with an end to the memory and the time it may take.

    facts = apart("farfield.packaging.package:facts", {"path": "/tmp/x.whl", "filename": "x.whl"})

Parsers cost more than their input in ways that nobody lists to the end: so whatever reads an upload runs apart, and
gives plain data back, or the error that it found. The child holds no secret, starts in a few hundredths of a second
(unless its task needs numpy), ends with whoever asked, and is killed with all that it started.
"""

import json
import logging
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, cast

from farfield.errors import FarfieldError
from farfield.packaging.apart_child import READY

log = logging.getLogger(__name__)
MIB = 1 << 20
CODE = "resources.inspection"
_CHILD = Path(__file__).with_name("apart_child.py")
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "LC_ALL": "C.UTF-8"}
_PIECE = 1 << 16
# Each may take its limits in full, so not all of a server's threads may look into something at once.
_AT_ONCE = threading.BoundedSemaphore(2)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What looking into a file may cost: memory beyond what the child has at its start, and seconds of both clocks.

    written_bytes is the longest file that it may write, answer_bytes the longest answer it may give.
    """

    memory_bytes: int = 256 * MIB
    cpu_seconds: int = 30
    wall_seconds: float = 90.0
    written_bytes: int = 0
    answer_bytes: int = 16 * MIB


class Refused(FarfieldError):
    """The task refused what it read, with a FarfieldError of its own: `code`, and its `details` if it has some."""

    def __init__(self, code: str, message: str, details: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.details = details


class TooCostly(FarfieldError):
    """Looking into a file took more memory or time than any honest file takes."""

    code = CODE


class Unreadable(FarfieldError):
    """The task met something in the file that nobody foresaw; the traceback is in our log, for it is ours to mend."""

    code = "plugin.not_a_package"


class CannotLook(FarfieldError):
    """The child could not be started, or broke before it looked at anything: nothing was found out about the file."""

    code = "platform.error"


def apart(task: str, arguments: Mapping[str, Any], limits: Limits = Limits(), *, bare: bool = True) -> Any:
    """What the function `module:name` returns for these arguments; both must be plain data, as JSON has it.

    `bare`: the task needs the modules that it names and not the whole of `farfield`, so that numpy is not imported.
    Raises Refused, TooCostly, Unreadable or CannotLook.
    """
    request = {
        "task": task,
        "arguments": dict(arguments),
        "limits": asdict(limits),
        "bare": str(Path(__file__).parents[1]) if bare else "",
        "path": [str(Path(place).absolute()) for place in sys.path],  # the child starts elsewhere
        "parent": os.getpid(),
    }
    if not _AT_ONCE.acquire(timeout=limits.wall_seconds):
        raise CannotLook("too many files are being looked into; send it again in a minute")
    try:
        return _answer(task, *_run(json.dumps(request).encode(), limits))
    finally:
        _AT_ONCE.release()


def _run(request: bytes, limits: Limits) -> tuple[bytes, str]:
    """What the child wrote, and how it ended if not by itself."""
    try:
        child = subprocess.Popen(
            # No site: no file of an environment runs code here, and it starts sooner. The path is handed over.
            [sys.executable, "-I", "-S", str(_CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env=_ENVIRONMENT,
            start_new_session=True,
        )
    except OSError as error:
        raise CannotLook(f"no process could be started to look into the file: {error.strerror}") from error
    with child:
        try:
            return _converse(child, request, limits)
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)


def _converse(child: subprocess.Popen[bytes], request: bytes, limits: Limits) -> tuple[bytes, str]:
    deadline = time.monotonic() + limits.wall_seconds
    asking, answering = cast("tuple[IO[bytes], IO[bytes]]", (child.stdin, child.stdout))  # both were asked for
    with suppress(BrokenPipeError):
        asking.write(request)
        asking.close()
    return _read(answering, deadline, limits.answer_bytes)


def _read(pipe: IO[bytes], deadline: float, most: int) -> tuple[bytes, str]:
    kept = bytearray()
    with selectors.DefaultSelector() as waiting:
        waiting.register(pipe, selectors.EVENT_READ)
        while waiting.select(max(0.0, deadline - time.monotonic())):
            piece = os.read(pipe.fileno(), _PIECE)
            if not piece:
                return bytes(kept), ""
            kept += piece
            if len(kept) > most + _PIECE:
                return bytes(kept[:_PIECE]), "its answer is longer than any honest file's"
    return bytes(kept), "it took too long"


def _answer(task: str, written: bytes, ended: str) -> Any:
    if not written.startswith(READY):
        log.error("%s broke before it looked at anything: %s", task, written[-4000:].decode(errors="replace"))
        raise CannotLook("the file could not be looked into; this is ours to mend")
    answer = {} if ended else _plain(written[len(READY) :])
    if "value" in answer:
        return answer["value"]
    if "refused" in answer:
        found = answer["refused"]
        raise Refused(str(found["code"]), str(found["message"]), found["details"])
    if "unforeseen" in answer:
        log.error("%s met something unforeseen in a file:\n%s", task, answer["traceback"])
        raise Unreadable(f"the file holds something that cannot be read ({answer['unforeseen']})")
    raise TooCostly(_costly(ended or answer.get("costly", "")))


def _costly(how: str) -> str:
    why = how or "it used up its time or memory"  # killed by the kernel, by which nothing more is said
    return f"looking into the file costs more than any honest file does: {why}"


def _plain(text: bytes) -> dict[str, Any]:
    """The child's last word; nothing where it was killed in the middle of it."""
    try:
        answer = json.loads(text) if text.endswith(b"\n") else {}
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}
