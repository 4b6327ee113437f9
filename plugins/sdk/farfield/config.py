"""Typed configuration: a frozen dataclass is the source, a JSON Schema and a parser come from it.

Only flat settings of type bool, int, float or str are allowed, each with a default, so that a web form, a
command line and a file can all express every configuration.
"""

import dataclasses
import math
import reprlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar, get_type_hints
from weakref import WeakSet

from farfield.errors import ConfigError, SpecError, did_you_mean
from farfield.packaging.plain import DataLimits, data_problem

SCHEMA_LIMITS = DataLimits(characters=100_000, parts=10_000)  # of all settings with their help and choices
DESCRIPTION_LIMITS = DataLimits(characters=200_000, parts=20_000, depth=9)  # of a method with all its inputs
MOST_UNKNOWN, MOST_LISTED = 5, 1000
Scalar = bool | int | float | str
ConfigT = TypeVar("ConfigT")
JsonObject = dict[str, Any]

_JSON_TYPES: dict[type, str] = {bool: "boolean", int: "integer", float: "number", str: "string"}
_USABLE: WeakSet[type] = WeakSet()
_PYTHON_TYPES: dict[str, type] = {name: kind for kind, name in _JSON_TYPES.items()}


@dataclasses.dataclass(frozen=True, kw_only=True)
class NoConfig:
    """The configuration of a method that has no settings."""


def setting(
    default: Scalar,
    *,
    help: str,
    ge: float | None = None,
    le: float | None = None,
    choices: Sequence[Scalar] | None = None,
    max_length: int = 200,
) -> Any:
    """A field of a configuration dataclass, with its bounds (inclusive) and the help shown on the form."""
    rules = {"help": help, "ge": ge, "le": le, "choices": tuple(choices or ()), "max_length": max_length}
    return dataclasses.field(default=default, metadata={"farfield": rules})


def schema_of(config: type) -> JsonObject:
    """JSON Schema (draft 2020-12) of a configuration dataclass.

    Raises SpecError when a field has no default, an unsupported type, or a default outside its own bounds.
    """
    if not isinstance(config, type) or not dataclasses.is_dataclass(config) or not _is_frozen(config):
        raise SpecError(f"the configuration {config!r} must be a class decorated with `@dataclass(frozen=True)`")
    try:
        hints = get_type_hints(config)
    except Exception as error:
        raise SpecError(f"the types of the configuration {config.__name__} cannot be read: {error}") from error
    fields = {f.name: f for f in dataclasses.fields(config)}
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {name: _property(field, hints[name]) for name, field in fields.items()},
        "additionalProperties": False,
        # A store may reorder keys; forms and tables show the settings as the author declared them.
        "propertyOrder": list(fields),
    }
    problem = data_problem(schema, SCHEMA_LIMITS)
    if problem:
        raise SpecError(f"the configuration {config.__name__} cannot be kept: {problem}")
    return schema


def require_settings(config: type) -> None:
    """Raises SpecError as `schema_of` does. A class is looked at once, whatever number of methods have it."""
    if not (isinstance(config, type) and config in _USABLE):
        schema_of(config)
        _USABLE.add(config)


def settings_of(schema: JsonObject) -> list[tuple[str, JsonObject]]:
    """(name, property) of each setting in the order of declaration."""
    known: JsonObject = schema["properties"]
    names = [name for name in schema.get("propertyOrder", ()) if name in known]
    return [(name, known[name]) for name in [*names, *(n for n in known if n not in names)]]


def parse_config(config: type[ConfigT], values: Mapping[str, Any]) -> ConfigT:
    """Build the configuration from plain values; missing settings take their default.

    Raises ConfigError with every problem at once.
    """
    schema = schema_of(config)
    problems = check_config(schema, values)
    if problems:
        raise ConfigError(problems)
    given = {
        name: _PYTHON_TYPES[prop["type"]](values.get(name, prop["default"]))
        for name, prop in schema["properties"].items()
    }
    try:
        return config(**given)
    except ValueError as error:
        raise ConfigError([str(error)]) from error


def check_config(schema: JsonObject, values: Mapping[str, Any]) -> list[str]:
    """Every reason why `values` does not fit a schema made by `schema_of`; empty when it fits.

    Agrees with any JSON Schema validator on what JSON and a database can hold; numbers that are not finite and
    text with a NUL or a lone surrogate are refused on top.
    """
    if not isinstance(values, Mapping):
        return [f"expected an object of settings, got {_short(values)}"]
    known: JsonObject = schema["properties"]
    unknown = [name for name in values if name not in known]
    problems = [unknown_setting(name, known) for name in unknown[:MOST_UNKNOWN]]
    if len(unknown) > MOST_UNKNOWN:  # each is compared with each of those that there are
        problems.append(f"and {len(unknown) - MOST_UNKNOWN} more settings that there are not")
    for name, prop in known.items():
        if name in values:
            problems += [f"{name}: {reason}" for reason in _value_problems(prop, values[name])]
    return problems


def unknown_setting(name: object, known: Iterable[str]) -> str:
    """The problem of a setting that a method does not have."""
    names = tuple(known)
    return f"{_short(name)}: no such setting{did_you_mean(name, names)}; known: {_few(names) or 'none'}"


def _property(field: "dataclasses.Field[Any]", kind: type) -> JsonObject:
    where = f"setting {field.name!r}"
    if kind not in _JSON_TYPES:
        raise SpecError(f"{where}: type {kind} is not one of bool, int, float, str")
    if field.default is dataclasses.MISSING or "farfield" not in field.metadata:
        raise SpecError(f"{where}: write it as `{field.name}: {kind.__name__} = setting(default, help=...)`")
    rules = field.metadata["farfield"]
    prop: JsonObject = {"type": _JSON_TYPES[kind], "description": rules["help"], "default": field.default}
    prop |= {key: rules[ours] for key, ours in (("minimum", "ge"), ("maximum", "le")) if rules[ours] is not None}
    if kind is str:
        prop["maxLength"] = rules["max_length"]
    for choice in rules["choices"]:
        for reason in _value_problems(prop, choice):
            raise SpecError(f"{where}: the choice {choice!r} is not allowed: {reason}")
    if rules["choices"]:
        prop["enum"] = list(rules["choices"])
    for reason in _value_problems(prop, field.default):
        raise SpecError(f"{where}: its default is not allowed: {reason}")
    return prop


def _value_problems(prop: JsonObject, value: object) -> list[str]:
    if not _has_type(prop["type"], value):
        return [f"expected {_article(prop['type'])}, got {_short(value)}"]
    problems = []
    if isinstance(value, int | float):
        problems += _number_problems(prop, value)
    if isinstance(value, str):
        problems += _text_problems(prop, value)
    if "enum" in prop and value not in prop["enum"]:
        problems.append(f"{_short(value)} is not one of {_few(prop['enum'])}")
    return problems


def _number_problems(prop: JsonObject, value: int | float) -> list[str]:
    if not _fits_float(value):
        return [f"{_short(value)} is not a finite number"]
    problems = []
    if "minimum" in prop and value < prop["minimum"]:
        problems.append(f"{value} is below the minimum {prop['minimum']}")
    if "maximum" in prop and value > prop["maximum"]:
        problems.append(f"{value} is above the maximum {prop['maximum']}")
    return problems


def _text_problems(prop: JsonObject, value: str) -> list[str]:
    problems = []
    if len(value) > prop["maxLength"]:
        problems.append(f"longer than {prop['maxLength']} characters")
    if any(c == "\0" or "\ud800" <= c <= "\udfff" for c in value):
        problems.append("has a character that cannot be stored (NUL or a lone surrogate)")
    return problems


def _has_type(kind: str, value: object) -> bool:
    """JSON Schema's rule: 3.0 is an integer, and true is not a number."""
    if isinstance(value, bool) or kind == "boolean":
        return isinstance(value, bool) and kind == "boolean"
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    allowed: dict[str, tuple[type, ...]] = {"integer": (int,), "number": (int, float), "string": (str,)}
    return isinstance(value, allowed[kind])


def _fits_float(value: int | float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _is_frozen(config: type) -> bool:
    params: Any = getattr(config, "__dataclass_params__")  # noqa: B009
    return bool(params.frozen)


def _few(choices: Sequence[object]) -> str:
    listed = ", ".join(map(str, choices))
    return listed if len(listed) <= MOST_LISTED else f"{listed[:MOST_LISTED]}..."


def _short(value: object) -> str:
    """A value as it appears in a message; a megabyte of it helps nobody."""
    return reprlib.repr(value)


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
