"""A seccomp filter: the system calls and the kinds of sockets that a method needs, and no others.

It is a second wall behind namespaces and dropped capabilities: not every family of sockets is in a namespace (AF_VSOCK
reaches the machine's host), and a call that cannot be made opens no kernel. bubblewrap takes it as a compiled classic
BPF program (seccomp(2), linux/filter.h), Docker as a profile; both say the same, so neither depends on an engine's own.
"""

import json
import platform
import struct
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from farfield_workers.sandbox.syscalls import ARM64, NEWEST, X86_64

_LOAD, _JUMP_EQUAL, _JUMP_GREATER_EQUAL, _JUMP_ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_ERRNO = 0x00050000
_EPERM, _ENOSYS, _EAFNOSUPPORT = 1, 38, 97
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, (16, 24, 32)
# CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
_NAMESPACES = 0x00020000 | 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000
_X32 = 0x40000000
_UNIX, _NETLINK, _INTERNET = 1, 16, (2, 10)
_KIND = 0xF  # what is left of a socket's type without SOCK_CLOEXEC and SOCK_NONBLOCK
_ROUTE = 0  # the one protocol of netlink that listing the network's interfaces takes
# TCP and UDP: other protocols have the kernel load modules that hardly anybody uses.
_STREAM, _DATAGRAM = 1, 2
_TRANSPORTS = ((_STREAM, 0), (_STREAM, 6), (_DATAGRAM, 0), (_DATAGRAM, 17))


class _Machine(NamedTuple):
    """What the kernel calls it, what a profile calls it, and the numbers of the system calls that it allows."""

    architecture: int
    profile: str
    allowed: Mapping[str, int]


_MACHINES = {
    "x86_64": _Machine(0xC000003E, "SCMP_ARCH_X86_64", X86_64),
    "aarch64": _Machine(0xC00000B7, "SCMP_ARCH_AARCH64", ARM64),
}
_CONDITIONAL = ("clone", "clone3", "socket", "socketpair")
# System V segments and messages, files without a name, pages in a pipe.
_UNCOUNTED = frozenset({"shmget", "semget", "msgget", "mq_open", "vmsplice", "memfd_create"})


def program(machine: str = "", *, uncounted: bool = False) -> bytes | None:
    """The filter for this machine's system calls, or None for a machine that is not in the tables.

    With `uncounted`, no control group counts memory, and what holds pages that nobody has mapped is not allowed.
    """
    known = _MACHINES.get(machine or platform.machine())
    if known is None:
        return None
    numbers = known.allowed
    lines = [
        _line(_LOAD, 0, 0, _ARCHITECTURE),
        _line(_JUMP_EQUAL, 1, 0, known.architecture),
        _line(_RETURN, 0, 0, _KILL),
        _line(_LOAD, 0, 0, _NUMBER),
        _line(_JUMP_GREATER_EQUAL, 0, 1, _X32),
        _line(_RETURN, 0, 0, _KILL),
        # glibc falls back from clone3, whose flags lie in memory where no filter can look, to clone.
        _line(_JUMP_EQUAL, 0, 1, numbers["clone3"]),
        _line(_RETURN, 0, 0, _ERRNO | _ENOSYS),
        *_only_for(numbers["clone"], _clone()),
        *_only_for(numbers["socketpair"], [*_if(0, _UNIX), _line(_RETURN, 0, 0, _ERRNO | _EAFNOSUPPORT)]),
        *_only_for(numbers["socket"], _socket()),
    ]
    left_out = {*_CONDITIONAL, *(_UNCOUNTED if uncounted else ())}
    lines += _ranges(n for name, n in numbers.items() if name not in left_out)
    lines += [_line(_JUMP_GREATER_EQUAL, 0, 1, NEWEST + 1), _line(_RETURN, 0, 0, _ERRNO | _ENOSYS)]
    return b"".join([*lines, _line(_RETURN, 0, 0, _ERRNO | _EPERM)])


def profile(machine: str = "") -> str | None:
    """The same filter as a container engine takes it, or None for a machine that is not in the tables.

    What is newer than all that a profile names, `runc` answers as the kernel would: it does not know the call.
    """
    known = _MACHINES.get(machine or platform.machine())
    if known is None:
        return None
    free = sorted(name for name in known.allowed if name not in _CONDITIONAL)
    calls: list[dict[str, Any]] = [
        {"names": free, "action": "SCMP_ACT_ALLOW"},
        {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": _ENOSYS},
        _allowed("clone", _masked(0, _NAMESPACES, 0)),
        _allowed("socketpair", _equal(0, _UNIX)),
        _allowed("socket", _equal(0, _UNIX)),
        _allowed("socket", _equal(0, _NETLINK), _equal(2, _ROUTE)),
    ]
    for family in _INTERNET:
        for kind, protocol in _TRANSPORTS:
            calls.append(_allowed("socket", _equal(0, family), _masked(1, _KIND, kind), _equal(2, protocol)))
    return json.dumps({"defaultAction": "SCMP_ACT_ERRNO", "architectures": [known.profile], "syscalls": calls})


def _clone() -> list[bytes]:
    return [
        _line(_LOAD, 0, 0, _ARGUMENTS[0]),
        _line(_JUMP_ANY_BIT, 0, 1, _NAMESPACES),
        _line(_RETURN, 0, 0, _ERRNO | _EPERM),
        _line(_RETURN, 0, 0, _ALLOW),
    ]


def _socket() -> list[bytes]:
    refused = _line(_RETURN, 0, 0, _ERRNO | _EAFNOSUPPORT)
    netlink = [*_if(2, _ROUTE), refused]
    internet = [*(line for kind, protocol in _TRANSPORTS for line in _transport(kind, protocol)), refused]
    return [
        *_if(0, _UNIX),
        _line(_JUMP_EQUAL, 0, len(netlink), _NETLINK),
        *netlink,
        _line(_JUMP_EQUAL, 1, 0, _INTERNET[0]),
        _line(_JUMP_EQUAL, 0, len(internet), _INTERNET[1]),
        *internet,
        refused,
    ]


def _if(argument: int, value: int) -> list[bytes]:
    """Allow the call where an argument has this value; else go on, with the argument at hand."""
    return [
        _line(_LOAD, 0, 0, _ARGUMENTS[argument]),
        _line(_JUMP_EQUAL, 0, 1, value),
        _line(_RETURN, 0, 0, _ALLOW),
    ]


def _transport(kind: int, protocol: int) -> list[bytes]:
    """Allow the call for a socket of this kind with this protocol."""
    return [
        _line(_LOAD, 0, 0, _ARGUMENTS[1]),
        _line(_AND, 0, 0, _KIND),
        _line(_JUMP_EQUAL, 0, 3, kind),
        *_if(2, protocol),
    ]


def _only_for(number: int, lines: list[bytes]) -> list[bytes]:
    """These lines, all paths of which end, for one system call; the others pass them by."""
    return [_line(_JUMP_EQUAL, 0, len(lines), number), *lines]


def _ranges(numbers: Iterator[int]) -> list[bytes]:
    """Allow these system calls: one comparison with both ends of each run of numbers."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    lines = []
    for first, last in runs:
        lines += [_line(_JUMP_GREATER_EQUAL, 0, 2, first), _line(_JUMP_GREATER_EQUAL, 1, 0, last + 1)]
        lines += [_line(_RETURN, 0, 0, _ALLOW)]
    return lines


def _line(code: int, if_true: int, if_false: int, value: int) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _allowed(name: str, *arguments: dict[str, Any]) -> dict[str, Any]:
    return {"names": [name], "action": "SCMP_ACT_ALLOW", "args": list(arguments)}


def _equal(argument: int, value: int) -> dict[str, Any]:
    return {"index": argument, "value": value, "op": "SCMP_CMP_EQ"}


def _masked(argument: int, mask: int, value: int) -> dict[str, Any]:
    return {"index": argument, "value": mask, "valueTwo": value, "op": "SCMP_CMP_MASKED_EQ"}
