"""Fingerprints of packs are frozen, and the bytes of their files: who imported a data set years ago has the same pack.

A fingerprint that changes makes every published figure on that data incomparable. Whoever only moves code about, or
adds columns that the packs here do not have, changes nothing in the file beside this one. Packs of drawn pictures
depend on the pinned Pillow, whose PNG and JPEG are what is stored.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from tests.suites.domainbed.data import trees
from tests.suites.imagenet.data import trees as imagenet_trees
from tests.suites.imagenet.data.test_ood_pack import all_six
from tests.suites.openood.data import listed
from tests.suites.openood.data import test_open_set as open_sets

from farfield_evaluators.data.demo import import_demo
from farfield_evaluators.data.image_lists import import_lists
from farfield_evaluators.data.packs import Pack, list_packs
from farfield_evaluators.suites.adaptation.data.drawings import import_drawings as import_adaptation
from farfield_evaluators.suites.clip_benchmark.data.drawings import import_drawings as import_named
from farfield_evaluators.suites.clip_benchmark.data.drawings import import_several
from farfield_evaluators.suites.clip_benchmark.data.drawn_captions import import_described
from farfield_evaluators.suites.domainbed.data.digits import MNIST, import_digits
from farfield_evaluators.suites.domainbed.data.folders import import_folders
from farfield_evaluators.suites.domainbed.data.official import PACS, TERRA_INCOGNITA
from farfield_evaluators.suites.domainbed.data.styles import import_styles
from farfield_evaluators.suites.fsdet.scenes import pack as scenes_pack
from farfield_evaluators.suites.fsdet.scenes import shots
from farfield_evaluators.suites.groups.data.drawings import import_drawings
from farfield_evaluators.suites.imagenet.data import compose, mini_c
from farfield_evaluators.suites.imagenet.data.corrupted import ARCHIVES, C, import_corruptions
from farfield_evaluators.suites.imagenet.data.folders import import_release
from farfield_evaluators.suites.longtail.data.drawings import import_drawings as import_long_tailed
from farfield_evaluators.suites.mtil.data.drawings import import_drawings as import_in_sequence
from farfield_evaluators.suites.openood.data import drawings as openood_drawings
from farfield_evaluators.suites.pruning.data.drawings import import_drawings as import_pruning
from farfield_evaluators.suites.rdfsl.data.drawings import import_drawings as import_episodic

FROZEN = json.loads(Path(__file__).with_name("pack_fingerprints.json").read_text(encoding="utf-8"))


def demo(root: Path) -> Path:
    import_demo(root)
    return root


def styles(root: Path) -> Path:
    import_styles(root)
    return root


def groups(root: Path) -> Path:
    import_drawings(root)
    return root


def adaptation(root: Path) -> Path:
    import_adaptation(root)
    return root


def pruning(root: Path) -> Path:
    import_pruning(root)
    return root


def episodic(root: Path) -> Path:
    import_episodic(root)
    return root


def small_images(root: Path) -> Path:
    """CIFAR-10 of OpenOOD and an open-set split in their layouts, and the drawings that stand for both."""
    import_lists(listed.small(), listed.write(root / "cifar", "cifar10", listed.CIFAR), root / "packs")
    open_sets.imported(root, open_sets.released())
    openood_drawings.import_drawings(root / "packs")
    openood_drawings.import_with_outliers(root / "packs")
    openood_drawings.import_open_set(root / "packs")
    return root / "packs"


def named(root: Path) -> Path:
    import_named(root)
    import_several(root)
    import_described(root)
    return root


def in_sequence(root: Path) -> Path:
    import_in_sequence(root)
    return root


def long_tailed(root: Path) -> Path:
    import_long_tailed(root)
    return root


def corrupted(root: Path) -> Path:
    """Two corruptions of mini-c at two severities: the whole is 1.2 minutes of work."""
    with pytest.MonkeyPatch.context() as fewer:
        fewer.setattr(mini_c, "CORRUPTIONS", {name: mini_c.CORRUPTIONS[name] for name in ("contrast", "pixelate")})
        fewer.setattr(mini_c, "SEVERITIES", (1, 5))
        mini_c.import_mini_c(root)
    return root


def scenes(root: Path) -> Path:
    """A fifth of the scenes, and 1 and 2 shots: the whole is 10 s of work. No Pillow changes these bytes."""
    with pytest.MonkeyPatch.context() as fewer:
        fewer.setattr(scenes_pack, "SETS", [replace(each, scenes=each.scenes // 5) for each in scenes_pack.SETS])
        for module in (scenes_pack, shots):
            fewer.setattr(module, "SHOTS", (1, 2))
        scenes_pack.import_scenes(root)
    return root


def imagenet(root: Path) -> Path:
    packs = all_six(root)
    compose.compose(packs)
    return packs


def imagenet_c(root: Path) -> Path:
    small = imagenet_trees.SMALL_VAL
    import_release(small, imagenet_trees.grow(small, root / "val"), root / "packs")
    imagenet_trees.train_pack(root)
    for archive, names in ARCHIVES.items():
        if archive != "extra":
            imagenet_trees.corruptions(root / "c", names, archive)
    import_corruptions(imagenet_trees.small_c(C), root / "c", root / "packs")
    return root / "packs"


def openood(root: Path) -> Path:
    imagenet_trees.train_pack(root)
    import_lists(imagenet_trees.SMALL_LISTS, imagenet_trees.openood(root / "data"), root / "packs")
    return root / "packs"


def domainbed(root: Path) -> Path:
    for spec in (PACS, TERRA_INCOGNITA):
        small = trees.tiny(spec)
        import_folders(small, trees.grow(small, root / spec.name), root / "packs")
    import_digits(MNIST, trees.digit_files(root / "digits"), root / "packs", subset=True)
    return root / "packs"


@pytest.mark.parametrize(
    "made",
    [
        demo,
        styles,
        groups,
        adaptation,
        episodic,
        named,
        small_images,
        in_sequence,
        pruning,
        long_tailed,
        corrupted,
        scenes,
        imagenet,
        imagenet_c,
        openood,
        domainbed,
    ],
    ids=lambda made: made.__name__,
)
def test_a_pack_is_the_same_to_the_byte(
    made: Callable[[Path], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imagenet_trees, "_NUMBERS", count(1))
    packs = {pack.name: [pack.fingerprint, _bytes_of(pack)] for pack in list_packs(made(tmp_path))}
    assert packs == FROZEN[made.__name__]


def _bytes_of(pack: Pack) -> str:
    """A digest over the names and bytes of all files."""
    digest = hashlib.sha256()
    for path in sorted(p for p in pack.folder.rglob("*") if p.is_file()):
        digest.update(
            f"{path.relative_to(pack.folder).as_posix()} {path.stat().st_size}\n".encode() + path.read_bytes()
        )
    return digest.hexdigest()[:32]
