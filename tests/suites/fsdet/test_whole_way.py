"""From files in the official layouts to a table of figures, through the command line."""

from pathlib import Path

import pytest
from tests.suites.fsdet import release
from tests.unit.evaluators.own.made import installed

from farfield.cli import main
from farfield_evaluators.suites.fsdet.data.importer import Layout

PART = Layout(shots=(1,), shot_sets=(0,), test_images=2)


@pytest.mark.submitted
def test_a_part_of_the_release_is_imported_and_a_method_scored(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree = release.tree(tmp_path / "datasets", PART)
    report = tmp_path / "problems.txt"
    with installed(tmp_path / "var"):
        assert main(["data", "import", "fsdet-coco", str(tree), "--report", str(report)]) == 1
        assert "5k.json: 2 images, not 5,000" in report.read_text()
        assert main(["data", "import", "fsdet-coco", str(tree), "--subset"]) == 0
        capsys.readouterr()
        for board in ("coco-gfsis", "coco-fsis-fsrw"):
            cells = ["--cell", "shots=1", "--cell", "group=0" if board == "coco-gfsis" else "trial=0"]
            assert main(["evaluate", "fs-centre-box", "--benchmark", f"fsdet/{board}", *cells]) == 0
            assert "nAP, 1 shot" in capsys.readouterr().out
        assert main(["evaluate", "fs-centre-box", "--benchmark", "fsdet/coco-fsis", "--cell", "shots=5"]) == 1
        assert "has no set 'support-5-0'" in capsys.readouterr().err
