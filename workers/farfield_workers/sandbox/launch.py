"""Start a command under limits, so that it cannot outlive its worker. Run by path, standard library only.

    python -I launch.py PARENT_PID MEMORY_BYTES OUTPUT_BYTES CPU_SECONDS COMMAND [ARGUMENT ...]

The limits are set here, in the process that then becomes the command: a worker with threads must not run Python code
between fork and exec.
"""

import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1
PR_SET_NO_NEW_PRIVS = 38


def main(argv: list[str]) -> None:
    """Set the limits and become the command."""
    parent, memory, output, seconds = (int(value) for value in argv[:4])
    _die_with(parent)
    for kind, limit in (
        (resource.RLIMIT_DATA, memory),
        (resource.RLIMIT_FSIZE, output),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 1024),
    ):
        _limit(kind, limit)
    os.execv(argv[4], argv[4:])


def _die_with(parent: int) -> None:
    """Ask the kernel for SIGKILL when the worker is gone, and check that it is not gone already."""
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0 or os.getppid() != parent:
        sys.exit(70)


def _limit(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (ceiling, ceiling))


if __name__ == "__main__":
    main(sys.argv[1:])
