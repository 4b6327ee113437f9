"""docs/long-tails.md says what the code says."""

import dataclasses
from pathlib import Path

import pytest
from tests.unit.baselines.generalization.test_documented import cells, row, section, setting_rows

from farfield import MethodSpec
from farfield.config import schema_of, settings_of
from farfield_baselines.longtail.core import LongTailConfig
from farfield_baselines.longtail.listed import SPECS
from farfield_baselines.longtail.presets import PRESETS, LongTailImages
from farfield_baselines.trained.config import on_features

DOCUMENT = Path(__file__).parents[4] / "docs" / "long-tails.md"


@pytest.fixture(scope="module")
def lines() -> list[str]:
    return DOCUMENT.read_text(encoding="utf-8").splitlines()


def rows(lines: list[str], title: str) -> list[str]:
    return [line for line in section(lines, title) if line.startswith("| `")]


def test_every_method_has_its_row_and_no_other(lines: list[str]) -> None:
    listed = rows(lines, "The methods")
    assert len(listed) == len(SPECS)
    for spec, line in zip(SPECS, listed, strict=True):
        assert cells(line)[1].endswith(".")
        own = dataclasses.replace(spec, papers=spec.with_input("images").papers)
        assert line == row(own, cells(line)[1], on_features(LongTailConfig))


def test_the_settings_of_all_and_those_of_images_are_listed(lines: list[str]) -> None:
    assert rows(lines, "Settings of all") == setting_rows(LongTailConfig)
    of_images = rows(lines, "On images")
    assert of_images[: -len(PRESETS)] == setting_rows(LongTailImages)


def test_the_presets_are_listed_with_their_figures(lines: list[str]) -> None:
    listed = rows(lines, "On images")[-len(PRESETS) :]
    assert [cells(line)[0].strip("`") for line in listed] == list(PRESETS)
    for line, preset in zip(listed, PRESETS.values(), strict=True):
        decay = f"{1e4 * preset['weight_decay']:g}e-4"
        rates = f"SGD {preset['lr']:g}, momentum {preset['momentum']:g}, weight decay {decay}, {preset['schedule']}"
        assert f"{preset['epochs']} epochs, batch {preset['batch']}, {rates}" in line


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_every_setting_has_a_help_and_every_number_its_bounds(spec: MethodSpec) -> None:
    for chosen in (spec.with_input(name) for name in spec.inputs_by_name):
        for name, prop in settings_of(schema_of(chosen.config)):
            assert prop["description"], name
            if prop["type"] in {"number", "integer"}:
                assert {"minimum", "maximum"} <= set(prop), name
