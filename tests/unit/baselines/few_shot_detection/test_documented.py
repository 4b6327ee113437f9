"""docs/few-shot-detection.md says what the code says."""

from pathlib import Path
from typing import Any

import pytest
from tests.unit.baselines.documented import cells, extent, figure

from farfield import MethodSpec
from farfield.config import schema_of, settings_of
from farfield_baselines.few_shot_detection.config import FewShotConfig, ResNetConfig
from farfield_baselines.few_shot_detection.listed import SPECS

DOCUMENT = Path(__file__).parents[4] / "docs" / "few-shot-detection.md"
SMALL, LARGE = (dict(settings_of(schema_of(config))) for config in (FewShotConfig, ResNetConfig))


def rows(title: str) -> list[list[str]]:
    """The cells of a section's table."""
    section = DOCUMENT.read_text(encoding="utf-8").partition(f"## {title}\n")[2].partition("\n## ")[0]
    return [cells(line) for line in section.splitlines() if line.startswith("| `")]


def own(spec: MethodSpec) -> list[list[str]]:
    """The settings of a method that are not everybody's, as the table has them."""
    small, large = (dict(settings_of(schema_of(spec.with_input(n).config))) for n in ("lite0", "resnet50-fpn"))
    return [
        [f"`{name}`", figure(prop["default"]), figure(large[name]["default"]), extent(prop), prop["description"]]
        for name, prop in small.items()
        if name not in LARGE
    ]


def test_every_method_has_its_row_in_order() -> None:
    listed = rows("The methods")
    assert [name for name, *_ in listed] == [f"`{spec.name}`" for spec in SPECS]
    for spec, (_, _, settings) in zip(SPECS, listed, strict=True):
        names = [name for name, *_ in own(spec)]
        assert settings == ", ".join(names), spec.name


def test_the_settings_of_methods_are_listed_with_both_defaults() -> None:
    """A setting of several methods has one row for each pair of its defaults, with the names of the methods."""
    listed = rows("Settings of methods")
    for spec in SPECS:
        for name, small, large, bounds, meaning in own(spec):
            fitting = [row for row in listed if row[0] == name and (spec.name in row[1].split(", "))]
            assert [row[2:] for row in fitting] == [[small, large, bounds, meaning]], (spec.name, name)


def test_the_settings_of_both_networks_are_listed() -> None:
    expected = [
        [
            f"`{name}`",
            figure(SMALL[name]["default"]) if name in SMALL else "none",
            figure(prop["default"]),
            extent(prop),
            prop["description"],
        ]
        for name, prop in LARGE.items()
    ]
    assert rows("Two kinds of networks") == expected


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_every_number_has_its_bounds(spec: Any) -> None:
    for network in spec.inputs_by_name:
        for name, prop in settings_of(schema_of(spec.with_input(network).config)):
            assert prop["description"], name
            if prop["type"] in {"number", "integer"}:
                assert {"minimum", "maximum"} <= set(prop), name
