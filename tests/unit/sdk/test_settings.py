"""Settings written as text: the declared type says what a text means, never its look."""

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farfield import schema_of, setting
from farfield.errors import ConfigError, UnknownName
from farfield.settings import read_settings, split_pairs


@dataclass(frozen=True, kw_only=True)
class Typed:
    head: str = setting("a", help="Text.")
    pick: str = setting("1", choices=("1", "2", "true"), help="One of some texts.")
    x: float = setting(0.5, ge=-10, le=10, help="A number.")
    step: float = setting(1, choices=(0.5, 1, 2), help="One of some numbers.")
    n: int = setting(3, ge=0, help="A whole number.")
    b: bool = setting(True, help="A switch.")


SCHEMA = schema_of(Typed)


def read(*pairs: str) -> dict[str, Any]:
    return read_settings(SCHEMA, split_pairs(pairs))


@pytest.mark.parametrize(
    ("pair", "value"),
    [
        ("head=123", "123"),
        ("head=true", "true"),
        ("head=null", "null"),
        ('head="quoted"', '"quoted"'),
        ("head=[1]", "[1]"),
        ("head=", ""),
        ("head=a=b", "a=b"),
        ("pick=1", "1"),
        ("pick=true", "true"),
        ("x=.5", 0.5),
        ("x=5.", 5.0),
        ("x=-1e-3", -0.001),
        ("x=+2", 2.0),
        ("step=2", 2),
        ("step=.5", 0.5),
        ("n=07", 7),
        ("n=1e3", 1000),
        ("n=3.0", 3),
        ("b=False", False),
        ("b=false", False),
        ("b=TRUE", True),
        ("b=no", False),
        ("b=1", True),
        ("b=off", False),
    ],
)
def test_two_rules_the_type_of_a_setting_says_what_a_text_means(pair: str, value: object) -> None:
    (found,) = read(pair).values()
    assert (found, type(found)) == (value, type(value)) or (isinstance(value, int) and found == value)


@pytest.mark.parametrize(
    ("pair", "problem"),
    [
        ("x=half", "x: expected a number, got 'half'"),
        ("x=nan", "x: nan is not a finite number"),
        ("x=1e999", "x: inf is not a finite number"),
        ("x=11", "x: 11.0 is above the maximum 10"),
        ("n=1.5", "n: expected a whole number, got '1.5'"),
        ("n=inf", "n: expected a whole number, got 'inf'"),
        ("n=" + "9" * 5000, "n: expected a whole number, got '9999"),
        ("b=maybe", "b: expected true or false, got 'maybe'"),
        ("b=", "b: expected true or false, got ''"),
        ("pick=3", "pick: '3' is not one of 1, 2, true"),
        ("haed=x", "'haed': no such setting, did you mean head?; known: head, pick, x, step, n, b"),
        ("zzzzzz=x", "'zzzzzz': no such setting; known: head, pick, x, step, n, b"),
        ("head", "--set head: write it as NAME=VALUE"),
        ("=3", "--set =3: write it as NAME=VALUE"),
    ],
)
def test_what_is_refused_says_what_was_expected(pair: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(pair)
    assert any(each.startswith(problem) for each in caught.value.problems)


def test_every_problem_is_said_at_once_and_the_last_of_a_name_counts() -> None:
    with pytest.raises(ConfigError) as caught:
        read("n=x", "b=x", "huh=1")
    assert len(caught.value.problems) == 3
    assert read("n=1", "n=2") == {"n": 2}


@given(st.sampled_from(list(SCHEMA["properties"])), st.text(max_size=12))
def test_any_text_is_read_or_refused(name: str, text: str) -> None:
    try:
        read_settings(SCHEMA, {name: text})
    except ConfigError as error:
        assert str(error)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("lit0-energy", "did you mean lite0-energy?"),
        ("CONSTANT", "did you mean constant?"),
        ("zzz", "'zzz'; available"),
    ],
)
def test_a_mistyped_name_is_answered_with_the_near_ones(name: str, said: str) -> None:
    assert said in str(UnknownName("method", name, ["lite0-energy", "constant"]))
