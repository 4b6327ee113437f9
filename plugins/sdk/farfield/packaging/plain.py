"""Text and data from strangers: read within bounds, and kept only where a reader sees what is there.

One rule for forms, the API, records, descriptions of methods and reports: how long a text, how many and how deep the
parts of a value; no control characters, and nothing that turns the direction of writing or cannot be seen.
"""

import json
import math
import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

MOST_DEPTH = 32
MOST_DIGITS = 1000  # the largest float has 309 before its point; Python itself refuses 4300
MOST_BARE = 400  # characters of a TOML key or number
_JOINERS = "\u200c\u200d"  # needed by scripts and by emoji
_JSON_PART = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]|\d++', re.DOTALL)
_TOML_PART = re.compile(
    r'"{3}(?:[^"\\]++|\\.|"{1,2}(?!"))*+(?:"{3,5})?|\'{3}(?:[^\']++|\'{1,2}(?!\'))*+(?:\'{3,5})?'
    r'|"(?:[^"\\\n]++|\\.)*+"?|\'[^\'\n]*+\'?|\#[^\n]*+|[\[{]|[\]}]|\.|[\n=,]|[A-Za-z0-9_+-]++',
    re.DOTALL,
)


@dataclass(frozen=True, kw_only=True)
class DataLimits:
    """What a value of plain data may be: characters of all its texts, names and numbers together, parts, and depth."""

    characters: int = 20_000
    parts: int = 1000
    depth: int = 6
    finite: bool = True  # records of training may hold NaN


def read_json(text: str, most_depth: int = MOST_DEPTH, *, constants: bool = False) -> Any:
    """As json.loads, for what a stranger wrote: depth and numbers are bounded before it is parsed.

    NaN and infinities, which are not JSON, are read only where `constants` are asked for, as among losses.
    Raises ValueError with a sentence; json.JSONDecodeError is one.
    """
    check_json(text, most_depth)
    try:
        return json.loads(text, parse_constant=None if constants else _no_constant)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error


def check_json(text: str, most_depth: int = MOST_DEPTH) -> None:
    """Raises ValueError for JSON that is nested too deeply, or has a number of too many digits; it is not parsed."""
    _check_depth(_json_depths(text), most_depth)


def read_toml(text: str, most_depth: int = MOST_DEPTH) -> dict[str, Any]:
    """As tomllib.loads, with depth, dotted keys and numbers bounded before it is parsed. Raises ValueError.

    tomllib keeps all beginnings of a dotted key: the memory of `a.a.a...` grows by the square of its parts.
    """
    _check_depth(_toml_depths(text), most_depth)
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error


def text_problem(value: object, most: int, *, lines: bool = False) -> str:
    """Why a text is not kept, "" for one that is: at most `most` characters, all of which can be seen.

    With `lines` it may have several lines, and tabs.

    >>> text_problem("two words", 10), text_problem("two words", 5)
    ('', 'it has 9 characters; 5 is the most')
    >>> text_problem("abc" + chr(0x202E) + "def", 10)
    'it holds the character U+202E, which cannot be seen'
    """
    if not isinstance(value, str):
        return f"it is {type(value).__name__}, not text"
    if len(value) > most:
        return f"it has {len(value)} characters; {most} is the most"
    hidden = next(_hidden(value, "\n\r\t" if lines else ""), "")
    return f"it holds the character U+{ord(hidden):04X}, which cannot be seen" if hidden else ""


def visible(value: str, most: int, *, lines: bool = False) -> str:
    """The text with a replacement character for what cannot be seen, cut off: for showing what must not be refused."""
    short = value[:most]
    unseen = set(_hidden(short, "\n\r\t" if lines else ""))
    return "".join("\N{REPLACEMENT CHARACTER}" if c in unseen else c for c in short) if unseen else short


def data_problem(value: object, limits: DataLimits = DataLimits()) -> str:
    """Why plain data are not kept, "" for those that are; the bounds are over all of it together."""
    characters = 0
    for parts, (depth, part) in enumerate(_walk(value), start=1):
        characters += len(part) if isinstance(part, str) else 0
        problem = _part_problem(part, depth, limits)
        if problem:
            return problem
        if parts > limits.parts or characters > limits.characters:
            return f"it has more than {limits.parts} parts or {limits.characters} characters"
    return ""


def _part_problem(part: object, depth: int, limits: DataLimits) -> str:
    if depth > limits.depth:
        return f"it is nested more than {limits.depth} deep"
    if isinstance(part, str):
        plain = len(part) <= limits.characters and part.isprintable()
        return "" if plain else text_problem(part, limits.characters, lines=True)
    if isinstance(part, bool) or part is None or isinstance(part, dict | list | tuple):
        return ""
    if not isinstance(part, int | float):
        return f"it holds {type(part).__name__}, which is no plain data"
    return "" if _is_finite(part) or not limits.finite else "it holds a number that is not finite"


def _walk(value: object) -> Iterator[tuple[int, object]]:
    """Each part with its depth, names of an object included; without recursion, and never ahead of the reader."""
    waiting: list[Iterator[object]] = [iter((value,))]
    while waiting:
        for part in waiting[-1]:
            yield len(waiting), part
            if isinstance(part, dict):
                waiting.append(iter([*part, *part.values()]))
                break
            if isinstance(part, list | tuple):
                waiting.append(iter(part))
                break
        else:
            waiting.pop()


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _hidden(text: str, allowed: str) -> Iterator[str]:
    if text.isprintable():
        return
    for character in text:
        plain = character.isprintable() or character in allowed or character in _JOINERS
        if not plain and unicodedata.category(character) != "Zs":
            yield character


def _check_depth(depths: Iterator[int], most: int) -> None:
    if any(depth > most for depth in depths):
        raise ValueError(f"it is nested too deep, over {most} levels")


def _json_depths(text: str) -> Iterator[int]:
    """The depth after each bracket; raises ValueError for a number that is too long."""
    depth = 0
    for match in _JSON_PART.finditer(text):
        part = match[0]
        if part in "[{":
            depth += 1
            yield depth
        elif part in "]}":
            depth -= 1
        elif len(part) > MOST_DIGITS and part[0] != '"':
            raise ValueError(f"it has a number of {len(part)} digits; {MOST_DIGITS} is the most")


def _toml_depths(text: str) -> Iterator[int]:
    """The depth of brackets and of dotted keys; raises ValueError for a bare word that is too long."""
    depth = dots = 0
    for match in _TOML_PART.finditer(text):
        part = match[0]
        if part == ".":
            dots += 1
            yield dots
        elif part in "\n=,":
            dots = 0
        elif part in "[{":
            depth += 1
            yield depth
        elif part in "]}":
            depth -= 1
        elif len(part) > MOST_BARE and part[0] not in "\"'#":
            raise ValueError(f"it has a number or a bare key of {len(part)} characters; {MOST_BARE} is the most")


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number that JSON knows")
