"""The three commands of the README make a private board of a folder of photographs, and the page's file is one."""

import csv
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.docs.test_documents import ROOT, blocks

from farfield.labels import Budget
from farfield_evaluators.audience import Audience
from farfield_evaluators.data.demo import demo_root
from farfield_evaluators.own.board import benchmark_of
from farfield_evaluators.own.reader import read_file, read_text
from farfield_evaluators.own.scores import WORDS

PAGE = "docs/own-benchmarks.md"


def photographs(folder: Path) -> Path:
    """The shipped photographs of classes, in a folder for each class."""
    with (demo_root() / "index.csv").open(newline="", encoding="utf-8") as table:
        rows = [row for row in csv.DictReader(table) if row["set"] == "id" and row["class"]]
    for row in rows:
        place = folder / row["class"]
        place.mkdir(parents=True, exist_ok=True)
        shutil.copy(demo_root() / row["path"], place)
    return folder


def commands(document: str) -> list[str]:
    (text,) = (b.text for b in blocks("console") if b.document == document and "farfield benchmark new" in b.text)
    return [line.removeprefix("$ ") for line in text.splitlines() if line.startswith("$ ")]


def test_readme_and_page_say_the_same() -> None:
    assert commands("README.md") == commands(PAGE)
    assert len(commands(PAGE)) == 3


@pytest.mark.slow
@pytest.mark.submitted
def test_a_folder_of_photographs_becomes_a_private_board(tmp_path: Path) -> None:
    photographs(tmp_path / "photos")
    said = []
    for command in commands("README.md"):
        program, *arguments = shlex.split(command)
        assert program == "farfield"
        done = subprocess.run(
            [sys.executable, "-m", "farfield", *arguments],
            cwd=tmp_path,
            env={**os.environ, "FARFIELD_VAR": str(tmp_path / "var")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        said.append(done.stdout)
    assert "184 images, 36 classes" in said[1]
    [line] = [line for line in said[2].splitlines() if line.startswith("Test")]
    accuracy = float(line.split()[1])
    assert 60 < accuracy < 100  # a real classifier's features on real photographs
    assert benchmark_of(read_file(tmp_path / "var" / "benchmarks" / "my-photos.toml")).audience == Audience()


def files() -> list[str]:
    return [block.text for block in blocks("toml") if block.document == PAGE]


def test_boxes_and_numbers_are_benchmarks_too() -> None:
    active, boxes, masks, numbers = (benchmark_of(read_text(text, "mine", "mine.toml")) for text in files()[1:])
    assert active.budget == Budget(rounds=5, per_round=10)
    assert [column.metric for column in boxes.columns] == ["ap", "ap75"]
    assert set(boxes.learned_from()) == {"base", "support"}
    assert [column.metric for column in masks.columns] == ["mask-ap", "ap"]
    assert (masks.masks, boxes.masks) == (True, False)
    assert [column.metric for column in numbers.columns] == ["worst-country-pearson", "r2"]


def test_the_pages_file_is_a_benchmark() -> None:
    text = files()[0]
    board = benchmark_of(read_text(text, "moles", "moles.toml"))
    assert board.columns[0].title == "Worst group, unseen"
    assert board.columns[0].metric == "worst-skin-type-label-accuracy"
    assert board.audience == Audience(owners=("ada", "grace"))


def test_the_page_names_every_metric_there_is() -> None:
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    named = {name for words in WORDS.values() for name in words} - {"class-accuracy"}  # another word for macro-accuracy
    assert [name for name in named if f"`{name}`" not in text] == []
