"""What tells several entries of one method apart: the settings in which they differ. Pure functions."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

VERSION, CONTENT = "version", "content"
# Apart from settings that are called the same.
_VERSION, _CONTENT = "\n" + VERSION, "\n" + CONTENT
_SHOWN = {_VERSION: VERSION, _CONTENT: CONTENT}
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
    listed = list(entries)
    by_method = differing(listed)
    return {entry.key: own(entry, by_method[entry.method]) for entry in listed}


def differing(entries: Iterable[Entered]) -> dict[str, tuple[str, ...]]:
    """Of each method the settings in which its entries differ, by name, and VERSION or CONTENT behind them."""
    groups: dict[str, list[Entered]] = defaultdict(list)
    for entry in entries:
        groups[entry.method].append(entry)
    return {method: tuple(_differing(members)) for method, members in groups.items()}


def own(entry: Entered, names: Iterable[str]) -> dict[str, Any]:
    """What an entry has of the settings in which those of its method differ."""
    known = {**entry.config, _VERSION: entry.version, _CONTENT: entry.content.rpartition(":")[2][:HASH_SHOWN]}
    mine = {name: known[name] for name in names if name in known}
    return {_SHOWN.get(name, name): value for name, value in mine.items() if value not in (None, "")}


def _differing(members: Sequence[Entered]) -> Iterator[str]:
    if len(members) < 2:
        return
    for name in sorted({name for entry in members for name in entry.config}):
        if not _same(_valued(entry.config, name) for entry in members):
            yield name
    if not _same(entry.version for entry in members):
        yield _VERSION
    elif not _same(entry.content for entry in members):
        yield _CONTENT


def _valued(config: Mapping[str, Any], name: str) -> tuple[Any, ...]:
    # By type, too: 1 and True are equal in Python, and not the same setting.
    return (type(config[name]), config[name]) if name in config else ()


def _same(values: Iterable[object]) -> bool:
    several = iter(values)
    first = next(several)
    return all(value == first for value in several)
