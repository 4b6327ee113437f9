"""Give up every privilege, set limits on this process, and become a command. Run by path, standard library only.

    python -I confine.py USER DATA OUTPUT CPU FILES PROCESSES COMMAND [ARGUMENT ...]

USER is a user and group number, or -1 to stay who it is; DATA and OUTPUT are bytes, CPU seconds; -1 is no limit.
"""

import contextlib
import ctypes
import os
import resource
import sys

PR_SET_NO_NEW_PRIVS = 38
PR_CAPBSET_DROP = 24
LAST_CAPABILITY = 63
KINDS = (
    resource.RLIMIT_DATA,
    resource.RLIMIT_FSIZE,
    resource.RLIMIT_CPU,
    resource.RLIMIT_NOFILE,
    resource.RLIMIT_NPROC,
)


def main(argv: list[str]) -> None:
    """Never returns."""
    user, *limits = (int(value) for value in argv[: 1 + len(KINDS)])
    command = argv[1 + len(KINDS) :]
    for kind, limit in zip(KINDS, limits, strict=True):
        _limit(kind, limit)
    _limit(resource.RLIMIT_CORE, 0)
    if sys.platform == "linux":
        _drop_capabilities()
    if user >= 0:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    if sys.platform == "linux":
        _prctl(PR_SET_NO_NEW_PRIVS, 1)
    os.execv(command[0], command)


def _drop_capabilities() -> None:
    """From the bounding set; changing the user takes the others. It fails for who has none, and need not succeed."""
    for number in range(LAST_CAPABILITY + 1):
        _prctl(PR_CAPBSET_DROP, number)


def _prctl(option: int, value: int) -> int:
    return int(ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0))


def _limit(kind: int, value: int) -> None:
    if value < 0:
        return
    _, hard = resource.getrlimit(kind)
    ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
    with contextlib.suppress(ValueError, OSError):  # never loosened: a lower limit of the host stays
        resource.setrlimit(kind, (ceiling, ceiling))


if __name__ == "__main__":
    main(sys.argv[1:])
