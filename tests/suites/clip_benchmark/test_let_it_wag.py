"""Let it Wag!: names stay with their folders' images, figures are the release's; frequencies may stand beside them."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from farfield_evaluators.catalog import find
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.evaluate import evaluate
from farfield_evaluators.staging import pooled, truth_of
from farfield_evaluators.suites.clip_benchmark.data.let_it_wag import import_let_it_wag
from farfield_evaluators.suites.clip_benchmark.let_it_wag import REPORTED

FOLDERS = ("Redhead_bird", "Red_admiral", "A310_aircraft", "cape_flower")
BOARD = find("zero-shot/let-it-wag")


def grow(root: Path, counts: dict[str, int] | None = None) -> Path:
    for number, name in enumerate(FOLDERS):
        for image in range(2):
            place = root / name / f"{image}.png"
            place.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.full((5, 5, 3), 20 * number + image, np.uint8)).save(place)
    if counts is not None:
        (root / "frequencies.json").write_text(json.dumps(counts), encoding="utf-8")
    return root


def judged(pack: Pack, right: dict[int, int]) -> dict[str, float]:
    """The figures of a classifier that has so many images of each class right."""
    positions, domains = pooled(BOARD, pack)
    truth = truth_of(BOARD, pack, positions, domains)
    logits, seen = np.zeros((len(positions), truth.classes), np.float32), dict.fromkeys(range(truth.classes), 0)
    for row, label in enumerate(truth.labels.tolist()):
        logits[row, label if seen[label] < right[label] else (label + 1) % truth.classes] = 1.0
        seen[label] += 1
    return {f.metric: f.value for f in evaluate(BOARD, truth, {"logits": logits}) if f.domain == "test"}


def test_a_name_stays_with_the_images_of_its_folder(tmp_path: Path) -> None:
    pack = import_let_it_wag(grow(tmp_path / "data"), tmp_path / "packs", subset=True)
    ordered = sorted(FOLDERS)
    assert [each.name for each in pack.classes] == ["A310", "Red_admiral", "Redhead", "cape_flower"]
    levels = {int(label): ordered[label] for label in pack.labels}
    assert levels == dict(enumerate(ordered))
    figures = judged(pack, {0: 2, 1: 1, 2: 0, 3: 1})
    assert figures["class-accuracy"] == figures["accuracy"] == 0.5
    assert "frequency-correlation" not in figures


def test_accuracy_is_set_against_the_logarithm_of_how_often_a_class_was_found(tmp_path: Path) -> None:
    counts = dict(zip(sorted(FOLDERS), (1000, 100, 10, 0), strict=True))
    pack = import_let_it_wag(grow(tmp_path / "data", counts), tmp_path / "packs", subset=True)
    assert judged(pack, {0: 2, 1: 1, 2: 0, 3: 2})["frequency-correlation"] == pytest.approx(1.0)
    said = np.corrcoef([0.5, 0.0, 1.0], [3, 2, 1])[0, 1]
    assert judged(pack, {0: 1, 1: 0, 2: 2, 3: 0})["frequency-correlation"] == pytest.approx(said)


def test_another_number_of_classes_or_images_is_told(tmp_path: Path) -> None:
    with pytest.raises(ImportProblems, match="4 folders, not 290") as refused:
        import_let_it_wag(grow(tmp_path / "data"), tmp_path / "packs")
    assert refused.value.problems[1] == "A310_aircraft: 2 images, not 450"


def test_the_releases_results_stand_beside_the_board() -> None:
    reported = {each.method: each.figures["class-accuracy", "test"] for each in REPORTED}
    assert len(reported) == 40
    assert reported["ViT-H-14 dfn"] == 0.7192
