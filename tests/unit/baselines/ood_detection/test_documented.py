"""docs/ood-detectors.md says what the code says."""

import re
from pathlib import Path
from typing import Any

import pytest

from farfield import MethodSpec
from farfield.config import schema_of, settings_of
from farfield_baselines.ood_detection.declare import ModelConfig
from farfield_baselines.ood_detection.listed import SPECS
from farfield_baselines.ood_detection.search import Searched

DOCUMENT = Path(__file__).parents[4] / "docs" / "ood-detectors.md"
DETECTORS = [spec for spec in SPECS if spec.name != "constant-detector"]


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def figure(value: object) -> str:
    """A default or a bound, as the tables write it."""
    return f"{value:g}" if isinstance(value, float) else str(value) or "empty"


def extent(prop: dict[str, Any]) -> str:
    if "enum" in prop:
        return ", ".join(prop["enum"])
    return "text" if prop["type"] == "string" else f"{figure(prop['minimum'])} to {figure(prop['maximum'])}"


def own_settings(spec: MethodSpec) -> str:
    """The settings that are not everybody's: name, default and range."""
    common = schema_of(ModelConfig)["properties"] | schema_of(Searched)["properties"]
    own = [(name, p) for name, p in settings_of(schema_of(spec.config)) if name not in common]
    return "; ".join(f"`{name}` {figure(p['default'])} ({extent(p)})" for name, p in own) or "none"


def section(title: str) -> list[str]:
    """The lines of a section."""
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    start = lines.index(f"## {title}")
    return lines[start : next((n for n in range(start + 1, len(lines)) if lines[n].startswith("## ")), len(lines))]


def rows(title: str) -> list[str]:
    return [line for line in section(title) if line.startswith("| `")]


def test_every_detector_has_its_row_in_order() -> None:
    expected = [(f"`{s.name}`", own_settings(s), "; ".join(s.papers)) for s in DETECTORS]
    found = [cells(line) for line in rows("The detectors")]
    assert [(name, settings, papers) for name, _, settings, papers in found] == expected
    assert all(score.endswith(".") for _, score, _, _ in found)


def test_the_settings_of_the_model_are_listed() -> None:
    expected = [
        f"| `{name}` | {figure(p['default'])} | {extent(p)} | {p['description']} |"
        for name, p in settings_of(schema_of(ModelConfig))
    ]
    assert rows("On which model") == expected


def test_the_setting_of_the_search_and_who_has_it_are_listed() -> None:
    text = section("What is chosen how")
    (prop,) = schema_of(Searched)["properties"].values()
    assert f"| `search` | {figure(prop['default'])} | {extent(prop)} | {prop['description']} |" in text
    (named,) = re.findall(r"What every combination had.*?have a grid", " ".join(text))
    assert re.findall(r"`([^`]+)`", named) == sorted(s.name for s in SPECS if hasattr(s.config(), "search"))


def test_the_methods_on_shipped_models_are_named() -> None:
    text = " ".join(section("On which model"))
    for chosen in ("lite0", "mini-clip", "scratch"):
        named = text.partition(f"`input={chosen}`: ")[2].partition(".")[0]
        assert re.findall(r"`([^`]+)`", named) == [s.name for s in SPECS if chosen in s.inputs_by_name]


def test_what_is_chosen_how_is_said_of_every_detector_with_a_setting() -> None:
    said = {cells(line)[0].strip("`") for line in rows("What is chosen how")}
    assert {s.name for s in DETECTORS if own_settings(s) != "none"} == said - {"search"}


@pytest.mark.parametrize("spec", DETECTORS, ids=lambda spec: spec.name)
def test_every_setting_has_a_help_and_every_number_its_bounds(spec: MethodSpec) -> None:
    for name, prop in settings_of(schema_of(spec.config)):
        assert prop["description"], name
        if prop["type"] in {"number", "integer"}:
            assert {"minimum", "maximum"} <= set(prop), name
