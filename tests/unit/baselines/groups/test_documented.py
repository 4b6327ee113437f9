"""docs/groups.md says what the code says."""

from pathlib import Path

import pytest
from tests.unit.baselines.documented import cells, figure, own_settings, setting_rows

from farfield import MethodSpec
from farfield_baselines.backbones import LITE0_PAPER
from farfield_baselines.groups.declare import WILDS
from farfield_baselines.groups.listed import SPECS
from farfield_baselines.groups.presets import PRESETS, PresetImageConfig
from farfield_baselines.trained.config import FeatureConfig, TrainConfig, on_features

DOCUMENT = Path(__file__).parents[4] / "docs" / "groups.md"


@pytest.fixture(scope="module")
def lines() -> list[str]:
    return DOCUMENT.read_text(encoding="utf-8").splitlines()


def rows(lines: list[str], title: str) -> list[str]:
    start = lines.index(f"## {title}")
    stop = next(n for n in range(start + 1, len(lines)) if lines[n].startswith("## "))
    return [line for line in lines[start:stop] if line.startswith("| `")]


def row(spec: MethodSpec, minimises: str) -> str:
    papers = "; ".join(paper for paper in spec.papers if paper not in (WILDS, LITE0_PAPER))
    return f"| `{spec.name}` | {minimises} | {own_settings(spec, on_features(TrainConfig))} | {papers} |"


def test_every_method_has_its_row_and_no_other_has(lines: list[str]) -> None:
    listed = rows(lines, "The methods")
    assert listed == [row(spec, cells(line)[1]) for spec, line in zip(SPECS, listed, strict=True)]
    assert all(cells(line)[1].endswith(".") for line in listed)


@pytest.mark.parametrize(
    ("title", "config"),
    [("Settings of all", TrainConfig), ("On features", FeatureConfig), ("On images", PresetImageConfig)],
)
def test_the_settings_are_listed(lines: list[str], title: str, config: type) -> None:
    assert rows(lines, title) == setting_rows(config)


def test_the_presets_are_listed(lines: list[str]) -> None:
    names = dict.fromkeys(name for preset in PRESETS.values() for name in preset)
    wanted = [
        f"| `{name}` | {' | '.join(figure(p[name]) if name in p else '-' for p in PRESETS.values())} |"
        for name in names
    ]
    assert rows(lines, "Presets") == wanted
    assert f"| Setting | {' | '.join(PRESETS)} |" in lines
