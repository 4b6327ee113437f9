"""Damage to what was whole: to bytes, to lines of text, to the members of an archive, to values of a document."""

import copy
from collections.abc import Callable
from random import Random

from fuzz import nonsense


def damaged(rng: Random, data: bytes) -> bytes:
    """A few bytes changed, taken away, repeated or put in."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 5, 20))):
        if not changed:
            return bytes(changed)
        rng.choice(_DAMAGES)(rng, changed)
    return bytes(changed)


def _flip(rng: Random, data: bytearray) -> None:
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def _set(rng: Random, data: bytearray) -> None:
    data[rng.randrange(len(data))] = rng.choice((0, 1, 0x7F, 0x80, 0xFF))


def _cut(rng: Random, data: bytearray) -> None:
    at = rng.randrange(len(data))
    del data[at : at + rng.choice((1, 4, 64, len(data)))]


def _repeat(rng: Random, data: bytearray) -> None:
    at = rng.randrange(len(data))
    data[at:at] = data[at : at + rng.choice((1, 16, 256))] * rng.choice((1, 3, 50))


def _number(rng: Random, data: bytearray) -> None:
    width = rng.choice((2, 4, 8))
    at = rng.randrange(len(data))
    data[at : at + width] = (rng.choice(nonsense.NUMBERS) % (1 << 8 * width)).to_bytes(width, "little")


_DAMAGES: tuple[Callable[[Random, bytearray], None], ...] = (_flip, _set, _cut, _repeat, _number)


def lines(rng: Random, text: str) -> str:
    """Some lines changed after their colon or equals sign, taken away, repeated often, or put in."""
    changed = text.splitlines()
    for _ in range(rng.choice((1, 1, 2, 4))):
        at = rng.randrange(len(changed) + 1)
        kind = rng.randrange(5)
        if kind == 0 or at == len(changed):
            changed.insert(at, f"{nonsense.text(rng)}{rng.choice((': ', '=', ' = ', ''))}{nonsense.text(rng)}")
        elif kind == 1:
            del changed[at]
        elif kind == 2:
            changed[at:at] = [changed[at]] * rng.choice((1, 2, 3000))
        else:
            changed[at] = _valued(rng, changed[at])
    return "\n".join(changed) + rng.choice(("\n", "", "\r\n"))


def _valued(rng: Random, line: str) -> str:
    for sign in (": ", " = ", "="):
        head, found, tail = line.partition(sign)
        if found:
            return head + found + rng.choice((nonsense.text(rng), tail + nonsense.text(rng), tail * 500))
    return nonsense.text(rng)


def document(rng: Random, values: object) -> object:
    """A copy with some values anywhere in it replaced, taken away or added."""
    changed = copy.deepcopy(values)
    for _ in range(rng.choice((1, 1, 2, 4))):
        place = changed
        while isinstance(place, dict | list) and place:
            key = rng.choice(list(place) if isinstance(place, dict) else range(len(place)))
            inner = place[key]  # type: ignore[index]
            if isinstance(inner, dict | list) and inner and rng.random() < 0.8:
                place = inner
                continue
            if rng.random() < 0.2:
                del place[key]  # type: ignore[arg-type]
            else:
                place[key] = nonsense.value(rng)  # type: ignore[index]
            break
    return changed
