"""DeFRCN: forwards nothing is decoupled at the start, backwards gradients are scaled, and scores are calibrated."""

import numpy as np
import pytest
import torch
from tests.unit.baselines.few_shot_detection.conftest import Based
from tests.unit.baselines.few_shot_detection.made import BASE, NOVEL, SMALL, scene, support

from farfield import Detections
from farfield.families.toys import Scenes
from farfield_baselines.detection.core import target_of
from farfield_baselines.few_shot_detection import defrcn
from farfield_baselines.few_shot_detection.calibration import Calibrating, calibrated
from farfield_baselines.few_shot_detection.classes import of_classes
from farfield_baselines.networks.faster_rcnn import image_losses, to_pixels
from farfield_baselines.networks.gradient_decoupling import GradientDecoupledLayer

SPEC = defrcn.SPEC
SETTINGS = {**SMALL, "novel_steps": 1, "novel_batch": 2}
PREDICTOR = "roi_heads.box_predictor.cls_score.weight"


@pytest.mark.parametrize("factor", [0.0, 0.01, 0.75, 1.0])
def test_the_layer_starts_as_the_identity_and_scales_gradients_alone(factor: float) -> None:
    maps = torch.randn(2, 3, 4, 5, generator=torch.Generator().manual_seed(1), requires_grad=True)
    layer, given = GradientDecoupledLayer(3, factor), torch.rand(2, 3, 4, 5)
    through = layer(maps)
    assert torch.equal(through, maps)
    through.backward(given)
    assert maps.grad is not None
    assert layer.weight.grad is not None
    torch.testing.assert_close(maps.grad, given * factor, rtol=0, atol=0)
    torch.testing.assert_close(layer.weight.grad, (given * maps.detach()).sum(dim=(0, 2, 3)))
    torch.testing.assert_close(layer.bias.grad, given.sum(dim=(0, 2, 3)))


def test_a_learned_layer_is_an_affine_map_of_each_channel() -> None:
    layer, maps = GradientDecoupledLayer(2, 0.5), torch.ones(1, 2, 1, 1)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([2.0, 3.0]))
        layer.bias.copy_(torch.tensor([0.0, -1.0]))
    assert layer(maps).flatten().tolist() == [2.0, 2.0]


def test_what_reaches_the_pyramid_is_the_shares_of_both_heads(based: Based) -> None:
    """The gradient of the pyramid is linear in both factors, and without either there is none."""
    network = based(SPEC, SETTINGS).network
    rpn, rcnn = network.rpn.decoupled, network.roi_heads.decoupled
    assert (rpn.factor, rcnn.factor) == (0.0, 0.75)

    def gradient(of_rpn: float, of_rcnn: float) -> torch.Tensor:
        rpn.factor, rcnn.factor = of_rpn, of_rcnn
        network.train().zero_grad()
        example = of_classes(scene(BASE, 1), np.array(BASE))
        torch.manual_seed(5)
        image_losses(network, [to_pixels(example.image, "cpu")], [target_of(example, "cpu")]).sum().backward()
        grad: torch.Tensor = network.backbone.pyramid.layer_blocks[0][0].weight.grad
        return grad.clone()

    assert not gradient(0.0, 0.0).any()
    of_rpn, of_rcnn = gradient(1.0, 0.0), gradient(0.0, 1.0)
    assert of_rpn.any()
    assert of_rcnn.any()
    torch.testing.assert_close(gradient(0.25, 0.75), 0.25 * of_rpn + 0.75 * of_rcnn, rtol=1e-4, atol=1e-6)


def test_the_novel_phase_changes_all_but_the_trunk_and_the_box_head(based: Based) -> None:
    method = based(SPEC, {**SETTINGS, "novel_gradient": 1.0})
    before = {name: tensor.clone() for name, tensor in method.network.state_dict().items()}
    method.fit_novel(support(NOVEL))
    assert method.shown == NOVEL
    assert method.network.roi_heads.decoupled.factor == 1.0
    after = method.network.state_dict()
    same = {name for name, tensor in before.items() if torch.equal(after[name], tensor)}
    assert {name for name in before if name.startswith("roi_heads.box_head")} <= same
    changed = {".".join(name.split(".")[:2]) for name in set(before) - same}
    assert {
        "backbone.pyramid",
        "rpn.head",
        "rpn.decoupled",
        "roi_heads.decoupled",
        "roi_heads.box_predictor",
    } == changed


def test_base_rows_are_taken_where_base_classes_are_shown(based: Based) -> None:
    method = based(SPEC, {**SETTINGS, "novel_lr": 0.0})
    before = method.network.state_dict()[PREDICTOR].clone()
    method.fit_novel(Scenes([*support(BASE), *support(NOVEL)]))
    assert method.shown == (0, 1, 2, 3)
    assert torch.equal(method.network.state_dict()[PREDICTOR][[0, 1, 3]], before)


def test_it_is_the_same_again_after_saving_and_with_the_same_seed(based: Based) -> None:
    told = []
    for _ in range(2):
        method = based(SPEC, SETTINGS)
        method.fit_novel(support(NOVEL))
        method.network.roi_heads.score_thresh = 0.0
        told.append(method.detect([scene([1, 3], 7).image])[0])
    assert len(told[0].scores)
    np.testing.assert_array_equal(told[0].scores, told[1].scores)
    np.testing.assert_array_equal(told[0].boxes, told[1].boxes)


def test_scores_in_the_range_move_and_others_stay() -> None:
    how = Calibrating(alpha=0.25, lowest=0.05, highest=0.9)
    scores, cosines = np.array([0.05, 0.06, 0.9, 0.95, 0.5, 0.1]), np.array([1.0, 0.5, -0.1, 0.0, np.nan, -1.0])
    expected = [0.05, 0.25 * 0.06 + 0.75 * 0.5, 0.25 * 0.9 - 0.75 * 0.1, 0.95, 0.5, 0.0]
    np.testing.assert_allclose(how.moved(scores, cosines), expected)
    np.testing.assert_array_equal(Calibrating(alpha=1.0, lowest=0.0, highest=1.0).moved(scores, cosines), scores)


class Made:
    """A classifier whose activations are the first two corners of boxes."""

    def activations(self, image: object, boxes: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(np.asarray(boxes)[:, :2])


def test_a_class_without_a_prototype_keeps_its_scores() -> None:
    boxes = np.array([[3.0, 4, 9, 9], [4, 0, 9, 9], [3, 4, 8, 8]])
    told = Detections(boxes=boxes, scores=np.array([0.6, 0.5, 0.4]), labels=np.array([1, 1, 0]))
    known = {1: torch.tensor([1.0, 0.0], dtype=torch.float64)}
    how = Calibrating(alpha=0.5, lowest=0.05, highest=1.0)
    moved = calibrated(told, np.zeros((9, 9, 3), np.uint8), known, Made(), how)  # type: ignore[arg-type]
    np.testing.assert_allclose(moved.scores, [0.5 * 0.6 + 0.5 * 0.6, 0.5 * 0.5 + 0.5 * 1.0, 0.4])
    assert moved.boxes is told.boxes


def test_prototypes_are_of_novel_classes_alone_and_without_calibration_there_are_none(based: Based) -> None:
    examples = Scenes([*support(BASE, shots=1), *support(NOVEL, shots=1)])
    for alpha, expected in ((0.5, set(NOVEL)), (1.0, set())):
        method = based(SPEC, {**SETTINGS, "alpha": alpha})
        method.fit_novel(examples)
        assert set(method._prototypes) == expected
