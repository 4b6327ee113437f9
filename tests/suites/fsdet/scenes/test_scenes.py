"""Scenes: exact boxes and masks, the same bytes everywhere, and nothing of what is held out where it must not be."""

import doctest
import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as reference

from farfield_evaluators.data.demo import demo_root
from farfield_evaluators.data.encoded import clean
from farfield_evaluators.data.errors import PackError
from farfield_evaluators.suites.fsdet.scenes import pack, stored_png, things
from farfield_evaluators.suites.fsdet.scenes.compose import Scene, Shown, Wanted, compose
from farfield_evaluators.suites.fsdet.scenes.cutouts import Cutout
from farfield_evaluators.suites.fsdet.scenes.sets import BASE_SET, POOL, SETS, TEST, Drawings, draws_of, scenes_of
from farfield_evaluators.suites.fsdet.scenes.shots import SHOT_SETS, SHOTS, shots_in
from farfield_evaluators.suites.fsdet.scenes.textures import PATTERNS, STEPS, texture
from farfield_evaluators.suites.fsdet.scenes.things import BASE, CLASSES, NOVEL, SEEN, UNSEEN
from farfield_evaluators.suites.fsdet.sets import shots_of

FROZEN = "a678674158b125a2f8ce88804ab2f7fe"  # of the first scenes: another digest is another pack for everybody


@pytest.fixture(scope="module")
def drawings() -> Drawings:
    return Drawings(demo_root())


@pytest.fixture(scope="module")
def scenes(drawings: Drawings) -> list[Scene]:
    """The first three of the training set, and of the test set of unseen artists."""
    return [scene for chosen in (BASE_SET, TEST) for scene in scenes_of(replace(chosen, scenes=3), drawings)]


def test_the_first_scenes_are_the_same_to_the_byte(scenes: list[Scene]) -> None:
    digest = hashlib.sha256()
    for scene in scenes:
        digest.update(stored_png.stored_png(scene.image))
        digest.update(repr([(each.label, each.box, each.area) for each in scene.objects]).encode())
    assert digest.hexdigest()[:32] == FROZEN


def test_boxes_are_the_least_around_masks_that_share_no_pixel(scenes: list[Scene]) -> None:
    for scene in scenes:
        seen = np.stack([each.mask for each in scene.objects])
        assert seen.sum(axis=0).max() == 1
        for each in scene.objects:
            x, y, w, h = each.box
            inside = each.mask[y : y + h, x : x + w]
            assert inside.sum() == each.mask.sum() == each.area > 0
            assert inside[[0, -1]].any(axis=1).all()
            assert inside[:, [0, -1]].any(axis=0).all()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pycocotools' own conversions
def test_masks_and_boxes_are_what_pycocotools_reads_of_them(scenes: list[Scene]) -> None:
    for scene in scenes:
        columns = pack.annotations(scene, scene.objects)
        lines = columns["masks"].decode().split("\n")
        for shown, line, box, area in zip(scene.objects, lines, columns["boxes"], columns["box-area"], strict=True):
            coded = reference.frPyObjects(json.loads(line), *scene.image.shape[:2])
            assert (reference.decode(coded).astype(bool) == shown.mask).all()
            assert reference.toBbox(coded).tolist() == list(box)
            assert int(reference.area(coded)) == area


def test_what_lies_behind_can_still_be_seen() -> None:
    """Of a square at least what four others, each a sixth of it at most, leave; those in front hide and are whole."""
    square = Cutout(colours=np.zeros((9, 9, 3), np.uint8), cover=np.full((9, 9), 255, np.uint8))
    for number in range(5):
        scene = compose([Wanted(label=n, cutout=square) for n in range(5)], draws_of("squares", str(number)))
        assert 3 <= len(scene.objects) <= 5
        assert all(3 * each.area >= max(each.box[2:]) ** 2 for each in scene.objects)
        front = scene.objects[-1]
        assert front.area == front.box[2] * front.box[3]


def test_an_image_is_a_png_as_every_reader_takes_it(scenes: list[Scene]) -> None:
    for scene in scenes:
        encoded = stored_png.stored_png(scene.image)
        assert (np.asarray(Image.open(io.BytesIO(encoded))) == scene.image).all()
        assert clean(encoded) == encoded  # a pack would store it as it is
    with pytest.raises(ValueError, match="uint8"):
        stored_png.stored_png(np.zeros((2, 2, 3)))


def test_classes_are_base_or_novel_and_a_family_of_artists_is_held_out_whole(drawings: Drawings) -> None:
    assert not set(BASE) & set(NOVEL)
    assert sorted((*BASE, *NOVEL)) == list(CLASSES)
    assert {style.split("-")[0] for style in UNSEEN} == {"fluent"}
    assert not {style.split("-")[0] for style in UNSEEN} & {style.split("-")[0] for style in SEEN}
    for concept in CLASSES:
        assert len(drawings.of(concept, SEEN)) >= 6
        assert len(drawings.of(concept, UNSEEN)) >= 3
    for chosen in SETS:
        assert (chosen.styles == UNSEEN) == (chosen is TEST)


def test_training_scenes_show_base_classes_alone(scenes: list[Scene]) -> None:
    base = {CLASSES.index(name) for name in BASE}
    assert all(each.label in base for scene in scenes[:3] for each in scene.objects)
    assert [chosen.classes for chosen in SETS] == [BASE, BASE, CLASSES, CLASSES, CLASSES]


def test_a_scene_depends_on_its_name_alone(drawings: Drawings, scenes: list[Scene]) -> None:
    again = list(scenes_of(replace(BASE_SET, scenes=2), Drawings(demo_root())))
    assert all((one.image == other.image).all() for one, other in zip(again, scenes, strict=False))
    assert draws_of("a", "1").randint(1 << 30) != draws_of("a", "2").randint(1 << 30)


def test_blends_are_shares_and_grounds_are_pixels() -> None:
    for pattern in PATTERNS:
        blend = pattern((40, 50), draws_of("test", pattern.__name__))
        assert blend.shape == (40, 50)
        assert 0 <= blend.min() <= blend.max() <= STEPS
    assert texture((20, 30), draws_of("test")).dtype == np.uint8


def pool(classes: int, scenes: int) -> list[Scene]:
    """Scenes of two objects each, their classes in turn."""
    nothing, mask = np.zeros((4, 4, 3), np.uint8), np.ones((4, 4), bool)
    labels = [(2 * n % classes, (2 * n + 1) % classes) for n in range(scenes)]
    return [Scene(image=nothing, objects=tuple(Shown(label=n, mask=mask) for n in pair)) for pair in labels]


def sets_of_shots(scenes: list[Scene]) -> Iterator[tuple[int, int, int, str]]:
    """Of each shot its group, its number of shots, its class and its scene."""
    for shot in shots_in(scenes):
        told = shots_of(shot.set)
        assert told is not None
        kind, group, among = told
        label = scenes[shot.scene].objects[shot.object].label
        assert (kind == "novel") == (CLASSES[label] in NOVEL)
        yield from ((group, shots, label, str(shot.scene)) for shots in among)


def test_shots_are_nested_and_k_of_each_class_in_every_shot_set() -> None:
    scenes = pool(len(CLASSES), 12 * len(CLASSES) // 2)
    taken = list(sets_of_shots(scenes))
    counts = Counter((group, shots, label) for group, shots, label, _ in taken)
    assert counts == {(g, k, c): k for g in SHOT_SETS for k in SHOTS for c in range(len(CLASSES))}
    by = {key: {scene for *at, scene in taken if tuple(at) == key} for key in counts}
    for (group, shots, label), found in by.items():
        assert len(found) == shots  # no scene twice
        assert found <= by[group, max(SHOTS), label]
    assert by[0, 5, 0] != by[1, 5, 0]


def test_a_pool_that_is_too_small_is_refused() -> None:
    with pytest.raises(PackError, match=r"9 scenes; 10 shots need as many"):
        list(shots_in(pool(len(CLASSES), 9 * len(CLASSES) // 2)))
    assert POOL.scenes >= 10 * len(CLASSES) / 3


def test_the_examples_in_the_docstrings() -> None:
    modules = (pack, stored_png, things)
    assert [doctest.testmod(module).failed for module in modules] == [0] * len(modules)
