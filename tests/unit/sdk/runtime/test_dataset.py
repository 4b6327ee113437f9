"""The staged inputs as a method sees them: streams, training sets, and folders that are not in order."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from farfield import Features, Images
from farfield.errors import JobError
from farfield.families.toys import SizesOfTheirOwn
from farfield.runtime.dataset import ArraySource, LabeledSet, in_batches, open_source, open_training_set

FEATURES = Features(backbone="toy", dim=3)


def labelled(count: int) -> LabeledSet:
    numbers = np.arange(count, dtype=np.int64)
    return LabeledSet(ArraySource(numbers[:, None].astype(np.float32)), numbers, numbers % 2)


@given(st.integers(1, 30), st.integers(1, 12), st.booleans(), st.integers(0, 5))
def test_one_pass_gives_every_example_once_with_its_own_label(count: int, size: int, shuffle: bool, seed: int) -> None:
    batches = list(labelled(count).batches(size, shuffle=shuffle, seed=seed))
    labels = np.concatenate([b.labels for b in batches])
    assert sorted(labels) == list(range(count))
    assert [len(b.labels) for b in batches[:-1]] == [size] * (len(batches) - 1)
    for batch in batches:
        np.testing.assert_array_equal(batch.inputs[:, 0], batch.labels)
        np.testing.assert_array_equal(batch.domains, batch.labels % 2)
    again = np.concatenate([b.labels for b in labelled(count).batches(size, shuffle=shuffle, seed=seed)])
    np.testing.assert_array_equal(labels, again)
    if not shuffle:
        assert list(labels) == list(range(count))


@pytest.mark.parametrize("size", [0, -1])
def test_a_batch_of_nothing_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="at least one example"):
        next(labelled(3).batches(size))


def test_uncropped_images_come_one_by_one() -> None:
    source = SizesOfTheirOwn(3, 8, seed=0)
    shapes = [images.shape for images in in_batches(source, 64)]
    assert shapes == [(1, 8, 8, 3), (1, 9, 10, 3), (1, 10, 12, 3)]


def test_a_method_cannot_change_the_stored_inputs() -> None:
    array = np.zeros((4, 2), np.float32)
    for batch in in_batches(ArraySource(array), 2):
        batch += 1
    assert not array.any()


def write(folder: Path, **arrays: Any) -> Path:
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
    return folder


def test_features_are_read_from_the_folder(tmp_path: Path) -> None:
    features = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    write(tmp_path, features=features, labels=np.arange(5), domains=np.zeros(5, np.int64))
    train = open_training_set(tmp_path, FEATURES, threads=1)
    np.testing.assert_array_equal(np.concatenate([b.inputs for b in train.batches(2)]), features)


def test_features_of_another_width_are_refused(tmp_path: Path) -> None:
    write(tmp_path, features=np.zeros((5, 4), np.float32))
    with pytest.raises(JobError, match=r"has the shape \[5, 4\]; toy gives \[N, 3\]"):
        open_source(tmp_path, FEATURES, threads=1)


@pytest.mark.parametrize("declared", [Images(), FEATURES])
def test_missing_files_are_named_without_this_machines_paths(tmp_path: Path, declared: Any) -> None:
    with pytest.raises(JobError) as caught:
        open_source(tmp_path, declared, threads=1)
    assert "No such file" in str(caught.value)
    assert str(tmp_path.parent) not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"text", b"\x93NUMPY\x01\x00"])
def test_damaged_arrays_are_a_job_error(tmp_path: Path, content: bytes) -> None:
    write(tmp_path, features=np.zeros((2, 3), np.float32), domains=np.zeros(2))
    (tmp_path / "labels.npy").write_bytes(content)
    with pytest.raises(JobError, match=r"labels.npy cannot be read"):
        open_training_set(tmp_path, FEATURES, threads=1)


def test_pickles_are_not_read(tmp_path: Path) -> None:
    write(tmp_path, features=np.zeros((1, 3), np.float32), domains=np.zeros(1))
    np.save(tmp_path / "labels.npy", np.array([{"a": 1}], object), allow_pickle=True)
    with pytest.raises(JobError, match="allow_pickle=False"):
        open_training_set(tmp_path, FEATURES, threads=1)


def test_an_empty_image_file_is_a_job_error(tmp_path: Path) -> None:
    write(tmp_path, spans=np.zeros((1, 2), np.int64))
    (tmp_path / "images.bin").touch()
    with pytest.raises(JobError, match="images.bin cannot be read"):
        open_source(tmp_path, Images(), threads=1)


def test_lengths_must_agree(tmp_path: Path) -> None:
    write(tmp_path, features=np.zeros((2, 3), np.float32), labels=np.zeros(3), domains=np.zeros(2))
    with pytest.raises(JobError, match="2 inputs, 3 labels and 2 domains"):
        open_training_set(tmp_path, FEATURES, threads=1)
