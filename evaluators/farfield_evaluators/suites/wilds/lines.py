"""What a folder of predictions gives, as lines of text: a figure of one replicate each, as JSON."""

import json
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from farfield.packaging.plain import read_json
from farfield_evaluators.figure import Figure

FILE = "figures.jsonl"
LONGEST_NAME = 100
KEYS = frozenset({"replicate", "metric", "domain", "value", "stderr", "n"})


@dataclass(frozen=True, kw_only=True)
class Line:
    """A figure, and the replicate that it is of, such as `seed:0`."""

    replicate: str
    figure: Figure

    def rounded(self, rounded: Callable[[float], float]) -> "Line":
        """With its value, and its error where it has one, as they may leave."""
        stderr = None if self.figure.stderr is None else rounded(self.figure.stderr)
        return replace(self, figure=replace(self.figure, value=rounded(self.figure.value), stderr=stderr))

    def as_text(self) -> str:
        """With its end."""
        return json.dumps({"replicate": self.replicate, **self.figure.as_json()}, sort_keys=True) + "\n"


def lines_of(lines: Iterable[Line]) -> str:
    """Lines as text."""
    return "".join(line.as_text() for line in lines)


def read_lines(text: str) -> tuple[list[Line], list[str]]:
    """The lines of a text, and why others are none."""
    found, problems = list[Line](), list[str]()
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            found.append(_line(read_json(line)))
        except (KeyError, TypeError, ValueError) as error:
            problems.append(f"line {number} is no figure of a replicate: {error}")
    return found, problems


def _line(value: Any) -> Line:
    if not isinstance(value, dict) or set(value) != KEYS:
        raise ValueError("it has other keys than those of a figure")
    names = [value[name] for name in ("replicate", "metric", "domain")]
    if not all(isinstance(name, str) and 0 < len(name) <= LONGEST_NAME for name in names):
        raise ValueError("a name is no text, or too long")
    if not _is_number(value["value"]) or not (value["stderr"] is None or _is_number(value["stderr"])):
        raise ValueError("a value is no finite number")
    if not (value["n"] is None or (isinstance(value["n"], int) and value["n"] >= 0)):
        raise ValueError("n is no count")
    figure = {name: value[name] for name in KEYS - {"replicate"}}
    return Line(replicate=value["replicate"], figure=Figure(**figure))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
