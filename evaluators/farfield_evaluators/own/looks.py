"""A first look at every image before anything is built: which cannot be read, and which are there twice."""

import hashlib
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

from farfield.errors import reason
from farfield_evaluators.data.encoded import UnreadableImage
from farfield_evaluators.data.errors import PackError
from farfield_evaluators.own.rows import Row
from farfield_evaluators.own.spec import TESTS

WINDOW = 256
MOST_THREADS = 16


@dataclass(frozen=True, kw_only=True)
class Looked:
    """kept: numbers of the rows that go into the pack; the rest is told by sentences, of each image one.

    unreadable, contradictory (one image, two classes or targets), repeated (left out, because the same image is there).
    """

    kept: tuple[int, ...]
    unreadable: tuple[str, ...]
    contradictory: tuple[str, ...]
    repeated: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Placed:
    """What decides whether two equal images contradict each other, and which of them stays."""

    number: int
    where: str
    set: str
    label: str


def look(rows: Sequence[Row], sets: Sequence[str], labels: Sequence[str], word: str = "classes") -> Looked:
    """Look at the images that are in a set. Of equal ones a test's stays before a training set's, then the first."""
    unreadable: list[str] = []
    same: dict[bytes, list[Placed]] = defaultdict(list)
    chosen = [number for number, name in enumerate(sets) if name]
    for number, seen in _digests(rows, chosen):
        if isinstance(seen, Exception):
            unreadable.append(f"{rows[number].where}: unreadable: {reason(seen)}")
        else:
            same[seen].append(Placed(number=number, where=rows[number].where, set=sets[number], label=labels[number]))
    contradictory = [_contradiction(group, word) for group in same.values() if len({each.label for each in group}) > 1]
    agreeing = [_ordered(group) for group in same.values() if len({each.label for each in group}) == 1]
    repeated = [
        f"{each.where}: left out of {each.set}, for it is the same image as {group[0].where} in {group[0].set}"
        for group in agreeing
        for each in group[1:]
    ]
    kept = sorted(group[0].number for group in agreeing)
    return Looked(
        kept=tuple(kept), unreadable=tuple(unreadable), contradictory=tuple(contradictory), repeated=tuple(repeated)
    )


def _ordered(group: list[Placed]) -> list[Placed]:
    return sorted(group, key=lambda each: (not each.set.startswith(TESTS), each.number))


def _contradiction(group: list[Placed], word: str) -> str:
    first = group[0]
    other = next(each for each in group if each.label != first.label)
    labels = f"{first.label or 'no class'} and {other.label or 'no class'}"
    return f"{first.where}: the same image as {other.where}, under two {word}, {labels}"


def _digests(rows: Sequence[Row], numbers: Sequence[int]) -> Iterator[tuple[int, bytes | Exception]]:
    remaining = iter(numbers)
    with ThreadPoolExecutor(min(MOST_THREADS, os.cpu_count() or 1)) as pool:
        while window := list(islice(remaining, WINDOW)):
            yield from zip(window, pool.map(lambda number: _digest(rows[number]), window), strict=True)


def _digest(row: Row) -> bytes | Exception:
    try:
        encoded = row.load()
        if problem := row.problem(encoded):
            return PackError(problem)
        return hashlib.sha256(encoded).digest()
    except (OSError, UnreadableImage, PackError) as error:
        return error
