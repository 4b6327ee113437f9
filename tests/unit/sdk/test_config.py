"""Configurations: the schema, and the agreement of our checker with a JSON Schema validator."""

import math
import time
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from farfield import NoConfig, parse_config, schema_of, setting
from farfield.config import check_config
from farfield.errors import ConfigError, SpecError


@dataclass(frozen=True, kw_only=True)
class Everything:
    flag: bool = setting(False, help="A switch.")
    count: int = setting(3, ge=0, le=10, help="A bounded whole number.")
    free: int = setting(0, help="Any whole number.")
    rate: float = setting(0.5, ge=0.0, le=1.0, help="A bounded number.")
    step: float = setting(1, choices=(0.5, 1, 2), help="One of three numbers.")
    mode: str = setting("fast", choices=("fast", "slow"), help="One of two words.")
    note: str = setting("", max_length=5, help="A short text.")


SCHEMA = schema_of(Everything)
NAMES = (*SCHEMA["properties"], "unknown")
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-12, 12),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0.5, 1.0, 2, 10.0, "fast", "slow", ""]),
    TEXTS,
    st.lists(st.integers(), max_size=2),
    st.dictionaries(TEXTS, st.integers(), max_size=2),
)


def test_the_schema_is_valid_and_complete() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["additionalProperties"] is False
    assert SCHEMA["properties"]["count"] == {
        "type": "integer",
        "description": "A bounded whole number.",
        "default": 3,
        "minimum": 0,
        "maximum": 10,
    }
    assert SCHEMA["properties"]["mode"]["enum"] == ["fast", "slow"]
    assert SCHEMA["properties"]["note"]["maxLength"] == 5
    assert schema_of(NoConfig)["properties"] == {}


@given(st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_agrees_with_a_json_schema_validator(values: dict[str, Any]) -> None:
    assert (not check_config(SCHEMA, values)) == Draft202012Validator(SCHEMA).is_valid(values)


@given(st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_what_passes_is_parsed_to_the_declared_types(values: dict[str, Any]) -> None:
    if check_config(SCHEMA, values):
        with pytest.raises(ConfigError):
            parse_config(Everything, values)
        return
    config = parse_config(Everything, values)
    kinds = {"boolean": bool, "integer": int, "number": float, "string": str}
    for name, prop in SCHEMA["properties"].items():
        assert type(getattr(config, name)) is kinds[prop["type"]]
        assert getattr(config, name) == values.get(name, prop["default"])


@given(VALUES)
def test_only_objects_are_configurations(values: Any) -> None:
    assert (not check_config(schema_of(NoConfig), values)) == Draft202012Validator(schema_of(NoConfig)).is_valid(values)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 10**400])
def test_numbers_that_json_or_a_float_cannot_hold_are_refused(value: float) -> None:
    for name in ("rate", "free"):
        problems = check_config(SCHEMA, {name: value})
        assert len(problems) == 1
        assert problems[0].startswith(f"{name}: ")
    assert "not a finite number" in check_config(SCHEMA, {"rate": value})[0]


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
def test_text_that_a_database_cannot_hold_is_refused(text: str) -> None:
    assert "cannot be stored" in check_config(SCHEMA, {"note": text})[0]


def test_every_problem_is_named_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(Everything, {"count": 11, "rate": "high", "mode": "medium", "note": "too long", "speed": 1})
    assert caught.value.problems == (
        "'speed': no such setting; known: flag, count, free, rate, step, mode, note",
        "count: 11 is above the maximum 10",
        "rate: expected a number, got 'high'",
        "mode: 'medium' is not one of fast, slow",
        "note: longer than 5 characters",
    )
    assert caught.value.code == "plugin.bad_config"


def test_a_long_value_does_not_flood_the_message() -> None:
    assert len(check_config(SCHEMA, {"count": "x" * 10_000})[0]) < 100


def test_a_rule_of_the_dataclass_itself_is_a_config_error() -> None:
    @dataclass(frozen=True, kw_only=True)
    class Ordered:
        low: int = setting(0, help="Low.")
        high: int = setting(1, help="High.")

        def __post_init__(self) -> None:
            if self.low > self.high:
                raise ValueError("low must not be above high")

    with pytest.raises(ConfigError, match="low must not be above high"):
        parse_config(Ordered, {"low": 2})


def _config(**members: Any) -> type:
    kinds = {name: kind for name, (kind, _) in members.items()}
    values = {name: value for name, (_, value) in members.items()}
    return dataclass(frozen=True, kw_only=True)(type("Made", (), {"__annotations__": kinds, **values}))


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (int, "must be a class decorated"),
        (dataclass(type("Thawed", (), {})), "must be a class decorated"),
        (NoConfig(), "must be a class decorated"),
        (_config(a=("Missing", setting(1, help="x"))), "cannot be read"),
        (_config(a=(list, field(default_factory=list))), "not one of bool, int, float, str"),
        (_config(a=(int, 3)), "write it as `a: int = setting"),
        (_config(a=(int, setting(11, le=10, help="x"))), "default is not allowed: 11 is above the maximum 10"),
        (_config(a=(int, setting("b", help="x"))), "default is not allowed: expected an integer, got 'b'"),
        (_config(a=(str, setting("b", choices=("c",), help="x"))), "'b' is not one of c"),
        (_config(a=(str, setting("b", choices=("b", 1), help="x"))), "the choice 1 is not allowed"),
    ],
)
def test_an_unusable_configuration_class_is_refused(config: Any, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        schema_of(config)


def test_a_thousand_unknown_settings_of_two_hundred_are_not_compared_each_with_each() -> None:
    one = {"type": "string", "default": "", "maxLength": 10_000, "enum": ["x" * 9000] * 50}
    schema = {"properties": {f"{'name' * 20}_{i}": one for i in range(200)}}
    started = time.process_time()
    problems = check_config(schema, {**{f"{'nome' * 20}_{i}": 1 for i in range(1000)}, f"{'name' * 20}_7": "y"})
    assert time.process_time() - started < 2
    assert len("; ".join(problems)) < 20_000
    assert "and 995 more settings" in "; ".join(problems)
