"""docs/pruning.md says what the code says."""

from pathlib import Path

from tests.unit.baselines.documented import cells, own_settings

from farfield import NoConfig
from farfield_baselines.backbones import LITE0_PAPER
from farfield_baselines.selection.listed import SPECS

DOCUMENT = Path(__file__).parents[4] / "docs" / "pruning.md"


def test_every_method_has_its_row_and_no_other_has() -> None:
    listed = [line for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    papers = ["; ".join(paper for paper in spec.papers if paper != LITE0_PAPER) for spec in SPECS]
    assert listed == [
        f"| `{spec.name}` | {cells(line)[1]} | {own_settings(spec, NoConfig)} | {paper} |"
        for spec, line, paper in zip(SPECS, listed, papers, strict=True)
    ]
    assert all(cells(line)[1].endswith(".") for line in listed)
