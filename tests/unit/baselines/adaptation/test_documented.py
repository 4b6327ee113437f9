"""docs/adaptation.md says what the code says."""

from pathlib import Path

from tests.unit.baselines.documented import cells, own_settings

from farfield import MethodSpec
from farfield_baselines.adaptation.listed import SPECS
from farfield_baselines.adaptation.self_training import StrongImageConfig
from farfield_baselines.backbones import LITE0_PAPER
from farfield_baselines.trained.config import TrainConfig, on_features, on_images

DOCUMENT = Path(__file__).parents[4] / "docs" / "adaptation.md"


def row(spec: MethodSpec, says: str) -> str:
    papers = "; ".join(paper for paper in spec.papers if paper != LITE0_PAPER)
    common = on_features(TrainConfig) if spec.choices else on_images(TrainConfig, StrongImageConfig)
    return f"| `{spec.name}` | {says} | {own_settings(spec, common)} | {papers} |"


def test_every_method_has_its_row_and_no_other_has() -> None:
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    listed = [line for line in lines if line.startswith("| `")]
    assert listed == [row(spec, cells(line)[1]) for spec, line in zip(SPECS, listed, strict=True)]
    assert all(cells(line)[1].endswith(".") for line in listed)
