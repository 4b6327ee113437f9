"""Run a command so that nothing of it outlives its worker. Run by path, standard library only.

    python -I launch.py PARENT_PID COMMAND [ARGUMENT ...]

This process stays beside the command and ends all of its process group when the worker dies, even by kill -9. As the
first process of a world of its own, whose parent is 0, it takes the part of an init: the others cannot signal it, it
buries the orphans among them, and all of them end with it.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4


def main(argv: list[str]) -> int:
    """Run the command; returns its exit status, or 128 + the signal that ended it."""
    _watch_over(int(argv[0]))
    _be_private()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one signal that Python listens to by itself
    child = os.fork()
    if child == 0:
        os.dup2(1, 2)  # one stream: what is printed first is first in the log
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        _when_parent_dies(signal.SIGKILL)
        os.execv(argv[1], argv[1:])
    status = _status_of(child)
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)


def _status_of(child: int) -> int:
    """How the command ended; whatever else ends meanwhile is an orphan."""
    while True:
        pid, status = os.wait()
        if pid == child:
            return status


def _watch_over(parent: int) -> None:
    """When the worker is gone, end the whole process group: the command, and whatever it started."""
    first = os.getpid() == 1
    if not first:
        signal.signal(signal.SIGTERM, lambda *_: os.killpg(0, signal.SIGKILL))
    last = signal.SIGKILL if first else signal.SIGTERM
    if sys.platform == "linux" and (_when_parent_dies(last) != 0 or os.getppid() != parent):
        sys.exit(70)


def _be_private() -> None:
    """The command is the same user, and must not stop this process or look into it; starting it ends that for it."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def _when_parent_dies(number: int) -> int:
    if sys.platform != "linux":
        return 0
    return int(ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number, 0, 0, 0))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
