"""Plain data from strangers: bounds on what is parsed, and on what is kept."""

import json
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farfield.packaging.plain import DataLimits, data_problem, read_json, read_toml, text_problem, visible

ROOT = Path(__file__).parents[4]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(JSON)
def test_json_within_the_bounds_is_read_as_ever(value: Any) -> None:
    text = json.dumps(value)
    if "Infinity" not in text:
        assert read_json(text) == json.loads(text)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 990 + "]" * 990,
        '{"a":' * 990 + "1" + "}" * 990,
        "[" * 200_000,
        "9" * 5000,
        '{"a": -' + "1" * 5000 + "}",
        "0." + "1" * 5000,
        "1e" + "9" * 5000,
        "NaN",
        "[Infinity]",
        '"' + "\\" * 99_999,
        "",
        "nonsense",
    ],
)
def test_json_that_costs_more_than_it_weighs_is_an_error_of_input(text: str) -> None:
    started = time.process_time()
    with pytest.raises(ValueError, match=r"."):
        read_json(text)
    assert time.process_time() - started < 1


def test_brackets_and_digits_in_a_text_are_text() -> None:
    assert read_json(json.dumps(["[" * 100, "9" * 5000, '\\"[' * 50])) == ["[" * 100, "9" * 5000, '\\"[' * 50]


@pytest.mark.parametrize(
    "text",
    [
        ".".join(["a"] * 16_000) + " = 1",
        "[" + ".".join(["a"] * 16_000) + "]",
        ".".join(['"a"'] * 16_000) + " = 1",
        " . ".join(["'a'"] * 16_000) + " = 1",
        "a = " + "[" * 5000 + "]" * 5000,
        "a = " + "{a=" * 5000 + "1" + "}" * 5000,
        "a = " + "9" * 5000,
        "a = 0x" + "f" * 5000,
        "a = " + "1_" * 2500 + "1",
        "a = nonsense",
        'a = "',
        "a = 1\na = 2",
    ],
)
def test_toml_that_costs_more_than_it_weighs_is_an_error_of_input(text: str) -> None:
    started = time.process_time()
    with pytest.raises(ValueError, match=r"."):
        read_toml(text)
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    "text",
    [
        'a = "' + "x." * 5000 + '"',
        'a = """\n' + '[[ "" ' * 50 + '"""',
        "a = '''" + "[' " * 50 + "'''",
        "# " + "[" * 5000 + "\nb = [1, 2]",
        'a."b.c".d = 1.5',
        'a = "\\"' + "[" * 50 + '"',
        'a = """' + "[" * 50 + '"""""',
        'x = ["a", "b"]\n' * 0 + "[a.b]\nc = {d = [1], e.f = 2}",
    ],
)
def test_ordinary_toml_is_read_as_ever(text: str) -> None:
    assert read_toml(text) == tomllib.loads(text)


def test_our_own_projects_are_ordinary() -> None:
    for path in [ROOT / "pyproject.toml", *ROOT.glob("plugins/*/pyproject.toml")]:
        text = path.read_text(encoding="utf-8")
        assert read_toml(text) == tomllib.loads(text)


@pytest.mark.parametrize(
    "text", ["plain", "Grüße, 世界", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "a\u00a0b", "e\u0301"]
)
def test_what_can_be_seen_is_kept(text: str) -> None:
    assert text_problem(text, 100) == ""
    assert visible(text, 100) == text


@pytest.mark.parametrize(
    "point", [0, 7, 0x1B, 0x7F, 0x85, 0x61C, 0x200B, 0x200E, 0x202E, 0x2028, 0x2066, 0xD800, 0xFEFF]
)
def test_control_and_bidi_characters_are_refused(point: int) -> None:
    assert f"U+{point:04X}" in text_problem(f"a{chr(point)}b", 100, lines=True)
    assert visible(f"a{chr(point)}b", 100) == "a\N{REPLACEMENT CHARACTER}b"
    assert data_problem({"a": [chr(point)]})
    assert data_problem({chr(point): 1})


def test_lines_are_allowed_where_they_are_asked_for() -> None:
    assert text_problem("a\n\tb", 100, lines=True) == ""
    assert "U+000A" in text_problem("a\nb", 100)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("x" * 4_000_000, "characters"),
        ({f"k{i}": i for i in range(2000)}, "parts"),
        ([[[[[[[1]]]]]]], "deep"),
        ([["x" * 300] * 100], "characters"),
        (float("nan"), "finite"),
        (10**400, "finite"),
        (object(), "object"),
    ],
)
def test_data_that_nobody_can_look_through_is_refused(value: Any, says: str) -> None:
    assert says in data_problem(value)


@given(JSON)
def test_any_data_get_an_answer(value: Any) -> None:
    assert isinstance(data_problem(value, DataLimits(depth=3, parts=20, characters=50)), str)
