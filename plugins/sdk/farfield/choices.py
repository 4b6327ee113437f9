"""Which of its inputs a method takes is its setting `input`; what follows from that is data, so that no code is asked.

A description (`MethodSpec.describe`) says under `choices` what is so with each input but the first. Whoever has a
description and the settings of an entry calls `described_for`, and has the description of a method with one input.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from farfield.config import JsonObject
from farfield.errors import ConfigError

INPUT = "input"
BY_SETTINGS = "inputs_by_settings"  # in a description: what images it takes follows from the settings
LEFT_OUT: Mapping[str, Any] = {"frozen": [], BY_SETTINGS: False, "base": None}  # a description without them means these
HELP = "What the method takes: images, or what a frozen backbone makes of them. The other settings follow from it."


def described_for(description: Mapping[str, Any], settings: Mapping[str, Any]) -> JsonObject:
    """The description of the method with the input that these settings choose: it has no `choices` any more.

    An input that there is not gives the first one, whose schema then refuses the setting.
    """
    choices, wanted = description.get("choices", {}), settings.get(INPUT)
    part = choices.get(wanted, {}) if isinstance(wanted, str) else {}
    return {**{key: value for key, value in description.items() if key != "choices"}, **part}


def differing(first: Mapping[str, Any], others: Mapping[str, Mapping[str, Any]]) -> JsonObject:
    """By input what `choices` says of it: what is otherwise than with the first, of the whole description of each.

    >>> differing({"dim": 3, "frozen": [1]}, {"other": {"dim": 4}})
    {'other': {'frozen': [], 'dim': 4}}
    """
    return {
        name: {
            **{key: none for key, none in LEFT_OUT.items() if key in first and key not in each},
            **{key: value for key, value in each.items() if key not in first or value != first[key]},
        }
        for name, each in others.items()
    }


def called(description: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    """The one word for the method with the input that these settings choose: in records, and where seeds are hashed.

    >>> called({"name": "erm", "choices": {"lite0": {"called": "lite0-erm"}}}, {"input": "lite0"})
    'lite0-erm'
    """
    chosen = described_for(description, settings)
    return str(chosen.get("called") or chosen["name"])


def plainly(description: Mapping[str, Any], settings: Mapping[str, Any]) -> JsonObject:
    """The settings without an `input` that is the first one anyway: as they were before there was a choice."""
    if "choices" not in description:
        return dict(settings)
    first = settings.get(INPUT) not in description.get("choices", {})
    return {name: value for name, value in settings.items() if name != INPUT or not first}


def input_of(description: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    """The input that these settings choose, by its name; empty for the first one, and where there is no choice."""
    return str(plainly(description, settings).get(INPUT, "")) if "choices" in description else ""


def refuse_former(descriptions: Iterable[Mapping[str, Any]], name: str) -> None:
    """Raises ConfigError for a name that a method with one of its inputs had as a method of its own."""
    now = became(descriptions, name)
    if now is not None:
        raise ConfigError([f"{name} is now {now[0]} with input={now[1]}; set that"])


def became(descriptions: Iterable[Mapping[str, Any]], name: str) -> tuple[str, str] | None:
    """The method and the input that were a method of this name before, or None.

    >>> became([{"name": "erm", "choices": {"lite0": {"called": "lite0-erm"}}}], "lite0-erm")
    ('erm', 'lite0')
    """
    for each in descriptions:
        if each["name"] != name and each.get("called") == name:
            return each["name"], str(each["config_schema"]["properties"][INPUT]["default"])
        for choice, part in each.get("choices", {}).items():
            if part["called"] == name:
                return each["name"], choice
    return None


def with_choice(schema: JsonObject, names: Iterable[str], default: str) -> JsonObject:
    """A schema with the setting `input` before all others."""
    choice = {"type": "string", "description": HELP, "default": default, "maxLength": 60, "enum": list(names)}
    order = [INPUT, *schema["propertyOrder"]]
    return {**schema, "properties": {INPUT: choice, **schema["properties"]}, "propertyOrder": order}
