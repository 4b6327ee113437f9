"""TFA and MTFA: what changes and what does not, in each of the settings, and how often images are seen."""

from typing import Any

import numpy as np
import pytest
import torch
from tests.unit.baselines.few_shot_detection.conftest import Based
from tests.unit.baselines.few_shot_detection.made import BASE, NOVEL, STAGES, scene, support

from farfield_baselines.few_shot_detection import mtfa, tfa_cos, tfa_fc
from farfield_baselines.few_shot_detection.two_stage import Examples

TWO_STAGE = (tfa_fc.SPEC, tfa_cos.SPEC, mtfa.SPEC)
LAST = ("roi_heads.box_predictor.", "roi_heads.mask_predictor.mask_fcn_logits.")
EVERYTHING = tuple(range(4))


def state(method: Any) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in method.network.state_dict().items()}


def sure(method: Any) -> Any:
    """The same method, which tells whatever it finds."""
    method.network.roi_heads.score_thresh = 0.0
    return method


@pytest.mark.parametrize("spec", TWO_STAGE, ids=lambda spec: spec.name)
def test_all_but_the_last_layers_stay_as_they_were(spec: Any, based: Based) -> None:
    method = based(spec, STAGES, masks=True)
    before = state(method)
    method.fit_novel(support(EVERYTHING))
    after = state(method)
    inner = {name for name in before if not name.startswith(LAST)}
    assert inner == {name for name in after if not name.startswith(LAST)}
    assert all(torch.equal(before[name], after[name]) for name in inner)
    assert after["roi_heads.box_predictor.cls_score.weight"].shape == (5, 256)
    assert (f"{LAST[1]}weight" in after) == (spec is mtfa.SPEC)


@pytest.mark.parametrize("spec", TWO_STAGE, ids=lambda spec: spec.name)
def test_from_one_base_model_two_runs_are_the_same(spec: Any, based: Based) -> None:
    first, second = (based(spec, STAGES, masks=True) for _ in range(2))
    torch.rand(5)  # whoever else draws numbers
    for method in (first, second):
        method.fit_novel(support(EVERYTHING))
        torch.rand(3)
    torch.testing.assert_close(state(first), state(second), rtol=0, atol=0)
    one, other = (method.detect([scene([0, 1], 7).image])[0] for method in (first, second))
    np.testing.assert_array_equal(one.boxes, other.boxes)
    np.testing.assert_array_equal(one.labels, other.labels)


def test_mtfa_tells_a_mask_of_each_class_where_masks_are_asked_for(based: Based) -> None:
    method = sure(based(mtfa.SPEC, STAGES, masks=True))
    before = state(method)[f"{LAST[1]}weight"]
    method.fit_novel(support(EVERYTHING))
    after = state(method)[f"{LAST[1]}weight"]
    assert after.shape[0] == 5
    assert not torch.equal(after[[1, 3]], before[[1, 2]])  # rows of base classes learn, too
    image = scene([0, 1], 7).image
    told = method.detect([image])[0]
    assert told.masks is not None
    assert (told.masks.dtype, told.masks.shape) == (np.bool_, (len(told.labels), *image.shape[:2]))
    without = sure(based(mtfa.SPEC, STAGES))
    without.fit_novel(support(EVERYTHING))
    assert without.detect([image])[0].masks is None


def test_novel_examples_alone_give_a_detector_of_novel_classes(based: Based) -> None:
    method = sure(based(tfa_cos.SPEC, STAGES))
    method.fit_novel(support(NOVEL))
    told = method.detect([scene([0, 1], 7).image])[0]
    assert method.shown == NOVEL
    assert len(told.labels)
    assert set(told.labels) <= set(NOVEL)


def test_if_all_are_wanted_base_classes_and_background_are_as_they_were(based: Based) -> None:
    method = sure(based(tfa_fc.SPEC, {**STAGES, "classes": "all"}))
    before = state(method)["roi_heads.box_predictor.cls_score.weight"]
    method.fit_novel(support(NOVEL))
    after = state(method)["roi_heads.box_predictor.cls_score.weight"]
    torch.testing.assert_close(after[[0, *(label + 1 for label in BASE)]], before, rtol=0, atol=0)
    assert set(method.detect([scene([0, 1], 7).image])[0].labels) & set(BASE)


def test_a_start_at_random_has_no_novel_phase(based: Based, monkeypatch: pytest.MonkeyPatch) -> None:
    method = based(tfa_fc.SPEC, {**STAGES, "start": "random"})
    phases: list[int] = []
    monkeypatch.setattr(method, "_learn", lambda *rest: phases.append(rest[-1]))
    method.fit_novel(support(EVERYTHING))
    method.fit_novel(support(NOVEL))  # but where it is all there is
    assert phases == [2, 1]


def test_seeing_anew_in_each_step_learns_too(based: Based) -> None:
    method = based(tfa_fc.SPEC, {**STAGES, "views": 0})
    method.fit_novel(support(NOVEL))
    assert method.shown == NOVEL


def test_what_a_support_set_shows() -> None:
    told = Examples.of(support((1, 1, 0), shots=3), NOVEL)
    assert told.places.tolist() == [0, 1, 2, 3, 4, 5]
    assert (told.shots, told.has_base) == (6, True)
    assert not Examples.of(support(NOVEL), NOVEL).has_base
