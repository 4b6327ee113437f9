"""Run a command under limits, so that nothing of it outlives its worker. Run by path, standard library only.

    python -I launch.py PARENT_PID MEMORY_BYTES OUTPUT_BYTES CPU_SECONDS COMMAND [ARGUMENT ...]

The limits are set here, between fork and exec: a worker with threads must not run Python code there itself. This
process stays beside the command and ends all of its process group when the worker dies, even by kill -9.
"""

import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1
PR_SET_NO_NEW_PRIVS = 38


def main(argv: list[str]) -> int:
    """Run the command under limits; returns its exit status, or 128 + the signal that ended it."""
    parent, memory, output, seconds = (int(value) for value in argv[:4])
    _watch_over(parent)
    child = os.fork()
    if child == 0:
        _become(argv[4:], memory, output, seconds)
    _, status = os.waitpid(child, 0)
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)


def _watch_over(parent: int) -> None:
    """When the worker is gone, end the whole process group: the command, and whatever it started."""
    signal.signal(signal.SIGTERM, lambda *_: os.killpg(0, signal.SIGKILL))
    if sys.platform != "linux":
        return
    if _prctl(PR_SET_PDEATHSIG, signal.SIGTERM) != 0 or os.getppid() != parent:
        sys.exit(70)


def _become(command: list[str], memory: int, output: int, seconds: int) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if sys.platform == "linux":
        _prctl(PR_SET_NO_NEW_PRIVS, 1)
        _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    for kind, limit in (
        (resource.RLIMIT_DATA, memory),
        (resource.RLIMIT_FSIZE, output),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 1024),
    ):
        _limit(kind, limit)
    os.execv(command[0], command)


def _prctl(option: int, value: int) -> int:
    return int(ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0))


def _limit(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (ceiling, ceiling))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
