"""Packs of arrays that are no pictures, such as a satellite's bands: stored, fingerprinted and given as they are."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from farfield import Images, TaskFamily
from farfield.runtime.dataset import open_source, open_training_set
from farfield.runtime.job import read_json
from farfield_evaluators.benchmark import Benchmark, Column, Domain
from farfield_evaluators.data.packs import ArrayExample, Pack, PackColumn, PackError, Source, build, open_pack, verify
from farfield_evaluators.plans.base import PlanBase
from farfield_evaluators.run_plan import Cell, Entrant, NotRunnable, Staging
from farfield_evaluators.scoring.regression import PEARSON, Told
from farfield_evaluators.staged_features import FeatureSource
from farfield_evaluators.staged_images import write_arrays
from farfield_evaluators.staging import stage
from farfield_evaluators.tracks import OPEN

SHAPE = (3, 2, 8)
BOARD = Benchmark(
    name="made/arrays",
    version="1",
    family=TaskFamily.REGRESSION,
    title="Arrays",
    summary="",
    description="",
    pack="made-arrays",
    train_set="train",
    domains=(Domain(name="test", title="Test", role="shift", set="test"),),
    metrics=(PEARSON,),
    scorers=(Told(target="level"),),
    columns=(Column(metric="pearson", domain="test", title="r"),),
    tracks=(OPEN,),
    licence="CC0",
)


def arrays(count: int = 6) -> np.ndarray:
    return np.random.default_rng(0).normal(0, 5, (count, *SHAPE)).astype(np.float32)


def source(images: np.ndarray, **changes: Any) -> Source:
    examples = tuple(
        ArrayExample(
            pixels=image.tobytes(),
            set="test" if number % 2 else "train",
            label=-1,
            order=number,
            more={"level": float(number)},
        )
        for number, image in enumerate(images)
    )
    made = Source(
        name="made-arrays",
        title="Arrays",
        licence="CC0",
        classes=(),
        domains=("all",),
        examples=examples,
        shape=SHAPE,
        dtype="float32",
        ordered=True,
        columns=(PackColumn(name="level", kind="number"),),
    )
    return replace(made, **changes)


def in_order(pack: Pack, name: str) -> np.ndarray:
    return pack.pixels[pack.in_source_order(pack.members(name))]


def test_arrays_come_back_as_they_were(tmp_path: Path) -> None:
    images = arrays()
    pack = build(source(images), tmp_path)
    assert pack.pixels.dtype == np.float32
    assert np.array_equal(in_order(pack, "train"), images[::2])
    assert np.array_equal(in_order(pack, "test"), images[1::2])
    assert pack.column("level").at(pack.in_source_order(pack.members("test"))).values.tolist() == [1, 3, 5]
    verify(pack)


def test_the_type_is_part_of_what_the_pack_is(tmp_path: Path) -> None:
    images = arrays()
    floats = build(source(images), tmp_path)
    as_bytes = source(images, dtype="uint8", shape=(*SHAPE, 4))
    assert build(as_bytes, tmp_path).fingerprint != floats.fingerprint
    assert read_json(floats.folder / "manifest.json")["dtype"] == "float32"
    assert "dtype" not in read_json(build(as_bytes, tmp_path).folder / "manifest.json")


def test_arrays_of_another_size_are_no_pack(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"6 arrays are not float32 of the shape \[3, 2, 7\], the first is image 0"):
        build(source(arrays(), shape=(3, 2, 7)), tmp_path)
    assert not list(tmp_path.glob("*/current"))


def test_a_type_that_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="its arrays hold float16, which is none of uint8, float32"):
        build(source(arrays(), dtype="float16"), tmp_path)
    pack = build(source(arrays()), tmp_path)
    manifest = pack.folder / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"float32"', '"object"'))
    with pytest.raises(PackError, match=r"its manifest\.json is not as it was written"):
        open_pack(tmp_path, pack.name)


def test_a_changed_byte_is_told(tmp_path: Path) -> None:
    pack = build(source(arrays()), tmp_path)
    with pack.blob.open("r+b") as blob:
        blob.seek(5)
        blob.write(b"\x7f")
    with pytest.raises(PackError, match=r"images\.bin is changed"):
        verify(pack)


def test_a_method_gets_the_arrays_as_they_are_stored(tmp_path: Path) -> None:
    images = arrays()
    pack = build(source(images), tmp_path / "packs")
    truth = stage(BOARD, pack, tmp_path / "in", None)
    declared = Images(size=64)
    test = open_source(tmp_path / "in" / "test", declared, threads=1)
    read = test.read(np.arange(len(test)))
    assert (read.dtype, read.shape) == (np.float32, (3, *SHAPE))
    assert np.array_equal(read[np.argsort(truth.targets["level"])], images[1::2])
    train = open_training_set(tmp_path / "in" / "train", declared, threads=1)
    (batch,) = train.batches(8)
    assert batch.targets is not None
    assert np.array_equal(batch.inputs[np.argsort(batch.targets[:, 0])], images[::2])


def test_there_are_no_features_of_arrays(tmp_path: Path) -> None:
    pack = build(source(arrays()), tmp_path / "packs")
    staging = Staging(
        benchmark=BOARD,
        pack=pack,
        tier="",
        cell=Cell(at={"trial": 0}),
        entrant=Entrant(identity="local", benchmark=BOARD.name, method="knn"),
        description={"name": "knn", "inputs": {"kind": "features", "backbone": "some", "dim": 4}},
        config={},
        folder=tmp_path / "in",
        features=FeatureSource(of=lambda _, positions: np.zeros((len(positions), 4), np.float32)),
    )
    with pytest.raises(NotRunnable, match=r"arrays of the shape \[3, 2, 8\], of which no features are computed"):
        PlanBase().stage(staging)


def test_many_arrays_are_written_a_few_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("farfield_evaluators.staged_images.CHUNK_BYTES", 400)  # two arrays of 192 bytes
    images = arrays(9)
    positions = np.array([8, 0, 3, 3, 5])
    write_arrays(images, positions, tmp_path / "images.npy")
    assert np.array_equal(np.load(tmp_path / "images.npy"), images[positions])
    write_arrays(images, positions[:0], tmp_path / "none.npy")
    assert np.load(tmp_path / "none.npy").shape == (0, *SHAPE)
