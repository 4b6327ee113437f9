"""`farfield score coco-fewshot`: the figures of FsDet's splits, in every format, or every problem and no figure."""

import argparse
import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.evaluators.scoring.coco_cases import Case, case, reference

from farfield.cli import main
from farfield.errors import UsageError
from farfield_evaluators.scoring.coco.problems import CocoRefused
from farfield_evaluators.suites.fsdet.coco_classes import BASE_IDS, IDS, NOVEL_IDS
from farfield_evaluators.suites.fsdet.score_command import Command, splits

SEED = 11  # of a case with objects of all three classes, the ids 1, 3 and 5
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of pycocotools


def arguments(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--results", type=Path)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--format", default="text")
    Command().add_options(parser)
    parser.set_defaults(file=None, usage_error=parser.error)
    return parser.parse_args(words)


def files(folder: Path, own: Case, results: Any = None) -> tuple[str, ...]:
    truth, said = folder / "truth.json", folder / "results.json"
    truth.write_text(json.dumps(own.document), encoding="utf-8")
    said.write_text(json.dumps(own.results if results is None else results), encoding="utf-8")
    return "--annotations", str(truth), "--results", str(said)


def run(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert Command().score(arguments(*words)) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("iou_type", ["bbox", "segm"])
def test_each_split_has_pycocotools_figures(iou_type: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = case(SEED)
    words = (*files(tmp_path, own), "--iou-type", iou_type, "--novel-ids", "3,5")
    scored = json.loads(run(capsys, *words, "--format", "json"))["scores"]
    values = {figure["metric"]: figure["value"] for figure in scored}
    mask = "mask-" if iou_type == "segm" else ""
    for prefix, ids in (("", None), ("n", [3, 5]), ("b", [1])):
        stats = reference(own, iou_type, ids).stats
        for name, place in {"ap": 0, "ap50": 1, "ap75": 2, "ar": 8, "ar1": 6, "ar-small": 9}.items():
            assert values.get(f"{mask}{prefix}{name}", -1.0) == stats[place], (prefix, name)


def test_every_format_has_the_same_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = (*files(tmp_path, case(SEED)), "--novel-ids", "3", "--split", "novel")
    scored = json.loads(run(capsys, *words, "--json"))["scores"]
    rows = list(csv.DictReader(io.StringIO(run(capsys, *words, "--format", "csv"))))
    assert [(row["metric"], float(row["value"])) for row in rows] == [(f["metric"], f["value"]) for f in scored]
    shown = f"{100 * scored[0]['value']:.1f}"
    head, line = run(capsys, *words).splitlines()
    assert head.split()[:3] == ["Classes", "AP,", "%"]
    assert line.split()[:2] == ["novel", shown]
    assert rf"novel & {shown} &" in run(capsys, *words, "--format", "latex")


def test_no_figure_is_printed_where_anything_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = case(SEED)
    words = files(tmp_path, own, [*own.results, {**own.results[0], "score": -1}])
    with pytest.raises(CocoRefused, match=rf"results\[{len(own.results)}\]: its score must be a finite number"):
        Command().score(arguments(*words, "--novel-ids", "3"))
    assert capsys.readouterr().out == ""


def test_a_file_without_a_detection_is_said_to_have_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert Command().score(arguments(*files(tmp_path, case(SEED), []))) == 0
    told = capsys.readouterr()
    assert "0.0" in told.out
    assert "[scores.no_detections]" in told.err


def test_cocos_own_classes_are_split_as_fsdet_has_them() -> None:
    assert splits(IDS) == {"": frozenset(IDS), "b": frozenset(BASE_IDS), "n": frozenset(NOVEL_IDS)}
    assert (len(NOVEL_IDS), len(BASE_IDS)) == (20, 60)


def test_of_other_classes_somebody_must_say_which_are_novel() -> None:
    assert splits([1, 2]) == {"": frozenset({1, 2})}
    with pytest.raises(UsageError, match="--novel-ids"):
        splits([1, 2], "novel")
    with pytest.raises(UsageError, match="no category 9"):
        splits([1, 2], None, [9])


def test_words_that_are_no_ids_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--novel-ids"):
        Command().score(arguments(*files(tmp_path, case(SEED)), "--novel-ids", "cat,dog"))


def test_both_files_are_needed() -> None:
    with pytest.raises(SystemExit):
        Command().score(arguments("--annotations", "truth.json"))


def test_farfield_score_has_it_and_tells_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = case(SEED)
    assert main(["score", "coco-fewshot", *files(tmp_path, own), "--novel-ids", "3"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["Classes", "all", "base", "novel"]
    assert main(["score", "coco-fewshot", *files(tmp_path, own, {"not": "a list"})]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "[results.not_a_list]" in told.err
