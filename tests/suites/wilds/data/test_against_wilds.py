"""Our readers against WILDS' own package: splits, labels, metadata and files of the same tiny release are the same."""

import contextlib
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.suites.wilds.data import trees
from tests.suites.wilds.scoring import oracle  # its stand-ins come before the package

from farfield_evaluators.suites.wilds.data import fmow, poverty
from farfield_evaluators.suites.wilds.data.release import Release
from farfield_evaluators.suites.wilds.data.truth import truth
from farfield_evaluators.suites.wilds.datasets import FOLD_NAMES, SOURCE

assert oracle


def writable(values: Any) -> Any:
    """A copy of an array that may be written to; what is none, such as a category, as it is."""
    return np.array(values) if isinstance(values, np.ndarray) else values


@contextlib.contextmanager
def pandas_of_its_time() -> Iterator[None]:
    """The package writes numbers into columns of text, and into arrays that pandas made read-only later."""
    import pandas as pd

    values, read_csv = pd.Series.values, pd.read_csv

    def as_objects(*arguments: Any, **options: Any) -> Any:
        frame = read_csv(*arguments, **options)
        return frame.astype({name: object for name in frame if frame[name].dtype == "str"})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pd, "read_csv", as_objects)
        patch.setattr(pd.Series, "values", property(lambda column: writable(values.fget(column))))
        yield


def theirs(name: str, root: Path, **options: Any) -> Any:
    """The data set as WILDS reads it."""
    from wilds import get_dataset

    with warnings.catch_warnings(), pandas_of_its_time():
        warnings.simplefilter("ignore")
        return get_dataset(name, root_dir=str(root), download=False, **options)


def assert_same(ours: Release, dataset: Any) -> None:
    assert np.array_equal(ours.splits, np.asarray(dataset.split_array))
    assert {name: ours.dataset.splits[name] for name in dataset.split_dict} == dataset.split_dict
    assert list(ours.fields) == list(dataset.metadata_fields)
    assert np.allclose(ours.metadata, dataset.metadata_array.numpy(), rtol=1e-7, atol=0)
    assert np.allclose(ours.labels, np.asarray(dataset.y_array).reshape(ours.labels.shape), rtol=1e-6, equal_nan=True)


@pytest.mark.parametrize("name", ["camelyon17", "iwildcam", "rxrx1", "fmow"])
def test_releases_of_images(name: str, tmp_path: Path) -> None:
    root = trees.GROW[name](tmp_path)
    if name == "fmow":
        plain(root)
    ours, dataset = truth(name, tmp_path), theirs(name, tmp_path)
    assert_same(ours, dataset)
    for place, file in enumerate(ours.files):
        with Image.open(root / file) as image:
            assert np.array_equal(np.asarray(image.convert("RGB")), np.asarray(dataset.get_input(place).convert("RGB")))


def plain(root: Path) -> None:
    """What the package cannot read, or has no word for: a moment of another zone, a country without a region."""
    for name, strange, usual in (
        ("rgb_metadata.csv", "2015-12-31T23:00:00-02:00", "2016-01-01T01:00:00Z"),
        ("country_code_mapping.csv", "ATA,\r", "ATA,Other\r"),
    ):
        text = (root / name).read_bytes().decode()
        assert strange in text
        (root / name).write_bytes(text.replace(strange, usual).encode())


@pytest.mark.parametrize("fold", FOLD_NAMES)
def test_the_folds_of_povertymap(fold: str, tmp_path: Path) -> None:
    trees.poverty(tmp_path, each=170, images=False)
    assert_same(truth("poverty", tmp_path, fold), theirs("poverty", tmp_path, fold=fold))


@pytest.mark.parametrize("name", ["civilcomments", "amazon"])
def test_releases_of_text(name: str, tmp_path: Path) -> None:
    trees.GROW[name](tmp_path)
    assert_same(truth(name, tmp_path), theirs(name, tmp_path))


def unlabeled(name: str, root: Path, **options: Any) -> Any:
    return theirs(name, root, unlabeled=True, **options)


def assert_same_but_for_labels(ours: Release, dataset: Any) -> None:
    """The package has labels of some unlabeled examples, which nobody is to be given."""
    for name in set(ours.fields) - {"y", SOURCE, "urban"}:
        column = dataset.metadata_array[:, dataset.metadata_fields.index(name)].numpy()
        assert np.array_equal(ours.column(name), column), name
    assert (ours.labels < 0).all()


def test_unlabeled_satellite_pictures(tmp_path: Path) -> None:
    root = trees.fmow(tmp_path)
    plain(root)
    ours, dataset = fmow.read_unlabeled(root), unlabeled("fmow", tmp_path)
    assert np.array_equal(ours.splits, dataset.split_array)
    assert [f"images/rgb_img_{row}.png" for row in dataset.full_idxs] == ours.files
    assert_same_but_for_labels(ours, dataset)


@pytest.mark.parametrize("fold", FOLD_NAMES)
def test_unlabeled_villages(fold: str, tmp_path: Path) -> None:
    root = trees.poverty_unlabeled(tmp_path, each=2)
    ours, dataset = poverty.read_unlabeled(root, fold), unlabeled("poverty", tmp_path, fold=fold)
    assert np.array_equal(ours.splits, dataset.split_array)
    assert_same_but_for_labels(ours, dataset)
