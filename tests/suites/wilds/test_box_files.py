"""GlobalWheat's files of tensors: read as tensors alone, and as text again to the last digit."""

import os
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from farfield_evaluators.suites.wilds.box_files import as_lines, detected, outputs_of, tables_of, unpack
from farfield_evaluators.suites.wilds.number_files import Wanted, read_numbers
from farfield_evaluators.suites.wilds.submission import NOT_NUMBERS, PICKLED, SHORT

IMAGES = [
    {"boxes": torch.tensor([[0.0, 0, 4, 4], [1, 1, 2, 2.1]]), "scores": torch.tensor([0.7, 0.4]), "labels": [1, 1]},
    {"boxes": torch.zeros(0, 4), "scores": torch.zeros(0), "labels": torch.zeros(0, dtype=torch.long)},
]


class Hostile:
    """Runs a command when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self._path}",)


def saved(path: Path, content: object) -> Path:
    torch.save(content, path)
    return path


def test_boxes_are_read_and_written_as_text_to_the_last_digit(tmp_path: Path) -> None:
    hostile = saved(tmp_path / "y.pth", [Hostile(tmp_path / "mark")])
    tables, problems = tables_of({"a cell": saved(tmp_path / "x.pth", IMAGES), "another": hostile})
    assert [(problem.code, problem.where) for problem in problems] == [(PICKLED, "another")]
    assert not (tmp_path / "mark").exists()
    table = tables["a cell"]
    again, wrong = read_numbers(as_lines(table).encode(), Wanted(width=6), "a cell")
    assert (wrong, np.array_equal(again, table)) == ([], True)
    found, wrong = detected(table, 2, "a cell")
    assert wrong == []
    assert found is not None
    assert found.rows.tolist() == [2, 0]
    assert found.scores.tolist() == [np.float32(0.7), np.float32(0.4)]
    outputs = outputs_of([found, found])
    assert outputs["boxes"].shape == (4, 4)
    assert outputs["scores-rows"].tolist() == [2, 0, 2, 0]


def test_another_number_of_images_is_told(tmp_path: Path) -> None:
    assert unpack({"a cell": str(saved(tmp_path / "x.pth", IMAGES))}, str(tmp_path)) == []
    table = np.load(tmp_path / "0.npy", allow_pickle=False)
    for images, says in [(3, "too short: predictions of 2 images, of 3"), (1, "too long")]:
        found, problems = detected(table, images, "a cell")
        assert (found, problems[0].code, says in problems[0].says) == (None, SHORT, True)
    found, problems = detected(table[[2, 0, 1, 2]], 2, "a cell")
    assert (found, problems[0].code) == (None, NOT_NUMBERS)


@pytest.mark.parametrize("plain", [False, True])
def test_nothing_is_unpickled(plain: bool, tmp_path: Path) -> None:
    path, mark = tmp_path / "x.pth", tmp_path / "mark"
    if plain:
        path.write_bytes(pickle.dumps([Hostile(mark)]))
    else:
        saved(path, [Hostile(mark)])
    (problem,) = unpack({"a cell": str(path)}, str(tmp_path))
    assert (problem["code"], problem["where"]) == (PICKLED, "a cell")
    assert not mark.exists()


@pytest.mark.parametrize(
    "content",
    [
        {"boxes": torch.zeros(1, 4)},
        [{"boxes": torch.zeros(1, 4)}],
        [{"boxes": torch.zeros(2, 4), "scores": torch.zeros(1)}],
        [{"boxes": torch.full((1, 4), torch.inf), "scores": torch.zeros(1)}],
    ],
)
def test_tensors_that_are_no_detections_are_told(content: object, tmp_path: Path) -> None:
    (problem,) = unpack({"a cell": str(saved(tmp_path / "x.pth", content))}, str(tmp_path))
    assert problem["code"] == NOT_NUMBERS
