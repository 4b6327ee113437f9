"""RefT and the segmenter alone as few-shot detectors."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.unit.baselines.few_shot_detection.made import BASE, NAMES, base_set, scene, support

from farfield import AnnotatedImage, RunContext, parse_config
from farfield.errors import ConfigError
from farfield.families.toys import Scenes
from farfield.testing import check_method
from farfield_baselines.few_shot_detection import mask2former_ft, reft
from farfield_baselines.few_shot_detection.listed import QUERY_BASED
from farfield_baselines.few_shot_detection.reft_training import Course, episode_loss, in_frames, weights_of

TINY = {
    "side": 64,
    "width": 16,
    "layers": 1,
    "queries": 6,
    "hidden": 16,
    "base_steps": 2,
    "base_batch": 3,
    "novel_steps": 2,
    "novel_batch": 2,
}
EPISODES = {"episode": 2, "linked": 2, "tuned": "all", "novel_lr": 1e-4}


def built(spec: Any = reft.SPEC, *, masks: bool = True, **changes: Any) -> Any:
    own = EPISODES if spec is reft.SPEC else {}
    config = parse_config(spec.config, {**TINY, **own, **changes})
    return spec.build(RunContext(**NAMES, seed=3, masks=masks, config=config))


def learned(spec: Any = reft.SPEC, shown: Scenes | None = None, **changes: Any) -> Any:
    method = built(spec, **changes)
    method.fit_base(base_set(4))
    method.fit_novel(support() if shown is None else shown)
    return method


IMAGES = [scene([0, 1], 50).image, scene([3], 51).image[:40]]


@pytest.mark.parametrize("spec", QUERY_BASED, ids=lambda spec: spec.name)
def test_keeps_its_protocol(spec: Any, tmp_path: Path) -> None:
    check_method(spec, tmp_path, {**TINY, "base_steps": 1, "novel_steps": 1})


def test_masks_are_told_where_they_are_asked_for_with_boxes_around_them() -> None:
    method = learned()
    told = method.detect(IMAGES)
    assert [each.masks.shape[1:] for each in told] == [image.shape[:2] for image in IMAGES]
    for each in told:
        assert len(each.scores)
        assert (np.diff(each.scores) <= 0).all()
        for mask, box in zip(each.masks, each.boxes.astype(int), strict=True):
            assert mask[box[1] : box[3], box[0] : box[2]].sum() == mask.sum() > 0
    plain = learned(masks=False).detect(IMAGES)
    assert all(each.masks is None for each in plain)
    np.testing.assert_allclose(plain[0].boxes, told[0].boxes)


def test_the_same_seed_says_the_same() -> None:
    first, again = learned().detect(IMAGES), learned().detect(IMAGES)
    np.testing.assert_array_equal(first[0].scores, again[0].scores)
    np.testing.assert_array_equal(first[0].masks, again[0].masks)


def test_what_is_saved_of_the_base_phase_goes_on_as_what_was_not(tmp_path: Path) -> None:
    method = built()
    method.fit_base(base_set(4))
    method.save_base(tmp_path)
    loaded = built()
    loaded.load_base(tmp_path)
    for each in (method, loaded):
        each.fit_novel(support())
    np.testing.assert_array_equal(method.detect(IMAGES)[0].scores, loaded.detect(IMAGES)[0].scores)
    assert not any(path.stat().st_size > 3_000_000 for path in tmp_path.iterdir())  # the published trunk is no part


def test_a_base_model_of_other_sizes_is_refused(tmp_path: Path) -> None:
    built().save_base(tmp_path)
    with pytest.raises(ConfigError, match="settings"):
        built(width=24).load_base(tmp_path)


def test_only_classes_that_were_shown_are_said() -> None:
    told = learned(shown=support([3])).detect(IMAGES)
    assert {label for each in told for label in each.labels.tolist()} == {*BASE, 3}


def test_the_base_phase_does_not_look_at_novel_objects() -> None:
    both = Scenes(scene([0, 1], number) for number in range(4))
    alone = Scenes(
        AnnotatedImage(image=each.image, boxes=each.boxes[:1], labels=each.labels[:1], masks=each.masks[:1])
        for each in both
    )
    first, second = built(), built()
    first.fit_base(both)
    second.fit_base(alone)
    states = (each.network.state_dict() for each in (first, second))
    assert all(a.equal(b) for a, b in zip(*(state.values() for state in states), strict=True))


def test_one_image_is_enough_of_a_support_set() -> None:
    (told,) = learned(shown=support([3], shots=1)).detect(IMAGES[:1])
    assert np.isfinite(told.scores).all()


def test_centres_are_the_supports_and_those_remembered_of_base_classes() -> None:
    method = built()
    method.fit_base(base_set(4))
    before = method.network.reference.remembered
    assert before.present.tolist() == [True, True, False, False]
    method.config = parse_config(reft.SPEC.config, {**TINY, **EPISODES, "novel_steps": 1, "novel_lr": 0.0})
    method.fit_novel(support([1]))
    assert method.support.present.tolist() == [True, True, True, False]
    torch.testing.assert_close(method.support.centres[:2], before.centres[:2])
    assert len(method.support.queries) == 2 * EPISODES["linked"]


@pytest.mark.parametrize("parts", [{"centres": False}, {"query_link": False}])
def test_a_part_can_be_off(parts: dict[str, bool]) -> None:
    names = {name.split(".")[1] for name, _ in learned(**parts).network.named_parameters() if "reference" in name}
    assert names == {"centres": {"link"}, "query_link": {"weighting"}}[next(iter(parts))]


def test_without_both_parts_it_is_the_segmenter_alone() -> None:
    same = learned(centres=False, query_link=False).detect(IMAGES)
    alone = learned(mask2former_ft.SPEC).detect(IMAGES)
    np.testing.assert_array_equal(same[0].scores, alone[0].scores)


def test_novel_rows_alone_are_tuned_where_that_is_asked_for() -> None:
    method = built(tuned="novel-rows", novel_steps=3, novel_lr=0.1)
    method.fit_base(base_set(4))
    before = {name: tensor.clone() for name, tensor in method.network.state_dict().items()}
    method.fit_novel(support())
    after = method.network.state_dict()
    changed = {name for name, tensor in after.items() if not tensor.equal(before[name])}
    rows = (after["class_head.weight"] != before["class_head.weight"]).any(dim=1).tolist()
    assert rows == [False, False, True, True, False]
    assert {"class_head.weight"} <= changed <= {"class_head.weight", "class_head.open", *REMEMBERED}


REMEMBERED = ("reference.centres", "reference.present")


def test_less_is_lost_after_some_steps() -> None:
    method = built(base_steps=20, base_batch=4, base_lr=3e-3, warm_up=0, width=32, mirror=False)
    scenes = base_set(4)
    weights = weights_of(method.config)
    course = Course(
        phase=method.config.base_phase(),
        weights=weights,
        learned=[],
        side=64,
        episode=2,
        linked=2,
        seed=(0,),
        device="cpu",
        progress=lambda *_: None,
    )
    method.network.class_head.get_buffer("open")[2:] = False
    internal = Scenes(
        AnnotatedImage(image=s.image, boxes=s.boxes, labels=np.array([0, 1]), masks=s.masks) for s in scenes
    )
    batch = in_frames(list(internal), 64, "cpu")
    with torch.no_grad():
        before = float(episode_loss(method.network, batch, course))
    method.fit_base(scenes)
    with torch.no_grad():
        after = float(episode_loss(method.network, batch, course))
    assert after < 0.7 * before


def test_a_width_that_heads_cannot_share_is_refused() -> None:
    with pytest.raises(ConfigError, match="width: 20 is not a multiple of 8"):
        built(width=20)


@pytest.mark.parametrize("spec", QUERY_BASED, ids=lambda spec: spec.name)
def test_mask2formers_sizes_by_configuration(spec: Any) -> None:
    config = spec.with_input("resnet50").config()
    assert (config.width, config.queries, config.layers, config.hidden) == (256, 100, 9, 2048)
    base = config.base_phase()
    assert (base.steps, base.batch, base.lr, base.weight_decay, base.optimizer) == (368_750, 16, 1e-4, 0.05, "adamw")
    assert [round(share * base.steps) for share in base.drops] == [327_778, 355_092]
    assert spec.with_input("resnet50").resources.gpu
