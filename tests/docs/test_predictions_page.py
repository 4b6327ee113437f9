"""The page on predictions: its script fills in a file that is scored, and its table of codes is whole."""

import re
from pathlib import Path

import numpy as np
import pytest
from tests.docs.test_documents import ROOT, blocks
from tests.smallpack import small_pack

from farfield_evaluators import npz, predictions
from farfield_evaluators.catalog import find
from farfield_evaluators.data.demo import import_demo
from farfield_evaluators.export import export_images
from farfield_evaluators.scoring.coco import problems

PAGE = "docs/predictions.md"
CARD = re.compile(r"`(\w+)` \[(\d+)(?:, (\d+))?\]")


def test_the_documented_script_fills_in_a_file_that_is_scored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    benchmark, pack = find("imagenet-ood/mini"), small_pack(tmp_path)
    export_images(benchmark, pack, tmp_path / "mini")
    (script,) = (block.text for block in blocks("python") if block.document == PAGE)
    monkeypatch.chdir(tmp_path)
    exec(compile(script, PAGE, "exec"), {"__name__": "__main__"})
    scores = predictions.score_predictions(benchmark, pack, tmp_path / "mine.npz")
    assert {s.domain for s in scores} >= {c.domain for c in benchmark.columns}


def test_every_code_is_in_the_table() -> None:
    documented = set(re.findall(r"^\| `(predictions\.\w+)`", (ROOT / PAGE).read_text(encoding="utf-8"), re.MULTILINE))
    raised = {v for m in (npz, predictions) for v in vars(m).values() if str(v).startswith("predictions.")}
    assert documented == raised | {"predictions.invalid"}


def test_every_code_of_cocos_files_is_in_the_table() -> None:
    documented = re.findall(r"^\| `(results\.\w+)`", (ROOT / PAGE).read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(documented) == sorted(v for v in vars(problems).values() if str(v).startswith("results."))


def test_the_cards_shapes_are_those_of_the_demo(tmp_path: Path) -> None:
    pack = import_demo(tmp_path)
    for name in ("imagenet-ood/mini", "ood-detection/mini"):
        benchmark = find(name)
        ids = predictions.official_ids(benchmark, pack)
        shapes = predictions.expected_shapes(benchmark.family, len(ids), len(pack.classes)) | {"ids": np.shape(ids)}
        card = (ROOT / "docs" / "benchmarks" / f"{name.replace('/', '-')}.md").read_text(encoding="utf-8")
        section = card.partition("## Predictions made elsewhere")[2].partition("\n## ")[0]
        found = {m[1]: tuple(int(n) for n in m.groups()[1:] if n) for m in CARD.finditer(section)}
        assert found == shapes
