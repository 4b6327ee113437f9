"""Strict reading of a TOML table: every mistake is named with its key and what is allowed, all of them at once."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from farfield.errors import did_you_mean
from farfield.packaging.plain import text_problem, visible

SHORT, LINE, PROSE = 60, 200, 4000  # characters of a name, a line, and a description
MOST_LISTED = 2000
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class Fields:
    """One table. What is asked for is checked; `done` says what was never asked for."""

    def __init__(self, values: Mapping[str, Any], where: str, problems: list[str]) -> None:
        self._values, self._where, self._problems = values, where, problems
        self._asked: list[str] = []

    def problem(self, name: str, says: str) -> None:
        """Note a mistake at this key."""
        self._problems.append(f"{self._where}{name} {says}")

    def has(self, name: str) -> bool:
        """Whether the key is there."""
        return name in self._values

    def text(
        self, name: str, default: str | None = None, *, most: int = LINE, lines: bool = False, pattern: str = ""
    ) -> str:
        """A text; required where there is no default."""
        value = self._value(name, default)
        if value is None:
            return ""
        problem = text_problem(value, most, lines=lines)
        if not problem and pattern and not re.fullmatch(pattern, value):
            problem = f"is {value!r}; it must be lower-case letters, digits and single hyphens"
        elif not problem and not str(value).strip() and default is None:
            problem = "is empty; it must say something"
        if problem:
            self.problem(name, problem if problem.startswith("is ") else f"is not a usable text: {problem}")
            return default or ""
        return str(value)

    def choice(self, name: str, allowed: Collection[str], default: str | None = None) -> str:
        """One of several words."""
        value = self._value(name, default)
        if value is None or value in allowed if isinstance(value, str | None) else False:
            return value or ""
        listed = ", ".join(allowed)
        self.problem(name, f"is {_shown(value)}{did_you_mean(value, allowed)}; allowed are {listed}".replace("?;", "?"))
        return default or next(iter(allowed))

    def flag(self, name: str, default: bool) -> bool:
        """true or false."""
        value = self._value(name, default)
        if not isinstance(value, bool):
            self.problem(name, f"is {_shown(value)}; allowed are true and false")
            return default
        return value

    def number(self, name: str, default: float, low: float, high: float, *, whole: bool = False) -> float:
        """A number from low to high."""
        value = self._value(name, default)
        fits = isinstance(value, int) or (isinstance(value, float) and not whole)
        if not fits or isinstance(value, bool) or not low <= value <= high:
            kind = "a whole number" if whole else "a number"
            self.problem(name, f"is {_shown(value)}; it must be {kind} from {low:g} to {high:g}")
            return default
        return float(value)

    def texts(self, name: str, *, most: int = LINE, pattern: str = "") -> tuple[str, ...]:
        """A list of texts, no two of them equal; empty where there is none."""
        value = self._value(name, [])
        if not isinstance(value, list) or len(value) > MOST_LISTED:
            self.problem(name, f"is {_shown(value)}; it must be a list of at most {MOST_LISTED} texts")
            return ()
        wrong = next(
            (v for v in value if text_problem(v, most) or not (re.fullmatch(pattern, v) if pattern else v)), None
        )
        if wrong is not None or len(set(value)) != len(value):
            says = f"holds {_shown(wrong)}, which is no usable text" if wrong is not None else "holds a text twice"
            self.problem(name, says)
            return ()
        return tuple(value)

    def table(self, name: str) -> "Fields":
        """A table below this one; an empty one where it is not there."""
        value = self._value(name, {})
        if not isinstance(value, dict):
            self.problem(name, f"is {_shown(value)}; it must be a table, [{name}]")
            value = {}
        return Fields(value, f"{self._where}{name}.", self._problems)

    def tables(self, name: str, most: int) -> list["Fields"]:
        """An array of tables."""
        value = self._value(name, [])
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value) or len(value) > most:
            self.problem(name, f"must be at most {most} tables, each below its own [[{name}]]")
            return []
        return [Fields(each, f"{self._where}{name}[{n}].", self._problems) for n, each in enumerate(value, 1)]

    def where(self, name: str) -> dict[str, tuple[str, ...]]:
        """A rule: of each column that it names, the values that an image may have; an empty rule where it is absent."""
        value = self._value(name, {})
        if not isinstance(value, dict):
            self.problem(name, f'is {_shown(value)}; it must be like {{ split = "test", domain = ["a", "b"] }}')
            return {}
        rule = {}
        for column, wanted in value.items():
            values = wanted if isinstance(wanted, list) else [wanted]
            if not values or not all(isinstance(v, str) and not text_problem(v, LINE) for v in values):
                self.problem(
                    f"{name}.{visible(column, SHORT)}", f"is {_shown(wanted)}; it must be a text or a list of them"
                )
            rule[column] = tuple(map(str, values))
        return rule

    def done(self) -> None:
        """Note every key that nobody asked for."""
        for name in self._values:
            if name not in self._asked:
                self.problem(
                    visible(name, SHORT),
                    f"is not known{did_you_mean(name, self._asked)}; known are {', '.join(self._asked)}".replace(
                        "?;", "?"
                    ),
                )

    def _value(self, name: str, default: Any) -> Any:
        self._asked.append(name)
        if name not in self._values and default is None:
            self.problem(name, "is missing")
        return self._values.get(name, default)


def _shown(value: object) -> str:
    return visible(repr(value), SHORT)
