"""ImageNet-C: corruptions, severities, images of 224 pixels that are never resized."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.suites.imagenet.data.trees import (
    SMALL_VAL,
    TWO,
    corruptions,
    few,
    grow,
    picture,
    small_c,
    train_pack,
)

from farfield.method import Images
from farfield.runtime.dataset import open_source
from farfield_evaluators.data.packs import Pack, PackError, verify
from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.evaluate import evaluate
from farfield_evaluators.metrics import corruption
from farfield_evaluators.staging import stage
from farfield_evaluators.suites.imagenet.benchmarks import IMAGENET_3DCC, IMAGENET_C
from farfield_evaluators.suites.imagenet.data.corrupted import (
    ARCHIVES,
    C_3D,
    C_EXTRA,
    EXTRA,
    MAIN,
    THREE_D,
    C,
    import_corruptions,
)
from farfield_evaluators.suites.imagenet.data.folders import import_release
from farfield_evaluators.suites.imagenet.data.official import VAL


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Packs with the clean images, and the release's 15 corruptions in c."""
    root = tmp_path_factory.mktemp("c")
    import_release(SMALL_VAL, grow(SMALL_VAL, root / "val"), root / "packs")
    train_pack(root)
    for archive, names in ARCHIVES.items():
        if archive != "extra":
            corruptions(root / "c", names, archive)
    return root


@pytest.fixture(scope="module")
def pack(home: Path) -> Pack:
    return import_corruptions(small_c(C), home / "c", home / "packs")


def test_the_corruptions_are_those_that_mce_is_made_of() -> None:
    assert MAIN == corruption.MAIN
    assert EXTRA == corruption.EXTRA


def test_every_corruption_is_a_set_and_the_severity_is_its_domain(pack: Pack) -> None:
    assert pack.counts() == {**{f"c/{name}": 10 for name in MAIN}, "id/val": 2, "train": 4}
    for name in MAIN:
        inside = pack.members(f"c/{name}")
        assert sorted(pack.domain_numbers[inside].tolist()) == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
        assert sorted(pack.labels[inside].tolist()) == [0] * 5 + [1] * 5
    assert pack.domains[0] == "clean"
    assert pack.official
    verify(pack)


def test_the_pack_says_what_is_prepared_already(pack: Pack) -> None:
    assert dict(pack.prepared) == dict.fromkeys((f"c/{name}" for name in MAIN), 224)
    assert set(pack.prepared_sides(pack.members("id/val")).tolist()) == {0}
    assert set(pack.prepared_sides(pack.members("c/fog")).tolist()) == {224}


def test_a_method_that_resizes_to_256_gets_the_files_own_pixels(home: Path, tmp_path: Path) -> None:
    """The trap: Resize(256) and CenterCrop(224) of a file of 224 pixels enlarges it and cuts its edge off."""
    root = corruptions(tmp_path / "c", ("fog",))
    noise = np.random.default_rng(0).integers(0, 256, (224, 224, 3), np.uint8)
    path = next((root / "fog" / "3").rglob("*.JPEG"))
    Image.fromarray(noise).save(path, "PNG")
    made = import_corruptions(replace(small_c(C), clean=False), root, tmp_path / "packs", subset=True)
    only_fog = replace(
        IMAGENET_C,
        domains=tuple(d for d in IMAGENET_C.domains if d.name == "fog"),
        columns=IMAGENET_C.columns[:2],
        train_set=None,
    )
    stage(only_fog, made, tmp_path / "in", None)
    for declared in (Images(size=224, resize=256), Images(size=224), Images(size=224, crop="squash")):
        source = open_source(tmp_path / "in" / "test", declared, 1)
        assert any((image == noise).all() for image in source.read(np.arange(10)))
    smaller = open_source(tmp_path / "in" / "test", Images(size=160, resize=182), 1).read(np.arange(10))
    assert any((image == noise[32:192, 32:192]).all() for image in smaller)
    larger = open_source(tmp_path / "in" / "test", Images(size=256), 1).read(np.arange(10))
    assert larger.shape == (10, 256, 256, 3)


def test_clean_images_are_still_resized(pack: Pack, tmp_path: Path) -> None:
    stage(IMAGENET_C, pack, tmp_path / "in", None)
    source = open_source(tmp_path / "in" / "test", Images(size=224, resize=256), 1)
    assert source.read(np.arange(len(source))).shape == (152, 224, 224, 3)


def test_it_is_scored_by_mce(pack: Pack, tmp_path: Path) -> None:
    truth = stage(IMAGENET_C, pack, tmp_path / "in", None)
    logits = np.zeros((len(truth), 1000), np.float32)
    logits[np.arange(len(truth)), truth.labels] = 1
    logits[truth.labels == 1] = 0  # and so class 0: half of every corruption is wrong
    found = {(s.metric, s.domain): s.value for s in evaluate(IMAGENET_C, truth, {"logits": logits})}
    assert found["accuracy", "id"] == 0.5
    assert found["corruption-error", "fog"] == pytest.approx(0.5 / 0.819324)
    assert found["mce", "shifts"] == pytest.approx(np.mean([0.5 / corruption.ALEXNET[name] for name in MAIN]))
    assert found["relative-mce", "shifts"] == pytest.approx(0)


def test_the_four_extra_ones_are_a_pack_of_their_own(home: Path, tmp_path: Path) -> None:
    corruptions(tmp_path, EXTRA)
    made = import_corruptions(small_c(C_EXTRA), tmp_path, tmp_path / "packs")
    assert made.counts() == {f"c/{name}": 10 for name in EXTRA}


def test_those_of_imagenet_3dcc_are_read_likewise(home: Path, tmp_path: Path) -> None:
    spec = replace(small_c(C_3D), corruptions=THREE_D[:2], clean=False)
    made = import_corruptions(spec, corruptions(tmp_path / "c", THREE_D[:2]), tmp_path / "packs")
    assert made.official
    assert made.counts() == {f"c/{name}": 10 for name in THREE_D[:2]}
    assert {domain.set for domain in IMAGENET_3DCC.domains} == {"id/val", *(f"c/{name}" for name in THREE_D)}
    corruptions(tmp_path / "c", ("fog",))
    with pytest.raises(ImportProblems, match="fog: extra; ImageNet-3DCC has no such corruption"):
        import_corruptions(spec, tmp_path / "c", tmp_path / "packs")


def test_what_is_wrong_is_named(home: Path, tmp_path: Path) -> None:
    spec = small_c(C_EXTRA)
    root = corruptions(tmp_path / "c", EXTRA)
    (root / "spatter" / "3" / TWO[0]).rename(root / "spatter" / "3" / "n01484850")
    next((root / "saturate" / "1" / TWO[0]).iterdir()).unlink()
    for path in sorted((root / "gaussian_blur" / "5").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    (root / "gaussian_blur" / "5").rmdir()
    (root / "gaussian_blur" / "6").mkdir()
    (root / "cartoon").mkdir()
    for path in sorted((root / "speckle_noise").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    (root / "speckle_noise").rmdir()
    with pytest.raises(ImportProblems) as caught:
        import_corruptions(spec, root, tmp_path / "packs")
    assert caught.value.problems == (
        "corruption speckle_noise: missing",
        "gaussian_blur/5: missing; a corruption has the folders 1 to 5",
        f"spatter/3: class {TWO[0]}: missing; expected the folder {TWO[0]}",
        f"saturate/1: class {TWO[0]}: 0 images, not 1; 1 missing",
        "cartoon: extra; ImageNet-C has no such corruption",
        "gaussian_blur/6: extra; a corruption has the folders 1 to 5",
        "spatter/3: class n01484850: extra; imagenet/val has no such class",
    )


def test_a_corruption_has_as_many_images_at_each_severity_in_a_part_too(tmp_path: Path) -> None:
    """Else its mean over the images is not the mean over the severities, and an mCE is made of fewer severities."""
    root = corruptions(tmp_path / "c", ("spatter", "saturate", "gaussian_blur"))
    for severity in "2345":
        (root / "spatter" / severity).rename(tmp_path / f"spatter-{severity}")
    next((root / "saturate" / "3").rglob("*.JPEG")).unlink()
    for path in (root / "gaussian_blur").rglob("*.JPEG"):
        path.unlink()
    with pytest.raises(ImportProblems) as caught:
        import_corruptions(small_c(C_EXTRA), root, tmp_path / "packs", subset=True)
    assert caught.value.problems == (
        "gaussian_blur: 0, 0, 0, 0, 0 images at severities 1 to 5; needs as many at each, also in a part",
        "spatter: 2, 0, 0, 0, 0 images at severities 1 to 5; needs as many at each, also in a part",
        "saturate: 2, 2, 1, 2, 2 images at severities 1 to 5; needs as many at each, also in a part",
    )


def test_a_part_has_the_same_share_of_every_severity(tmp_path: Path) -> None:
    root = corruptions(tmp_path / "c", ("spatter",))
    for severity in "12345":
        next((root / "spatter" / severity / TWO[0]).iterdir()).unlink()
    made = import_corruptions(small_c(C_EXTRA), root, tmp_path / "packs", subset=True)
    assert (made.counts(), made.official) == ({"c/spatter": 5}, False)


def test_what_is_in_the_archives_folders_is_looked_at(tmp_path: Path) -> None:
    root = corruptions(tmp_path / "c", EXTRA, "extra")
    (root / "extra" / "README").write_text("x")
    corruptions(root, ("snwo",), "weather")
    corruptions(root, ("fog",), "noise")
    with pytest.raises(ImportProblems) as caught:
        import_corruptions(small_c(C_EXTRA), root, tmp_path / "packs", subset=True)
    assert caught.value.problems == (
        "noise/fog: extra; ImageNet-C has no such corruption there",
        "weather/snwo: extra; ImageNet-C has no such corruption there",
        "extra/README: extra; ImageNet-C has no such corruption there",
    )


def test_a_file_of_another_size_is_refused(tmp_path: Path) -> None:
    root = corruptions(tmp_path / "c", EXTRA)
    picture(next((root / "spatter" / "2" / TWO[1]).iterdir()), (256, 256))
    with pytest.raises(ImportProblems, match="unreadable: 256 x 256 pixels, not the release's 224 x 224"):
        import_corruptions(small_c(C_EXTRA), root, tmp_path / "packs")


def test_the_clean_images_come_first(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="pack 'imagenet/val' is not imported here"):
        import_corruptions(small_c(C), corruptions(tmp_path / "c", ("fog",)), tmp_path / "packs")
    with pytest.raises(PackError, match="has none of imagenet/c-extra's corruptions, such as speckle_noise"):
        import_corruptions(small_c(C_EXTRA), tmp_path / "c", tmp_path / "packs")
    with pytest.raises(PackError, match="is no folder; give the one with the folders of ImageNet-C's"):
        import_corruptions(small_c(C_EXTRA), tmp_path / "nowhere", tmp_path / "packs")


def test_a_part_of_the_clean_images_makes_a_part(home: Path, tmp_path: Path) -> None:
    part = few(VAL, TWO, per_class=2)
    import_release(part, grow(SMALL_VAL, tmp_path / "val"), tmp_path / "packs", subset=True)
    train_pack(tmp_path)
    assert not import_corruptions(small_c(C), home / "c", tmp_path / "packs").official
