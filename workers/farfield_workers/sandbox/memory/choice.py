"""What limits and counts the memory of runs on this host, found out once and said to the operator."""

import contextlib
import logging
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from farfield_workers.sandbox.memory import version1, version2
from farfield_workers.sandbox.memory.files import text
from farfield_workers.sandbox.memory.group import Group, kill_members
from farfield_workers.sandbox.memory.hidden import World
from farfield_workers.sandbox.memory.hierarchies import OWN, hierarchies
from farfield_workers.sandbox.memory.meter import ADDED_UP, AddingMeter, GroupMeter, Meter

SETTING, OFF = "FARFIELD_CGROUP", "off"
JOIN = Path(__file__).with_name("join.py")
TRY_BYTES, TRY_PROCESSES, TRY_SECONDS = 256 << 20, 16, 20
NAME = re.compile(r"farfield-(\d+)-(\d+)-[0-9a-f]+")
log = logging.getLogger(__name__)
Make = Callable[[str], Group]


@dataclass(frozen=True, kw_only=True)
class Counting:
    """By what memory is counted; `parents` of groups, and how one is made; `lacks` says why there are none."""

    name: str
    parents: tuple[Path, ...] = ()
    make: Make | None = None
    lacks: str = ""


@cache
def counting() -> Counting:
    """This host's, as the worker finds it at its first need; FARFIELD_CGROUP names a group, or is "off"."""
    chosen = choose(os.environ.get(SETTING, ""))
    if chosen.lacks:
        log.warning("memory of runs is %s, for want of control groups: %s", chosen.name, chosen.lacks)
    else:
        log.info("memory of runs: %s below %s", chosen.name, chosen.parents[0])
    return chosen


def choose(wanted: str, process: Path = OWN) -> Counting:
    """Version 2 where it has `memory`, else version 1, else adding up; one that was tried and works."""
    if wanted == OFF:
        return Counting(name=ADDED_UP, lacks=f"{SETTING} is {OFF}")
    reasons = []
    for found in _possible(wanted, process):
        reason = _unusable(found)
        if not reason:
            return found
        reasons.append(f"{found.name}: {reason}")
    none = "no group that this user may make groups in hands on memory; see the operator guide"
    return Counting(name=ADDED_UP, lacks="; ".join(reasons) or none)


def open_meter(memory_bytes: int, processes: int, world: World | None = None) -> Meter:
    """Of one run that is about to start; `world` for one that is isolated."""
    made = counting().make
    if made is not None:
        try:
            return _limited(made, memory_bytes, processes)
        except OSError as error:
            log.warning("no control group for this run, whose memory is added up instead: %s", error)
    return AddingMeter(memory_bytes, world)


def joining(meter: Meter, command: Sequence[str]) -> list[str]:
    """The command, preceded by what joins the run's groups first."""
    if not meter.entrances:
        return list(command)
    return [sys.executable, "-I", "-S", str(JOIN), str(len(meter.entrances)), *meter.entrances, *command]


def remove_left_groups() -> int:
    """Remove the groups of workers that are gone; how many there were."""
    left = [folder for parent in counting().parents for folder in parent.glob("farfield-*") if _is_left(folder)]
    return sum(_removed(folder) for folder in left)


def _possible(wanted: str, process: Path) -> list[Counting]:
    found = hierarchies(process, process)
    name = "" if wanted == "/" else wanted
    parents2 = [parent for h in found if h.unified and (parent := version2.parent_in(h, name))]
    parents1 = version1.parents_in([h for h in found if not h.unified], name)
    possible = [
        Counting(name=version2.NAME, parents=(parent,), make=partial(version2.make, parent)) for parent in parents2
    ]
    if parents1:
        possible.append(Counting(name=version1.NAME, parents=parents1, make=partial(version1.make, parents1)))
    return possible


def _unusable(found: Counting) -> str:
    """Why no run can be held in a group there, found out by trying; empty when it can."""
    if found.make is None:
        return "there are no groups"
    try:
        meter = _limited(found.make, TRY_BYTES, TRY_PROCESSES)
    except OSError as error:
        return str(error)
    try:
        done = subprocess.run(
            joining(meter, [sys.executable, "-I", "-S", "-c", "pass"]),
            check=False,
            capture_output=True,
            timeout=TRY_SECONDS,
        )
        meter.over(list)
        entered = done.returncode == 0 and meter.peak > 0
        return "" if entered else f"a group counts nothing: {done.stderr.decode(errors='replace').strip()[:200]}"
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    finally:
        meter.close()


def _limited(make: Make, memory_bytes: int, processes: int) -> GroupMeter:
    """Raises OSError, and leaves no group behind, where the kernel takes no limit."""
    group = make(f"farfield-{os.getpid()}-{_started(os.getpid())}-{secrets.token_hex(4)}")
    try:
        group.limit(memory_bytes, processes)
    except OSError:
        group.remove()
        raise
    return GroupMeter(group, memory_bytes)


def _started(pid: int) -> str:
    """When a process was started, in ticks of the kernel; with its number, a name that is never used again."""
    return (text(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split() or [""] * 20)[19]


def _is_left(folder: Path) -> bool:
    made_by = NAME.fullmatch(folder.name)
    return made_by is not None and _started(int(made_by[1])) != made_by[2]


def _removed(folder: Path) -> bool:
    kill_members(folder)
    with contextlib.suppress(OSError):
        folder.rmdir()
        return True
    return False
