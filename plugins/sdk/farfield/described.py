"""A description as a method's own package or image gave it: data from a stranger, rebuilt before anybody uses it.

Workers, pages and forms rely on every part of a description, so nothing is taken over that `MethodSpec.describe` would
not write, and all of them read the same.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from farfield import base, families, training_data
from farfield.choices import BY_SETTINGS, INPUT, described_for, differing
from farfield.config import JsonObject, check_config
from farfield.errors import SpecError
from farfield.frozen import Frozen
from farfield.method import (
    MAX_NAME,
    MOST_CHOICES,
    NAME,
    Features,
    Images,
    MethodSpec,
    Resources,
    TaskFamily,
    TrackClaims,
)

MAX_SETTINGS = 200
LISTS = ("pretraining", "extra_data", "departs")  # of claims
_TYPES = ("boolean", "integer", "number", "string")
_BOUNDS = ("minimum", "maximum")


def rebuilt(described: Mapping[str, Any]) -> JsonObject:
    """The description, of exactly the form of `MethodSpec.describe()`: without what else it holds.

    Raises SpecError for what cannot be used, and whatever data of another form raises where they are looked at.
    """
    names = list(dict(described.get("choices") or {}))
    first, *others = (_with_one_input(described_for(described, {INPUT: name}), name) for name in ("", *names))
    if not names:
        return first
    _check_choice(first, others, names)
    return {**first, "choices": differing(first, dict(zip(names, others, strict=True)))}


def _with_one_input(described: Mapping[str, Any], name: str) -> JsonObject:
    spec = _spec(described).describe()
    if name and "called" not in spec:
        raise SpecError(f"the input {name[:100]!r} does not say what the method is called with it")
    schema = _schema(described["config_schema"])
    first = base.read(described.get("base"), schema["properties"])
    if first and not families.of(described["family"]).bases:
        raise SpecError(f"a method of {described['family']} declares no base")
    if first and (problems := base.unclaimed(first["parts"], unlabeled=spec["claims"].get("unlabeled", False))):
        raise SpecError(problems[0])
    return {**spec, "config_schema": schema, **({"base": first} if first else {})}


def _check_choice(first: JsonObject, others: Iterable[JsonObject], names: list[str]) -> None:
    """Every schema must offer the same inputs, its own as the default, and nothing but that may be another method."""
    schemas = [each["config_schema"]["properties"].get(INPUT, {}) for each in (first, *others)]
    own = schemas[0].get("default")
    if any(each.get("enum") != [own, *names] for each in schemas) or len({own, *names}) > MOST_CHOICES:
        raise SpecError(f"the setting {INPUT} of a method with several inputs has their names as its choices")
    if [each["default"] for each in schemas] != [own, *names] or not all(_is_name(name) for name in (own, *names)):
        raise SpecError(f"the setting {INPUT} of each input's schema has that input's name as its default")
    if any((each["name"], each["family"]) != (first["name"], first["family"]) for each in others):
        raise SpecError("a method with several inputs has one name and one family")


def _spec(described: Mapping[str, Any]) -> MethodSpec:
    """The SDK's own class, so that its own checks judge every part; it raises SpecError."""
    inputs = dict(described["inputs"])
    kind = {"images": Images, "features": Features}[inputs.pop("kind")]
    plain = ["name", "summary", "batch_size", "code", "licence", *(["called"] if "called" in described else [])]
    return MethodSpec(
        family=TaskFamily(described["family"]),
        build=dict,
        inputs=kind(**inputs),
        claims=_claims(described["claims"]),
        resources=Resources(**described["resources"]),
        transductive=_flag(described, "transductive"),
        stochastic=_flag(described, "stochastic"),
        papers=_listed(described, "papers"),
        inputs_for=(lambda _: kind(**inputs)) if _flag(described, BY_SETTINGS) else None,
        frozen=tuple(Frozen(**network) for network in described.get("frozen", ())),
        **{key: described[key] for key in plain},
    )


def _claims(values: Mapping[str, Any]) -> TrackClaims:
    parts: dict[str, Any] = {name: _listed(values, name) for name in LISTS}
    parts["training_data"] = training_data.read(values.get("training_data"))
    return TrackClaims(backbone=values["backbone"], unlabeled=_flag(values, "unlabeled"), **parts)


def _listed(values: Mapping[str, Any], name: str) -> tuple[Any, ...]:
    """A text has letters, and an object keys, that would pass for a list unnoticed."""
    listed = values.get(name, ())
    if not isinstance(listed, list | tuple):
        raise SpecError(f"{name} must be a list")
    return tuple(listed)


def _flag(described: Mapping[str, Any], name: str) -> bool:
    value = described.get(name, False)
    if not isinstance(value, bool):
        raise SpecError(f"{name} must be True or False")
    return value


def _schema(given: Mapping[str, Any]) -> dict[str, Any]:
    properties = dict(given["properties"])
    if len(properties) > MAX_SETTINGS:
        raise SpecError(f"the configuration has {len(properties)} settings; at most {MAX_SETTINGS} are possible")
    order = [name for name in given.get("propertyOrder", ()) if name in properties]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {name: _property(name, prop) for name, prop in properties.items()},
        "additionalProperties": False,
        "propertyOrder": list(dict.fromkeys([*order, *properties])),
    }


def _property(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    if not name.isidentifier() or len(name) > 100 or given["type"] not in _TYPES:
        raise SpecError(f"the setting {name[:100]!r} has no usable name or type")
    prop: dict[str, Any] = {
        "type": given["type"],
        "description": str(given.get("description", ""))[:1000],
        "default": given["default"],
    }
    prop |= {bound: _number(given[bound]) for bound in _BOUNDS if bound in given}
    if given["type"] == "string":
        prop["maxLength"] = min(int(given["maxLength"]), 10_000)
    _check(name, prop, [given["default"], *given.get("enum", ())])
    if "enum" in given:
        prop["enum"] = list(given["enum"])[:MAX_SETTINGS]
    return prop


def _number(value: object) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SpecError("a bound of a setting is no number")
    return value


def _check(name: str, prop: dict[str, Any], values: list[Any]) -> None:
    for value in values:
        problems = check_config({"properties": {name: prop}}, {name: value})
        if problems:
            raise SpecError(f"its own schema does not allow {'; '.join(problems)}")


def _is_name(text: str) -> bool:
    return len(text) <= MAX_NAME and NAME.fullmatch(text) is not None
