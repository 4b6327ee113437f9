"""What tells several entries of one method apart: the settings in which they differ. Pure functions."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

VERSION, CONTENT = "version", "content"
HASH_SHOWN = 8


@dataclass(frozen=True, kw_only=True)
class Entered:
    """An entry as it was made. `content` is the hash of what is run, empty for an installed method."""

    key: Hashable
    method: str
    version: str = ""
    content: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)


def differences(entries: Iterable[Entered]) -> dict[Hashable, dict[str, Any]]:
    """For each entry, by its key, the settings in which it differs from others of its method; nothing for the only one.

    Where a package or image has another version than others it is named, and where only its content differs, that.

    >>> configs = {1: {"a": 1, "b": 2}, 2: {"a": 3, "b": 2}}
    >>> differences(Entered(key=key, method="m", config=config) for key, config in configs.items())
    {1: {'a': 1}, 2: {'a': 3}}
    """
    groups: dict[str, list[Entered]] = defaultdict(list)
    for entry in entries:
        groups[entry.method].append(entry)
    return {entry.key: _own(entry, members) for members in groups.values() for entry in members}


def _own(entry: Entered, members: list[Entered]) -> dict[str, Any]:
    mine = {name: entry.config[name] for name in sorted(entry.config) if _differs(entry, members, name)}
    if any(other.version != entry.version for other in members):
        mine[VERSION] = entry.version
    elif any(other.content != entry.content for other in members):
        mine[CONTENT] = entry.content.rpartition(":")[2][:HASH_SHOWN]
    return {name: value for name, value in mine.items() if value not in (None, "")}


def _differs(entry: Entered, members: list[Entered], name: str) -> bool:
    # By type, too: 1 and True are equal in Python, and not the same setting.
    mine = (type(entry.config[name]), entry.config[name])
    return any(name not in other.config or (type(other.config[name]), other.config[name]) != mine for other in members)
