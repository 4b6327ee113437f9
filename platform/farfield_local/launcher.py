"""Ties a command's life to its parent's, then becomes that command.

Called as `python -I -S launcher.py PARENT SIGNAL USER REACH COMMAND...`, a program of its own that needs nothing but
the standard library. On Linux the kernel sends SIGNAL to the command when the thread that started it ends, even if
that was killed with -9; the supervisor therefore starts everything from its main thread. USER is `uid:gid` or `-`.
REACH is 1 when that user must pass folders that are closed to it; see `_keep_reach`.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1
PR_SET_SECUREBITS = 28
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAP_DAC_OVERRIDE = 1
SECBIT_NO_SETUID_FIXUP = 1 << 2
CAPABILITY_VERSION_3 = 0x20080522
ORPHANED = 70


def main(argv: list[str]) -> None:
    """Change the user, arrange the end, become the command."""
    parent, signal, user, reach, *command = argv
    if user != "-":
        uid, gid = map(int, user.split(":"))
        _become(uid, gid, keep_reach=reach == "1")
    if sys.platform == "linux":
        # After the change of user, which would clear it.
        _prctl(PR_SET_PDEATHSIG, int(signal))
        if os.getppid() != int(parent):
            raise SystemExit(ORPHANED)
    os.execv(command[0], command)


def _become(uid: int, gid: int, *, keep_reach: bool) -> None:
    if keep_reach:
        # Without it the change of user would drop every capability, and access(2) would leave them out of account.
        _prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP)
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
    if keep_reach:
        _keep_reach()


def _keep_reach() -> None:
    """Let a user who is not root pass closed folders, such as a checkout below /root (mode 700).

    PostgreSQL refuses to run as root, but it has to reach its own programs and data. This one capability lets it, and
    no folder of the machine has its permissions changed.
    """
    bit = 1 << CAP_DAC_OVERRIDE
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    # Two sets of 32 capabilities, each as effective, permitted, inheritable.
    sets = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)
    if ctypes.CDLL(None, use_errno=True).capset(header, sets) != 0:
        raise OSError(ctypes.get_errno(), "cannot keep the right to pass closed folders")
    _prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE)


def _prctl(option: int, first: int, second: int = 0) -> None:
    """All five arguments in full width: some options demand that the unused ones are 0."""
    words = [ctypes.c_ulong(word) for word in (first, second, 0, 0)]
    if ctypes.CDLL(None, use_errno=True).prctl(option, *words) != 0:
        raise OSError(ctypes.get_errno(), f"prctl option {option} failed")


if __name__ == "__main__":
    main(sys.argv[1:])
