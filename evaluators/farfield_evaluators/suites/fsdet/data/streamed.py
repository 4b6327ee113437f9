"""JSON of COCO's kind read an element at a time: the annotations of 120,000 images are never all objects at once."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from farfield.errors import reason
from farfield.packaging.files import read_regular
from farfield_evaluators.data.errors import PackError

MOST_BYTES = 4 << 30
Taker = Callable[[dict[str, Any], int, int], None]
"""Takes an element of a list, and where its text begins and ends."""
_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


def read_text(path: Path) -> str:
    """Raises PackError for a file that is none, too large, or no UTF-8."""
    try:
        return read_regular(path, MOST_BYTES).decode("utf-8")
    except (OSError, ValueError) as error:
        raise PackError(f"{path} cannot be read: {reason(error)}") from error


def read_lists(name: str, text: str, takers: Mapping[str, Taker]) -> dict[str, Any]:
    """Give every element of the lists of these names to its taker; returns what else the object holds.

    name: what errors call the file. Raises PackError for what is no object of JSON with these lists of objects.
    """
    try:
        rest, read = _object(text, takers)
    except (ValueError, RecursionError) as error:
        says = "it is nested too deep" if isinstance(error, RecursionError) else reason(error)
        raise PackError(f"{name} cannot be read as COCO's JSON: {says}") from error
    if read != takers.keys():
        raise PackError(f"{name} is not COCO's: it must be an object with the lists {', '.join(takers)}")
    return rest


def _object(text: str, takers: Mapping[str, Taker]) -> tuple[dict[str, Any], set[str]]:
    """What was not taken, and the names of the lists that were."""
    rest: dict[str, Any] = {}
    read: set[str] = set()
    at = _past(text, 0, "{")
    while text[at : at + 1] != "}":
        key, at = _value(text, at)
        at = _past(text, at, ":")
        if key in rest or key in read:
            raise ValueError(f"it has {str(key)[:40]!r} twice")
        if key in takers and text[at : at + 1] == "[":
            read.add(key)
            at = _list(text, at + 1, takers[key])
        else:
            rest[str(key)], at = _value(text, at)
        at = _next(text, at, "}")
    if _skip(text, at + 1) != len(text):
        raise ValueError(f"there is more after the object, at character {at + 1}")
    return rest, read


def _list(text: str, at: int, taker: Taker) -> int:
    """The place after the list whose elements begin at `at`."""
    at = _skip(text, at)
    while text[at : at + 1] != "]":
        element, end = _value(text, at)
        if not isinstance(element, dict):
            raise ValueError(f"a list holds what is no object, at character {at}")
        taker(element, at, end)
        at = _next(text, end, "]")
    return _skip(text, at + 1)


def _value(text: str, at: int) -> tuple[Any, int]:
    return _DECODER.raw_decode(text, at)


def _skip(text: str, at: int) -> int:
    matched = _SPACE.match(text, at)
    return at if matched is None else matched.end()


def _past(text: str, at: int, mark: str) -> int:
    """The place after a mark that must be there, and after space."""
    at = _skip(text, at)
    if text[at : at + 1] != mark:
        raise ValueError(f"there is no {mark!r} at character {at}")
    return _skip(text, at + 1)


def _next(text: str, at: int, end: str) -> int:
    """The place of the next element, or of the mark that ends them."""
    at = _skip(text, at)
    return at if text[at : at + 1] == end else _past(text, at, ",")
