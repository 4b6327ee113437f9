"""Settings written as text, on a command line or in a field: what they mean, the setting's own type says.

A value is never guessed at: `head=123` is text where `head` is text, and a number where it is a number.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from farfield.config import JsonObject, Scalar, check_config, unknown_setting
from farfield.errors import ConfigError

_TRUE, _FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")
_WORDS = {"boolean": "true or false", "integer": "a whole number", "number": "a number", "string": "text"}


def split_pairs(pairs: Sequence[str]) -> dict[str, str]:
    """NAME=VALUE pairs of a command line, the last of a name counting. Raises ConfigError for what is no pair."""
    found: dict[str, str] = {}
    problems = []
    for pair in pairs:
        name, separator, text = pair.partition("=")
        if not separator or not name.strip():
            problems.append(f"--set {pair}: write it as NAME=VALUE")
        found[name.strip()] = text
    if problems:
        raise ConfigError(problems)
    return found


def read_settings(schema: JsonObject, texts: Mapping[str, str]) -> JsonObject:
    """The values that these texts mean by a schema made by `schema_of`. Raises ConfigError with every problem."""
    known: JsonObject = schema["properties"]
    problems = [unknown_setting(name, known) for name in texts if name not in known]
    values: JsonObject = {}
    for name, text in texts.items():
        if name in known:
            try:
                values[name] = read_value(known[name], text)
            except ValueError as error:
                problems.append(f"{name}: {error}")
    problems += check_config(schema, values)
    if problems:
        raise ConfigError(problems)
    return values


def read_value(prop: Mapping[str, Any], text: str) -> Scalar:
    """What a text means as the value of one setting. Raises ValueError when it is none of its type.

    >>> [read_value({"type": kind}, text) for kind, text in (("string", "123"), ("number", ".5"), ("boolean", "No"))]
    ['123', 0.5, False]
    """
    kind = prop["type"]
    if kind == "string":
        return text
    try:
        return _READERS[kind](text.strip())
    except (ValueError, OverflowError):
        raise ValueError(f"expected {_WORDS[kind]}, got {text[:60]!r}") from None


def _boolean(text: str) -> bool:
    word = text.lower()
    if word not in (*_TRUE, *_FALSE):
        raise ValueError
    return word in _TRUE


def _integer(text: str) -> int:
    """1e3 and 3.0 are whole numbers, as they are to a JSON Schema."""
    try:
        return int(text)
    except ValueError:
        value = float(text)
        if not value.is_integer():
            raise
        return int(value)


_READERS: Mapping[str, Callable[[str], Scalar]] = {"boolean": _boolean, "integer": _integer, "number": float}
