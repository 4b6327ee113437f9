"""docs/generalization.md says what the code says."""

from pathlib import Path

import pytest
from tests.unit.baselines.documented import cells, own_settings, setting_rows

from farfield import MethodSpec
from farfield.config import schema_of, settings_of
from farfield_baselines.generalization.clip import ClipConfig
from farfield_baselines.generalization.core import KNOWN, Config, NetworkConfig
from farfield_baselines.generalization.declare import DOMAINBED
from farfield_baselines.generalization.listed import ON_CLIP, SPECS
from farfield_baselines.generalization.on_features import FeaturesConfig
from farfield_baselines.networks import featurizers

DOCUMENT = Path(__file__).parents[4] / "docs" / "generalization.md"


def row(spec: MethodSpec, minimises: str, of_all: type = Config) -> str:
    papers = "; ".join(paper for paper in spec.papers if paper != DOMAINBED)
    return f"| `{spec.name}` | {minimises} | {own_settings(spec, of_all)} | {papers} |"


@pytest.fixture(scope="module")
def lines() -> list[str]:
    return DOCUMENT.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_every_algorithm_has_its_row(lines: list[str], spec: MethodSpec) -> None:
    [line] = [line for line in lines if line.startswith(f"| `{spec.name}` |") and len(cells(line)) == 4]
    minimises = cells(line)[1]
    assert minimises.endswith(".")
    assert line == row(spec, minimises)


def test_no_row_is_of_an_algorithm_that_is_not_there(lines: list[str]) -> None:
    start = lines.index("## The algorithms")
    stop = lines.index("## Settings of all")
    names = [cells(line)[0].strip("`") for line in lines[start:stop] if line.startswith("| `")]
    assert names == [spec.name for spec in SPECS]


def test_the_settings_of_all_are_listed(lines: list[str]) -> None:
    start, stop = lines.index("## Settings of all"), lines.index("## On frozen features")
    assert [line for line in lines[start:stop] if line.startswith("| `")] == setting_rows(Config)
    assert {name for name, _ in settings_of(schema_of(Config))} - {"lr", "weight_decay"} == {
        name for name, _ in settings_of(schema_of(NetworkConfig))
    }


def test_the_featurizers_are_listed(lines: list[str]) -> None:
    start, stop = lines.index("## Featurizers"), lines.index("## Where we differ")
    named = [
        name.strip().strip("`")
        for line in lines[start:stop]
        if line.startswith("| `")
        for name in cells(line)[0].split(",")
    ]
    assert set(named) == {*KNOWN, "timm:NAME", "open_clip:NAME"}
    assert {*KNOWN, "timm", "open_clip"} == set(featurizers._MAKERS)


def section(lines: list[str], title: str) -> list[str]:
    start = lines.index(f"## {title}")
    return lines[start : next(n for n in range(start + 1, len(lines)) if lines[n].startswith("## "))]


def test_the_methods_on_features_are_named_with_their_settings(lines: list[str]) -> None:
    found = section(lines, "On frozen features")
    sentence = " ".join(found).partition("place of images: ")[2].partition(".")[0]
    assert sentence.split(", ") == [f"`{spec.name}`" for spec in SPECS if spec.choices]
    assert [line for line in found if line.startswith("| `")] == setting_rows(FeaturesConfig)


def test_every_method_on_clip_has_its_row(lines: list[str]) -> None:
    found = [line for line in section(lines, "On a CLIP model") if line.startswith("| `")]
    rows, settings = found[: len(ON_CLIP)], found[len(ON_CLIP) :]
    assert settings == setting_rows(ClipConfig)
    for spec, line in zip(ON_CLIP, rows, strict=True):
        assert line == row(spec, cells(line)[1], ClipConfig)


def test_every_setting_has_a_help_and_every_number_its_bounds() -> None:
    for spec in (s.with_input(name) for s in (*SPECS, *ON_CLIP) for name in s.inputs_by_name):
        for name, prop in settings_of(schema_of(spec.config)):
            assert prop["description"], (spec.name, name)
            if prop["type"] in {"number", "integer"}:
                assert {"minimum", "maximum"} <= set(prop), (spec.name, name)
