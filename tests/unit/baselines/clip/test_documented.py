"""docs/robust-fine-tuning.md says what the code says."""

from pathlib import Path

import pytest
from tests.unit.baselines.documented import extent, figure

from farfield import MethodSpec
from farfield.config import schema_of, settings_of
from farfield_baselines.classification import adu_probe, ncm, open_probe, osloprompt, timm_classifier
from farfield_baselines.classification.listed import ON_CLIP
from farfield_baselines.clip_methods import ModelConfig, PromptConfig, TrainConfig

DOCUMENT = Path(__file__).parents[4] / "docs" / "robust-fine-tuning.md"
SPECS = (*ON_CLIP, timm_classifier.SPEC, ncm.SPEC, open_probe.SPEC, osloprompt.SPEC, adu_probe.SPEC)
COMMON = schema_of(TrainConfig)["properties"]


def own_settings(spec: MethodSpec) -> str:
    """The settings that differ from everybody's: name, default and range."""
    own = [(name, p) for name, p in settings_of(schema_of(spec.config)) if p != COMMON.get(name)]
    return "; ".join(f"`{name}` {figure(p['default'])} ({extent(p)})" for name, p in own) or "none"


def setting_rows(names: list[str]) -> list[str]:
    rows = [(name, COMMON[name]) for name in names]
    return [f"| `{n}` | {figure(p['default'])} | {extent(p)} | {escaped(p['description'])} |" for n, p in rows]


def escaped(text: str) -> str:
    """A bar would end the table's cell."""
    return text.replace("|", "\\|")


@pytest.fixture(scope="module")
def lines() -> list[str]:
    return DOCUMENT.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_every_method_has_its_row(lines: list[str], spec: MethodSpec) -> None:
    (found,) = [line for line in lines if line.startswith(f"| `{spec.name}` |")]
    _, what, own, papers = (cell.strip() for cell in found.strip("|").split(" | "))
    assert what
    assert own == own_settings(spec)
    assert papers == "; ".join(spec.papers)


def test_the_settings_of_all_are_there(lines: list[str]) -> None:
    of_the_model = [name for name, _ in settings_of(schema_of(PromptConfig))]
    adamw = [name for name, _ in settings_of(schema_of(TrainConfig)) if name not in of_the_model]
    assert set(schema_of(ModelConfig)["properties"]) < set(of_the_model)
    for row in setting_rows([*of_the_model, *adamw]):
        assert row in lines


def test_no_method_is_listed_that_is_not_there(lines: list[str]) -> None:
    start = lines.index("## Methods")
    end = lines.index("## AdamW")
    listed = [line.split("`")[1] for line in lines[start:end] if line.startswith("| `")]
    assert listed == [spec.name for spec in SPECS]
