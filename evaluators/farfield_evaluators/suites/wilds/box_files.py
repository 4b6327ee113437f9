"""GlobalWheat's predictions: a list of tensors for each image, as torch saved it; and the same as lines of numbers.

The file is read by torch in a child with bounds, tensors only (`weights_only`): what a pickle could do otherwise never
happens, not even there. As text, which is what is handed in to a site, a line is a detection: the number of its image,
x1, y1, x2, y2, score; the last line has the number of images, and zeros.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield.packaging.apart import MIB, Limits
from farfield_evaluators.problems import Problem, looked_at_apart
from farfield_evaluators.scoring.test import Array
from farfield_evaluators.suites.wilds.submission import NOT_NUMBERS, PICKLED, SHORT, UNREADABLE, FolderError

Floats = npt.NDArray[np.float64]
WIDTH = 6
FIELDS = ("boxes", "scores", "labels")
MOST_BYTES = 1 << 30
# Torch's libraries take most of it.
LIMITS = Limits(memory_bytes=16384 * MIB, cpu_seconds=300, wall_seconds=600, written_bytes=MOST_BYTES)


def tables_of(files: Mapping[str, Path], limits: Limits = LIMITS) -> tuple[dict[str, Floats], list[Problem]]:
    """The detections [D + 1, WIDTH] of files as torch saved them, and what is wrong with others; by names of places.

    One child reads them all: most of its time goes into starting torch.
    """
    with TemporaryDirectory(prefix="farfield-boxes-") as folder:
        plain = {where: str(path.resolve()) for where, path in files.items()}
        arguments = {"files": plain, "folder": folder}
        found = looked_at_apart(f"{__name__}:unpack", arguments, limits, FolderError, UNREADABLE)
        problems = [Problem(**problem) for problem in found]
        wrong = {problem.where for problem in problems}
        return {where: _loaded(folder, number) for number, where in enumerate(files) if where not in wrong}, problems


def _loaded(folder: str, number: int) -> Floats:
    table: Floats = np.load(Path(folder) / f"{number}.npy", allow_pickle=False)
    return table.astype(np.float64)


def unpack(files: Mapping[str, str], folder: str) -> list[dict[str, str]]:
    """In the child: the table of each file as folder/<number>.npy; returns what is wrong, with the place of each."""
    problems: list[dict[str, str]] = []
    for number, (where, path) in enumerate(files.items()):
        try:
            np.save(Path(folder) / f"{number}.npy", _table(path), allow_pickle=False)
        except FolderError as error:
            problems += [{**problem, "where": where} for problem in error.details]
    return problems


def _table(path: str) -> Floats:
    import torch

    try:
        saved = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch's own, pickle's, zipfile's: the file is at fault
        says = (
            f"torch cannot load it as tensors alone ({type(error).__name__}); save a list of boxes, scores and labels"
        )
        raise _refused(PICKLED, says) from error
    if not isinstance(saved, Sequence) or not all(isinstance(image, Mapping) for image in saved):
        raise _refused(NOT_NUMBERS, "it holds no list of one dictionary for each image")
    parts = [_image(number, image) for number, image in enumerate(saved)]
    end = np.zeros((1, WIDTH))
    end[0, 0] = len(saved)
    return np.concatenate([*parts, end])


def _image(number: int, image: Mapping[str, Any]) -> Floats:
    """The lines [n, WIDTH] of one image."""
    import torch

    boxes, scores = image.get("boxes"), image.get("scores")
    if not isinstance(boxes, torch.Tensor) or not isinstance(scores, torch.Tensor):
        raise _refused(NOT_NUMBERS, f"image {number} has no tensors boxes [n, 4] and scores [n]")
    corners, sure = boxes.to(torch.float64).reshape(-1, 4).numpy(), scores.to(torch.float64).reshape(-1).numpy()
    if len(corners) != len(sure) or not (np.isfinite(corners).all() and np.isfinite(sure).all()):
        raise _refused(NOT_NUMBERS, f"image {number} has {len(corners)} boxes and {len(sure)} scores, or infinite ones")
    return np.column_stack([np.full(len(sure), number, np.float64), corners, sure])


def _refused(code: str, says: str) -> FolderError:
    return FolderError([Problem(code=code, where="", says=says)])


def as_lines(table: Floats) -> str:
    """A table as text, which `number_files` reads again to the last digit."""
    return "".join(f"{int(row[0])},{','.join(map(repr, row[1:]))}\n" for row in table.tolist())


@dataclass(frozen=True, kw_only=True)
class Detected:
    """Detections of all images: boxes [D, 4] as x1, y1, x2, y2, scores [D], and how many each image has, rows [N]."""

    boxes: Floats
    scores: Floats
    rows: npt.NDArray[np.int64]


def detected(table: Floats, images: int, where: str) -> tuple[Detected | None, list[Problem]]:
    """The detections of a table that must be of so many images, or what is wrong with it."""
    count = int(table[-1, 0]) if len(table) else 0
    if count != images:
        fits = "short" if count < images else "long"
        says = f"it is too {fits}: predictions of {count:,} images, of {images:,} that there are"
        return None, [Problem(code=SHORT, where=where, says=says)]
    numbers = table[:-1, 0]
    if len(numbers) and (np.any(np.diff(numbers) < 0) or numbers[0] < 0 or numbers[-1] >= images):
        return None, [Problem(code=NOT_NUMBERS, where=where, says="its lines are not in the order of the images")]
    rows = np.bincount(numbers.astype(np.int64), minlength=images).astype(np.int64)
    return Detected(boxes=table[:-1, 1:5], scores=table[:-1, 5], rows=rows), []


def outputs_of(parts: Sequence[Detected]) -> dict[str, Array]:
    """Detections of several sets of images, one after the other, as scorers look at them."""
    rows = np.concatenate([part.rows for part in parts])
    scores = np.concatenate([part.scores for part in parts])
    arrays: dict[str, Array] = {
        "boxes": np.concatenate([part.boxes for part in parts]),
        "scores": scores,
        "labels": np.zeros(len(scores), np.int64),
    }
    return arrays | {f"{name}-rows": rows for name in FIELDS}
