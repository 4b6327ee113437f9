"""The official predictions file: what a person hands in who ran a method on the benchmark's images elsewhere.

A .npz without pickles that holds, with N distinct test images and C classes:

    ids     [N]     S32 or U32, see `data.ids`: every test image of the benchmark once, in any order
    logits  [N, C]  floating point, in the order of the benchmark's classes
    scores  [N]     floating point, for OOD detection only: higher = more in-distribution

The file is hostile data, read in a process that holds labels. Reading and checking one takes at most
`memory_bound(N, C)` bytes whatever the file holds; the messages name ids, counts, shapes and types, never a label.
Identical images of a benchmark have one id, and so one row, which counts for each of them.
"""

import os
import tempfile
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import numpy.typing as npt

from farfield import TaskFamily
from farfield.errors import PredictionsError
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.data.ids import ID_LENGTH, Ids, example_ids
from farfield_evaluators.data.packs import Ints, Pack
from farfield_evaluators.evaluate import Arrays, Truth, expected_shapes
from farfield_evaluators.figure import Figure
from farfield_evaluators.npz import CHUNK_BYTES, NOT_A_FILE, Array, ArrayRule, Reader, open_npz
from farfield_evaluators.npz_apart import open_npz_apart
from farfield_evaluators.outcomes import judged
from farfield_evaluators.run_plan import Evidence
from farfield_evaluators.staging import pooled, truth_of

MISSING = "predictions.missing_ids"
UNKNOWN = "predictions.unknown_ids"
DUPLICATE = "predictions.duplicate_ids"
NOT_FINITE = "predictions.not_finite"

FLOAT_TYPES = ("<f4", "<f8", "<f2")
ID_TYPES = (f"|S{ID_LENGTH}", f"<U{ID_LENGTH}")
MOST_ROWS = 2  # times the examples; more rows than that are not looked at
SHOWN_IDS = 3
Opener = Callable[[Path, Mapping[str, ArrayRule]], AbstractContextManager[Reader]]


def official_ids(benchmark: Benchmark, pack: Pack) -> Ids:
    """Ids [N] (S32) of the benchmark's distinct test images, ascending."""
    positions, _ = pooled(benchmark, pack)
    found: Ids = np.unique(example_ids(pack, positions))
    return found


def memory_bound(family: TaskFamily, count: int, classes: int) -> int:
    """Bytes that `read_predictions` takes at most, for N distinct test images and C classes.

    An array is held twice while it is put in order, with one byte an item for the test of finiteness; of ids there are
    up to 2 N rows of 128 bytes, with their sorted copies; a member is decompressed in chunks of a mebibyte.
    """
    values = sum(int(np.prod(shape)) for shape in expected_shapes(family, count, classes).values())
    return 17 * values + 2048 * count + 4 * CHUNK_BYTES


def read_predictions(path: Path, benchmark: Benchmark, pack: Pack) -> dict[str, Array]:
    """The arrays of an official file, in the order of `official_ids`, which is returned as "ids".

    Raises PredictionsError, whose code says what does not fit.
    """
    return read_arrays(path, benchmark.family, official_ids(benchmark, pack), len(pack.classes))


def read_arrays(path: Path, family: TaskFamily, ids: Ids, classes: int, opener: Opener = open_npz) -> dict[str, Array]:
    """As `read_predictions`, for these ids [N], ascending and distinct; `opener` may unpack the file elsewhere."""
    shapes = expected_shapes(family, len(ids), classes)
    with opener(path, _rules(shapes, len(ids))) as opened:
        order = _order(_plain_ids(opened.read("ids")), ids)
        arrays = {name: _ordered(name, opened.read(name), order, ids) for name in shapes}
    return {"ids": ids, **arrays}


def score_predictions(benchmark: Benchmark, pack: Pack, path: Path) -> tuple[Figure, ...]:
    """The figures of an official file, as `judge_predictions` has them."""
    return judge_predictions(benchmark, pack, path).figures


def judge_predictions(benchmark: Benchmark, pack: Pack, path: Path) -> Evidence:
    """What an official file gives: the same as a run with these outputs. Raises PredictionsError.

    The file is unpacked by a process of its own, without labels. Beyond `memory_bound` it takes at most four more
    copies of the arrays, with a row for every test image, and 256 MiB.
    """
    positions, domains = pooled(benchmark, pack)
    every = example_ids(pack, positions)
    ids, row = np.unique(every, return_inverse=True)
    arrays = read_arrays(path, benchmark.family, ids, len(pack.classes), open_npz_apart)
    truth = truth_of(benchmark, pack, positions, domains)
    return judged(benchmark, pack, truth, {name: arrays[name][row] for name in arrays if name != "ids"})


def save_predictions(path: Path, pack: Pack, truth: Truth, family: TaskFamily, arrays: Arrays) -> int:
    """Write a run's outputs as an official file, whole or not at all; returns how many images were left out.

    Of identical images the first in the pack's order is written. Left out are those whose outputs were others, as a
    method that is not deterministic may give; with none left out, the file has exactly the run's scores.
    """
    if truth.positions is None:
        raise ValueError("only the predictions of a staged run have ids")
    every = example_ids(pack, truth.positions)
    by_position = np.argsort(truth.positions, kind="stable")
    ids, first, row = np.unique(every[by_position], return_index=True, return_inverse=True)
    chosen = {
        name: np.asarray(arrays[name])[by_position[first]] for name in expected_shapes(family, len(ids), truth.classes)
    }
    write_predictions(path, ids, chosen)
    return _differing(chosen, row, {name: np.asarray(arrays[name])[by_position] for name in chosen})


def write_predictions(path: Path, ids: Ids, arrays: Arrays) -> None:
    """Write an official file, whole or not at all. Raises PredictionsError when the place cannot be written."""
    try:
        handle, draft = tempfile.mkstemp(prefix=".predictions-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as opened:
                np.savez_compressed(opened, allow_pickle=False, ids=ids, **arrays)
            Path(draft).chmod(0o644)
            Path(draft).replace(path)
        finally:
            Path(draft).unlink(missing_ok=True)
    except OSError as error:
        raise PredictionsError(f"{path.name} cannot be written: {error.strerror}", code=NOT_A_FILE) from error


def _rules(shapes: Mapping[str, tuple[int, ...]], count: int) -> dict[str, ArrayRule]:
    ids = ArrayRule(types=ID_TYPES, shape=(count,), most_rows=MOST_ROWS * count)
    return {"ids": ids} | {name: ArrayRule(types=FLOAT_TYPES, shape=shape) for name, shape in shapes.items()}


def _plain_ids(ids: Array) -> Ids:
    """S32 from S32 or U32; what is not ASCII becomes a question mark, and so no id."""
    if ids.dtype.kind == "S":
        return ids
    points = ids.view(np.uint32).reshape(-1, ID_LENGTH)
    plain: Ids = np.where(points < 128, points, ord("?")).astype(np.uint8).view(f"S{ID_LENGTH}").reshape(-1)
    return plain


def _order(found: Ids, expected: Ids) -> Ints:
    """Where each expected id [N] stands in the file. Raises PredictionsError unless each is there exactly once."""
    distinct, counts = np.unique(found, return_counts=True)
    unknown = np.setdiff1d(distinct, expected, assume_unique=True)
    _refuse(UNKNOWN, unknown, "are of no test image of this benchmark and pack; `farfield data export` lists the ids")
    _refuse(DUPLICATE, distinct[counts > 1], "have more than one row; give every test image one")
    missing = np.setdiff1d(expected, distinct, assume_unique=True)
    _refuse(MISSING, missing, f"of {len(expected)} have no row; a prediction for every test image is needed")
    return np.argsort(found)


def _refuse(code: str, ids: Ids, says: str) -> None:
    if len(ids):
        shown = ", ".join(ascii(i.decode("latin-1"))[1:-1] for i in ids[:SHOWN_IDS].tolist())
        more = ", ..." if len(ids) > SHOWN_IDS else ""
        raise PredictionsError(f"{len(ids)} ids {says}: {shown}{more}", code=code)


def _ordered(name: str, array: Array, order: Ints, ids: Ids) -> Array:
    ordered: Array = array[order]
    whole = np.isfinite(ordered).reshape(len(ids), -1).all(axis=1)
    if not whole.all():
        shown = ", ".join(i.decode() for i in ids[~whole][:SHOWN_IDS].tolist())
        says = f"{name} must be finite; {int((~whole).sum())} of {len(ids)} rows are not, such as those of {shown}"
        raise PredictionsError(says, code=NOT_FINITE)
    return ordered


def _differing(chosen: Arrays, row: Ints, every: Arrays) -> int:
    """How many examples have other values than the row that stands for them."""
    differs: npt.NDArray[np.bool_] = np.zeros(len(row), bool)
    for name, values in every.items():
        differs |= (chosen[name][row] != values).reshape(len(row), -1).any(axis=1)
    return int(differs.sum())
