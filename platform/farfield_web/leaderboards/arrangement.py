"""Which entries a board ranks, and which stand behind them or apart. Pure functions."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

ItemT = TypeVar("ItemT")


@dataclass(frozen=True, kw_only=True)
class Candidate(Generic[ItemT]):
    """What decides where an entry stands. `entrant`: its person and what was entered, of which the newest counts."""

    item: ItemT
    entrant: Hashable
    done: bool
    keys: frozenset[str]
    struck: bool = False


@dataclass(frozen=True, kw_only=True)
class Arranged(Generic[ItemT]):
    """The entries of a board, newest first in each part: to be ranked, unfinished, taken off, not comparable."""

    comparable: tuple[ItemT, ...]
    unfinished: tuple[ItemT, ...]
    struck: tuple[ItemT, ...]
    apart: tuple[ItemT, ...]


def arranged(candidates: Iterable[Candidate[ItemT]], key: str | None) -> Arranged[ItemT]:
    """Arrange these candidates, newest first, on the board of a comparability key.

    Only the newest counts of what one person submitted several times unchanged, and what is under way only where the
    same was not finished before, on whatever data, and only as far as it is comparable.
    """
    everything = list(candidates)
    standing = [each for each in everything if not each.struck]
    comparable = _newest(each for each in standing if each.done and each.keys == {key})
    apart = _newest(each for each in standing if each.done and each.keys != {key})
    finished = {each.entrant for each in (*comparable, *apart)}
    under_way = _newest(each for each in standing if not each.done and each.keys == {key})
    struck = [each for done in (True, False) for each in everything if each.struck and each.done is done]
    return Arranged(
        comparable=_items(comparable),
        unfinished=_items(each for each in under_way if each.entrant not in finished),
        struck=_items(struck),
        apart=_items(apart),
    )


def _newest(candidates: Iterable[Candidate[ItemT]]) -> list[Candidate[ItemT]]:
    kept: dict[Hashable, Candidate[ItemT]] = {}
    for each in candidates:
        kept.setdefault(each.entrant, each)
    return list(kept.values())


def _items(candidates: Iterable[Candidate[ItemT]]) -> tuple[ItemT, ...]:
    return tuple(each.item for each in candidates)
