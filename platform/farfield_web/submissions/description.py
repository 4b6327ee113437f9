"""A method's description as its own package gave it, out of a sandbox: data from a stranger, rebuilt before it is kept.

Pages and forms rely on every part of a stored description, so nothing is taken over that the SDK would not write.
"""

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from farfield import Features, Frozen, Images, MethodSpec, Resources, TaskFamily, TrackClaims, training_data
from farfield.choices import BY_SETTINGS, INPUT, described_for, differing
from farfield.config import DESCRIPTION_LIMITS, JsonObject, check_config
from farfield.errors import SpecError
from farfield.method import MOST_CHOICES
from farfield.packaging.plain import data_problem, visible
from farfield_web import storable
from farfield_web.errors import PluginRefused
from farfield_web.submissions.claims import LISTS
from farfield_web.submissions.names import is_name

MAX_SETTINGS = 200
log = logging.getLogger(__name__)
_TYPES = ("boolean", "integer", "number", "string")
_BOUNDS = ("minimum", "maximum")


def read(described: Mapping[str, Any]) -> dict[str, Any]:
    """The description, of exactly the form of `MethodSpec.describe()`. Raises PluginRefused `plugin.bad_spec`."""
    try:
        kept: dict[str, Any] = storable.json(_rebuilt(described))
        _require_small(kept)
    except SpecError as error:
        raise PluginRefused("plugin.bad_spec", str(error)) from error
    except Exception as error:  # whatever it holds, its author wrote it; that nobody foresaw it is for our log
        log.warning("a description cannot be read", exc_info=True)
        text = f"The description of the method cannot be read ({type(error).__name__}: {error})"
        raise PluginRefused("plugin.bad_spec", storable.text(text)[:500]) from error
    return kept


def _rebuilt(described: Mapping[str, Any]) -> JsonObject:
    """The method with its first input, and under `choices` what is otherwise with each of the others."""
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
    return {**spec, "config_schema": _schema(described["config_schema"])}


def _check_choice(first: JsonObject, others: Iterable[JsonObject], names: list[str]) -> None:
    """Every schema must offer the same inputs, its own as the default, and nothing but that may be another method."""
    schemas = [each["config_schema"]["properties"].get(INPUT, {}) for each in (first, *others)]
    own = schemas[0].get("default")
    if any(each.get("enum") != [own, *names] for each in schemas) or len({own, *names}) > MOST_CHOICES:
        raise SpecError(f"the setting {INPUT} of a method with several inputs has their names as its choices")
    if [each["default"] for each in schemas] != [own, *names] or not all(is_name(name) for name in (own, *names)):
        raise SpecError(f"the setting {INPUT} of each input's schema has that input's name as its default")
    if any((each["name"], each["family"]) != (first["name"], first["family"]) for each in others):
        raise SpecError("a method with several inputs has one name and one family")


def packaging(described: Mapping[str, Any]) -> dict[str, str]:
    """Plugin, distribution and version as the description names them, fit to be stored."""
    limits = {"plugin": 200, "distribution": 200, "version": 100}
    return {name: visible(str(described.get(name, "")), limit) for name, limit in limits.items()}


def _require_small(kept: Mapping[str, Any]) -> None:
    """It is repeated wherever the method is listed."""
    problem = data_problem(kept, DESCRIPTION_LIMITS)
    if problem:
        raise SpecError(f"the description cannot be kept: {problem}")


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
        papers=tuple(described.get("papers", ())),
        inputs_for=(lambda _: kind(**inputs)) if _flag(described, BY_SETTINGS) else None,
        frozen=tuple(Frozen(**network) for network in described.get("frozen", ())),
        **{key: described[key] for key in plain},
    )


def _claims(values: Mapping[str, Any]) -> TrackClaims:
    parts: dict[str, Any] = {name: tuple(values.get(name, ())) for name in LISTS}
    parts["training_data"] = training_data.read(values.get("training_data"))
    return TrackClaims(backbone=values["backbone"], unlabeled=_flag(values, "unlabeled"), **parts)


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
