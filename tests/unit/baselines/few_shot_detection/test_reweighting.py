"""FSRW and Meta R-CNN: a class is its vector, whatever place it has, and vectors come from support images."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.unit.baselines.few_shot_detection.conftest import Based
from tests.unit.baselines.few_shot_detection.made import BASE, NOVEL, SMALL, scene, support
from torch import nn

from farfield.errors import ProtocolError
from farfield.families.toys import Scenes
from farfield_baselines.few_shot_detection import fsrw, meta_rcnn
from farfield_baselines.few_shot_detection.episodes import example, places_of, vectors_of, ways_of
from farfield_baselines.networks.reweighting import ReweightedPredictor, SupportReader, class_vectors

SETTINGS = {**SMALL, "novel_steps": 1, "novel_batch": 2, "ways": 3, "examples": 2}
SPECS = pytest.mark.parametrize("spec", [fsrw.SPEC, meta_rcnn.SPEC], ids=lambda spec: spec.name)


@pytest.mark.parametrize("shape", [(6, 4), (6, 4, 5, 5)])
def test_permuted_classes_have_permuted_scores_and_deltas(shape: tuple[int, ...]) -> None:
    torch.manual_seed(2)
    head = nn.Sequential(nn.Flatten(), nn.Linear(int(np.prod(shape[1:])), 7), nn.ReLU())
    predictor, order = ReweightedPredictor(head, 4, 7, 3), torch.tensor([2, 0, 1])
    features, vectors = torch.randn(shape), torch.rand(3, 4)
    predictor.vectors = vectors
    scores, deltas = predictor(features)
    predictor.vectors = vectors[order]
    permuted, moved = predictor(features)
    torch.testing.assert_close(permuted[:, 1:], scores[:, 1:][:, order])
    torch.testing.assert_close(permuted[:, 0], scores[:, 0])
    torch.testing.assert_close(moved.view(6, 4, 4)[:, 1:], deltas.view(6, 4, 4)[:, 1:][:, order])
    assert not torch.allclose(scores[:, 1], scores[:, 2])


def test_a_classs_score_is_that_of_weighed_features() -> None:
    torch.manual_seed(2)
    predictor, features = ReweightedPredictor(nn.Identity(), 4, 4, 2), torch.randn(5, 4)
    predictor.vectors = torch.tensor([[1.0, 0, 2, 0], [0, 0, 0, 0]])
    scores, _ = predictor(features)
    weighed = features * torch.tensor([1.0, 0, 2, 0])
    torch.testing.assert_close(scores[:, 1:2], predictor.score(weighed))
    torch.testing.assert_close(scores[:, 2], predictor.score.bias.expand(5))
    torch.testing.assert_close(scores[:, :1], predictor.background(features))


@pytest.mark.parametrize("bounded", [False, True])
def test_a_vector_is_of_what_is_near_its_box(bounded: bool) -> None:
    torch.manual_seed(3)
    reader, maps, inside = SupportReader(4, 6, bounded=bounded), torch.rand(1, 4, 9, 9), torch.zeros(1, 1, 9, 9)
    inside[..., 1:3, 1:3] = 1.0
    far, near = maps.clone(), maps.clone()
    far[..., 7:, 7:] += 1.0
    near[..., 1:3, 1:3] += 1.0
    told = reader(maps, inside)
    torch.testing.assert_close(reader(far, inside), told)
    assert not torch.allclose(reader(near, inside), told)
    assert not bounded or bool(((told > 0) & (told < 1)).all())


@SPECS
def test_the_box_says_which_object_of_an_image_a_vector_is_of(spec: Any, based: Based) -> None:
    network = based(spec, SETTINGS).network.eval()
    images = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))[[0, 0]]
    boxes = torch.tensor([[0.0, 0, 20, 20], [40, 40, 64, 64]])
    with torch.no_grad():
        first, second = class_vectors(network, images, boxes)
        swapped = class_vectors(network, images, boxes.flip(0))
    assert not torch.allclose(first, second)
    torch.testing.assert_close(swapped, torch.stack([second, first]))


@SPECS
def test_the_base_model_has_the_vectors_and_they_are_loaded_with_it(spec: Any, based: Based, tmp_path: Path) -> None:
    method = based(spec, SETTINGS)
    vectors = method.network.roi_heads.box_predictor.vectors
    assert vectors.shape[0] == len(BASE)
    assert not vectors.requires_grad
    assert not torch.equal(vectors, torch.ones_like(vectors))
    method.save_base(tmp_path)
    again = based(spec, {**SETTINGS, "ways": 2})
    again.load_base(tmp_path)
    torch.testing.assert_close(again.network.state_dict(), method.network.state_dict(), rtol=0, atol=0)


@SPECS
def test_vectors_are_the_means_of_the_examples(spec: Any, based: Based) -> None:
    method, examples = based(spec, {**SETTINGS, "novel_steps": 0}), support(NOVEL, shots=2)
    with torch.no_grad():
        rows = torch.cat([vectors_of(method.network.eval(), [one], 0.5, "cpu") for one in examples])
    method.fit_novel(examples)
    assert method.shown == NOVEL
    expected = torch.stack([rows[:2].mean(dim=0), rows[2:].mean(dim=0)])
    torch.testing.assert_close(method.network.roi_heads.box_predictor.vectors, expected, rtol=1e-4, atol=1e-5)


@SPECS
def test_a_class_without_an_example_is_not_detected_and_base_ones_only_if_asked(spec: Any, based: Based) -> None:
    for classes, expected in (("support", (3,)), ("all", (*BASE, 3))):
        method = based(spec, {**SETTINGS, "classes": classes})
        before = method.network.roi_heads.box_predictor.vectors.clone()
        method.fit_novel(support([3]))
        method.network.roi_heads.score_thresh = 0.0
        assert method.shown == expected
        assert set(method.detect([scene([0, 3], 7).image])[0].labels) <= set(expected)
    torch.testing.assert_close(method.network.roi_heads.box_predictor.vectors[:2], before, rtol=0, atol=0)


@SPECS
def test_without_examples_nothing_is_detected(spec: Any, based: Based) -> None:
    method = based(spec, SETTINGS)
    method.fit_novel(Scenes([]))
    assert method.shown == ()
    assert len(method.detect([scene([0], 7).image])[0].boxes) == 0


@SPECS
def test_the_same_seed_gives_the_same_detector(spec: Any, based: Based) -> None:
    one, other = (based(spec, SETTINGS) for _ in range(2))
    for method in (one, other):
        method.fit_novel(support((*BASE, *NOVEL)))
    assert one.shown == (0, 1, 2, 3)
    torch.testing.assert_close(one.network.state_dict(), other.network.state_dict(), rtol=0, atol=0)


def test_an_episode_has_the_classes_that_are_shown_and_others() -> None:
    rng = np.random.default_rng(0)
    assert ways_of([3, 5], range(8), 2, rng).tolist() == [3, 5]
    assert ways_of([3, 5, 7], range(8), 1, rng).tolist() == [3, 5, 7]
    drawn = ways_of([3, 5], range(8), 4, rng).tolist()
    assert len(set(drawn)) == 4
    assert {3, 5} <= set(drawn)
    assert drawn == sorted(drawn)
    assert ways_of([3], [3], 9, rng).tolist() == [3]


def test_an_object_is_found_again_by_its_place() -> None:
    scenes = Scenes([scene([0, 2], 1), scene([2], 2)])
    assert places_of(scenes) == {0: [(0, 0)], 2: [(0, 1), (1, 0)]}
    taken = example(scenes, (0, 1))
    assert taken.labels.tolist() == [2]
    np.testing.assert_array_equal(taken.boxes, scenes[0].boxes[[1]])


def test_base_images_without_an_object_are_refused(based: Based) -> None:
    with pytest.raises(ProtocolError, match="there is no object to learn from"):
        based(fsrw.SPEC, SETTINGS).fit_base(Scenes([scene([], 1)]))
