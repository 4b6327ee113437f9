"""Files written row by row are those that numpy would write at once."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from farfield.runtime.rows import RowFile, write_rows
from farfield.runtime.rules import ArrayRule

RULES = {"scores": ArrayRule(shape=(4,), dtype="float64"), "logits": ArrayRule(shape=(4, 2))}


@given(sizes=st.lists(st.integers(0, 4), max_size=6), wide=st.sampled_from([(), (1,), (3,)]))
def test_any_batches_make_the_file_of_the_whole(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], wide: tuple[int, ...]
) -> None:
    folder, shape = tmp_path_factory.mktemp("rows"), (sum(sizes), *wide)
    whole = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    ends = [0, *itertools.accumulate(sizes)]
    with RowFile(folder / "rows.npy", shape, np.float32) as file:
        for start, end in itertools.pairwise(ends):
            file.append(whole[start:end])
    np.save(folder / "whole.npy", whole)
    assert (folder / "rows.npy").read_bytes() == (folder / "whole.npy").read_bytes()


def test_several_outputs_are_written_side_by_side(tmp_path: Path) -> None:
    scores, logits = np.arange(4.0), np.arange(8, dtype=np.float32).reshape(4, 2)
    batches = ({"scores": scores[part], "logits": logits[part]} for part in (slice(0, 3), slice(3, 4)))
    write_rows({name: tmp_path / name for name in ("scores", "logits")}, RULES, batches)
    found = {name: np.load(tmp_path / name) for name in ("scores", "logits")}
    np.testing.assert_array_equal(found["scores"], scores)
    np.testing.assert_array_equal(found["logits"], logits)
    assert (found["scores"].dtype, found["logits"].dtype) == (np.float64, np.float32)


@given(counts=st.lists(st.lists(st.integers(0, 3), max_size=4), max_size=5), wide=st.sampled_from([(), (4,)]))
def test_ragged_rows_have_the_number_that_was_written(
    tmp_path_factory: pytest.TempPathFactory, counts: list[list[int]], wide: tuple[int, ...]
) -> None:
    folder, total = tmp_path_factory.mktemp("ragged"), sum(map(sum, counts))
    whole = np.random.default_rng(0).normal(size=(total, *wide)).astype(np.float32)
    ends = [0, *itertools.accumulate(map(sum, counts))]
    batches = ({"boxes": whole[start:end]} for start, end in itertools.pairwise(ends))
    write_rows({"boxes": folder / "boxes.npy"}, {"boxes": ArrayRule(shape=wide, counts="boxes-rows")}, batches)
    np.save(folder / "whole.npy", whole)
    assert (folder / "boxes.npy").read_bytes() == (folder / "whole.npy").read_bytes()


def test_a_file_that_was_not_finished_has_not_its_name(tmp_path: Path) -> None:
    with RowFile(tmp_path / "rows.npy", (4, 2), np.float32) as file:
        file.append(np.zeros((2, 2), np.float32))
        assert [path.name for path in tmp_path.iterdir()] == ["rows.npy.part"]
        file.append(np.zeros((2, 2), np.float32))
    assert [path.name for path in tmp_path.iterdir()] == ["rows.npy"]


def test_a_failure_leaves_a_draft_alone(tmp_path: Path) -> None:
    paths = {"logits": tmp_path / "logits.npy"}
    with pytest.raises(ZeroDivisionError):
        write_rows(paths, RULES, ({"logits": np.ones((1, 2)) / (1 // number)} for number in (1, 0)))
    assert [path.name for path in tmp_path.iterdir()] == ["logits.npy.part"]
