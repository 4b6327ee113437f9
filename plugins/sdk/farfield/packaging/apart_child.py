"""The child's half of `farfield.packaging.apart`: a script that limits itself, does one task and says what came of it.

It imports the standard library and the task's own modules, nothing else, so that each upload can afford it.
"""

import json
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

READY = b"ready\n"
MOST_CHARACTERS = 10_000
_OUT_OF_MEMORY = b'{"costly": "it used up its memory"}\n'
_PR_SET_PDEATHSIG = 1
_GRACE_SECONDS = 5


def main() -> None:
    """Read the request from standard input, and answer it: `ready`, then one line of JSON."""
    request = json.loads(sys.stdin.buffer.read())
    end_with_parent(request["parent"])
    sys.path[:] = request["path"]
    if request["bare"]:
        _enter_bare(request["bare"])
    task = find(request["task"])
    limit(request["limits"])
    _say(READY)
    _say(outcome(task, request["arguments"]))


def find(name: str) -> Callable[..., Any]:
    """The function `module:name`."""
    module, _, function = name.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), function)
    return found


def outcome(task: Callable[..., Any], arguments: Mapping[str, Any]) -> bytes:
    """The line that says what came of the task; out of memory it is one that was made before."""
    try:
        return _line(_outcome(task, arguments))
    except MemoryError:
        return _OUT_OF_MEMORY


def _outcome(task: Callable[..., Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return {"value": task(**arguments)}
    except MemoryError:
        raise
    except Exception as error:
        if not hasattr(error, "code"):
            return {"unforeseen": type(error).__name__, "traceback": _shown(error)}
        said = str(error)[:MOST_CHARACTERS]  # it may quote the file
        return {"refused": {"code": error.code, "message": said, "details": getattr(error, "details", None)}}


def _shown(error: Exception) -> str:
    """Not the whole of it: the message may quote the file, and a stack that is too deep has a thousand lines."""
    return "".join(traceback.format_exception(error, limit=-10))[-4000:]


def _line(answer: Mapping[str, Any]) -> bytes:
    return json.dumps(answer).encode() + b"\n"


def _enter_bare(folder: str) -> None:
    """The package `farfield` without what its `__init__` imports: one module of it can then be had alone."""
    package = ModuleType("farfield")
    package.__path__ = [folder]
    sys.modules["farfield"] = package


def end_with_parent(parent: int) -> None:
    """Have the kernel end this process when its parent is gone; elsewhere than on Linux its alarm clock does."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)


def limit(limits: Mapping[str, Any]) -> None:
    """Set what may be used from now on; the clocks end the process by a signal that no parser can hold off."""
    seconds = limits["cpu_seconds"]
    _set(resource.RLIMIT_CORE, 0, 0)
    _set(resource.RLIMIT_CPU, seconds, seconds + 1)
    _set(resource.RLIMIT_FSIZE, limits["written_bytes"], limits["written_bytes"])
    _set(resource.RLIMIT_NOFILE, 256, 256)
    _set(resource.RLIMIT_NPROC, 0, 0)
    memory = _address_space() + limits["memory_bytes"]
    _set(resource.RLIMIT_AS, memory, memory)
    signal.setitimer(signal.ITIMER_REAL, limits["wall_seconds"] + _GRACE_SECONDS)


def _set(which: int, soft: int, hard: int) -> None:
    """As far as the system goes along: a bound that is lower already stays, and some systems know only a part."""
    _, most = resource.getrlimit(which)
    if most != resource.RLIM_INFINITY:
        soft, hard = min(soft, most), min(hard, most)
    with suppress(OSError, ValueError):
        resource.setrlimit(which, (soft, hard))


def _address_space() -> int:
    """Bytes that this process has in its address space already; 0 where the system does not say."""
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    except OSError:
        return 1 << 30  # about what Python with numpy reserves


def _say(text: bytes) -> None:
    sys.stdout.buffer.write(text)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    try:
        main()
    except Exception:
        _say(traceback.format_exc().encode())
        sys.exit(1)
