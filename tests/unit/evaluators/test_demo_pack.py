"""The shipped images and their class maps."""

import csv
from pathlib import Path

import numpy as np
import pytest
from timm.data import ImageNetInfo

import farfield_demo
from farfield_evaluators.catalog import benchmarks
from farfield_evaluators.data.demo import demo_source, import_demo
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.staged_features import Given
from farfield_evaluators.staging import stage, training_domains

BENCHMARKS = [b for b in benchmarks() if b.pack == "farfield-mini"]
ROOT = Path(farfield_demo.__file__).parent


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return import_demo(tmp_path_factory.mktemp("packs"))


def test_classes_are_disjoint_sets_of_imagenet_synsets() -> None:
    known = set(ImageNetInfo().label_names())
    synsets = [s for c in demo_source(ROOT).classes for s in c.synsets]
    assert set(synsets) <= known
    assert len(synsets) == len(set(synsets))


def test_every_class_can_be_learned_and_tested(pack: Pack) -> None:
    for name in ("id/train", "id/test"):
        assert set(pack.labels[pack.members(name)]) == set(range(len(pack.classes)))


def test_no_image_is_in_two_sets(pack: Pack) -> None:
    assert len(np.unique(pack.spans[:, 0])) == len(pack.spans)
    blob = pack.blob.read_bytes()
    seen: dict[bytes, str] = {}
    for name in pack.sets:
        for start, end in pack.spans[pack.members(name)]:
            assert seen.setdefault(blob[start:end], name) == name


def test_ood_images_have_no_class(pack: Pack) -> None:
    for name in pack.sets:
        assert (pack.labels[pack.members(name)] < 0).all() == name.startswith(("near/", "far/"))


def test_every_image_names_its_licence() -> None:
    with (ROOT / "index.csv").open(newline="") as table:
        assert all(row["licence"] and row["source"] for row in csv.DictReader(table))


def test_the_images_stay_small() -> None:
    assert sum(p.stat().st_size for p in ROOT.rglob("*") if p.is_file()) < 30 << 20


@pytest.mark.parametrize("benchmark", BENCHMARKS, ids=lambda b: b.name)
def test_staging_pools_shuffles_and_hides(benchmark, pack: Pack, tmp_path: Path) -> None:
    first, second = (stage(benchmark, pack, tmp_path / name, None) for name in "ab")
    assert sorted(p.relative_to(tmp_path / "a").as_posix() for p in (tmp_path / "a").rglob("*") if p.is_file()) == [
        "test/images.bin",
        "test/spans.npy",
        "train/domains.npy",
        "train/images.bin",
        "train/labels.npy",
        "train/spans.npy",
    ]
    assert not np.array_equal(first.labels, second.labels)
    runs = (np.diff(first.domains) != 0).mean()
    assert runs > 0.5  # neighbours are mostly of different domains
    assert training_domains(benchmark, pack) == ("photographs",)


def test_staged_truth_matches_the_staged_images(pack: Pack, tmp_path: Path) -> None:
    benchmark = BENCHMARKS[0]
    truth = stage(benchmark, pack, tmp_path, None)
    spans = np.load(tmp_path / "test" / "spans.npy")
    labels = {int(start): int(label) for (start, _), label in zip(pack.spans, pack.labels, strict=True)}
    assert [labels[int(start)] for start, _ in spans] == truth.labels.tolist()


def test_staged_features_are_the_rows_of_the_same_examples(pack: Pack, tmp_path: Path) -> None:
    features = np.arange(len(pack.spans), dtype=np.float32)[:, None]
    everywhere = np.arange(len(features))
    truth = stage(BENCHMARKS[0], pack, tmp_path, Given(rows={pack.fingerprint: (everywhere, features)}, learns=True))
    rows = np.load(tmp_path / "test" / "features.npy")[:, 0].astype(int)
    assert pack.labels[rows].tolist() == truth.labels.tolist()
    assert not (tmp_path / "test" / "images.bin").exists()
