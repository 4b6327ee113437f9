"""Where control groups are mounted, and which group this process is in: what `/proc/self` says, read once."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

OWN = Path("/proc/self")
UNIFIED = "cgroup2"


@dataclass(frozen=True, kw_only=True)
class Hierarchy:
    """A mounted hierarchy: its controllers (none are named for version 2), its root, and a process's own group."""

    controllers: frozenset[str]
    mount: Path
    own: Path

    @property
    def unified(self) -> bool:
        """Whether it is version 2."""
        return not self.controllers

    def place(self, name: str) -> Path:
        """The group of this path below the root."""
        return self.mount / name.strip("/")


def hierarchies(process: Path = OWN, own: Path = OWN) -> list[Hierarchy]:
    """Those that are mounted here and hold the process in a group that can be seen; none without control groups.

    `own` is this process, whose mounts are looked at, wherever the other one is.
    """
    try:
        groups = _groups((process / "cgroup").read_text(encoding="utf-8"))
        mounts = (own / "mountinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    read = (_hierarchy(line, groups) for line in mounts)
    return [hierarchy for hierarchy in read if hierarchy is not None]


def _groups(text: str) -> dict[frozenset[str], str]:
    """The process's group by the controllers of the hierarchy; lines are `ID:CONTROLLERS:PATH` (cgroups(7))."""
    parts = (line.split(":", 2) for line in text.splitlines())
    return {frozenset(filter(None, controllers.split(","))): path for _, controllers, path in parts}


def _hierarchy(line: str, groups: dict[frozenset[str], str]) -> Hierarchy | None:
    """A line of mountinfo (proc(5)); the part of the hierarchy that is mounted need not begin at its root."""
    before, _, after = line.partition(" - ")
    fields, (kind, *more) = before.split(), after.split() or [""]
    if kind not in ("cgroup", UNIFIED) or len(fields) < 5:
        return None
    options = frozenset(more[-1].split(",")) if more else frozenset()
    fitting = [c for c in groups if (not c if kind == UNIFIED else c and c <= options)]
    if not fitting:
        return None
    inside = _below(groups[fitting[0]], fields[3])
    mount = Path(fields[4])
    return None if inside is None else Hierarchy(controllers=fitting[0], mount=mount, own=mount / inside)


def _below(path: str, root: str) -> PurePosixPath | None:
    """The path below what is mounted; None for a group that lies outside and cannot be seen."""
    if ".." in PurePosixPath(path).parts or not PurePosixPath(path).is_relative_to(root):
        return None
    return PurePosixPath(path).relative_to(root)
