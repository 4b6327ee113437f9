"""A seccomp filter: system calls that no method needs and that have opened kernels before.

It is a second wall behind namespaces and dropped capabilities. Docker brings a stricter one of its own; bubblewrap
takes a compiled classic BPF program, which this module assembles (seccomp(2), linux/filter.h).
"""

import platform
import struct

_LOAD, _JUMP_EQUAL, _JUMP_GREATER_EQUAL, _JUMP_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_ERRNO = 0x00050000
_EPERM, _ENOSYS = 1, 38
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
# CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
_NAMESPACES = 0x00020000 | 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000
_X32 = 0x40000000

# Architecture token, clone, clone3, and the numbers that are refused, from the kernel's own tables.
_X86_64 = {
    "ptrace": 101, "syslog": 103, "personality": 135, "pivot_root": 155, "chroot": 161, "acct": 163, "mount": 165,
    "umount2": 166, "swapon": 167, "swapoff": 168, "reboot": 169, "init_module": 175, "delete_module": 176,
    "quotactl": 179, "add_key": 248, "request_key": 249, "keyctl": 250, "unshare": 272, "perf_event_open": 298,
    "name_to_handle_at": 303, "open_by_handle_at": 304, "setns": 308, "process_vm_readv": 310,
    "process_vm_writev": 311, "kcmp": 312, "finit_module": 313, "kexec_file_load": 320, "bpf": 321,
    "userfaultfd": 323, "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "open_tree": 428,
    "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433, "mount_setattr": 442,
    "kexec_load": 246,
}  # fmt: skip
_ARM64 = {
    "umount2": 39, "mount": 40, "pivot_root": 41, "chroot": 51, "quotactl": 60, "acct": 89, "unshare": 97,
    "kexec_load": 104, "init_module": 105, "delete_module": 106, "syslog": 116, "ptrace": 117, "personality": 92,
    "reboot": 142, "add_key": 217, "request_key": 218, "keyctl": 219, "swapon": 224, "swapoff": 225,
    "perf_event_open": 241, "name_to_handle_at": 264, "open_by_handle_at": 265, "setns": 268,
    "process_vm_readv": 270, "process_vm_writev": 271, "kcmp": 272, "finit_module": 273, "bpf": 280,
    "userfaultfd": 282, "kexec_file_load": 294, "io_uring_setup": 425, "io_uring_enter": 426,
    "io_uring_register": 427, "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432,
    "fspick": 433, "mount_setattr": 442,
}  # fmt: skip
_MACHINES = {
    "x86_64": (0xC000003E, 56, 435, _X86_64),
    "aarch64": (0xC00000B7, 220, 435, _ARM64),
}


def program(machine: str = "") -> bytes | None:
    """The filter for this machine's system calls, or None for a machine that is not in the tables."""
    known = _MACHINES.get(machine or platform.machine())
    if known is None:
        return None
    architecture, clone, clone3, refused = known
    lines = [
        _line(_LOAD, 0, 0, _ARCHITECTURE),
        _line(_JUMP_EQUAL, 1, 0, architecture),
        _line(_RETURN, 0, 0, _KILL),
        _line(_LOAD, 0, 0, _NUMBER),
        _line(_JUMP_GREATER_EQUAL, 0, 1, _X32),
        _line(_RETURN, 0, 0, _KILL),
        # glibc falls back from clone3, whose flags lie in memory where no filter can look, to clone.
        _line(_JUMP_EQUAL, 0, 1, clone3),
        _line(_RETURN, 0, 0, _ERRNO | _ENOSYS),
        _line(_JUMP_EQUAL, 0, 4, clone),
        _line(_LOAD, 0, 0, _FIRST_ARGUMENT),
        _line(_JUMP_ANY_BIT, 0, 1, _NAMESPACES),
        _line(_RETURN, 0, 0, _ERRNO | _EPERM),
        _line(_RETURN, 0, 0, _ALLOW),
    ]
    for number in sorted(refused.values()):
        lines += [_line(_JUMP_EQUAL, 0, 1, number), _line(_RETURN, 0, 0, _ERRNO | _EPERM)]
    return b"".join([*lines, _line(_RETURN, 0, 0, _ALLOW)])


def _line(code: int, if_true: int, if_false: int, value: int) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)
