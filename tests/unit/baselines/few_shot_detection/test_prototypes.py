"""The prototype matcher: proposals are those of the detector, names those of the nearest mean."""

import numpy as np
import torch
from tests.unit.baselines.few_shot_detection.conftest import Based
from tests.unit.baselines.few_shot_detection.made import BASE, NOVEL, SMALL, scene, support

from farfield_baselines.few_shot_detection import fs_prototypes
from farfield_baselines.few_shot_detection.regions import best_of, proposals, scaled, trunk_features, trunk_maps

SPEC = fs_prototypes.SPEC


def test_the_base_phase_leaves_a_mean_of_each_base_class(based: Based) -> None:
    network = based(SPEC, SMALL).network
    assert network.prototypes.shape == (2, 472)
    assert network.prototypes.any(dim=1).all()
    torch.testing.assert_close(network.centre, network.prototypes.mean(dim=0))


def test_no_tensor_of_the_network_changes_with_the_support(based: Based) -> None:
    method = based(SPEC, SMALL)
    before = {name: tensor.clone() for name, tensor in method.network.state_dict().items()}
    method.fit_novel(support())
    torch.testing.assert_close(method.network.state_dict(), before, rtol=0, atol=0)


def test_an_example_is_named_by_itself(based: Based) -> None:
    """With one example of each class, the region of an example is most like its own class."""
    method = based(SPEC, SMALL)
    examples = support((*BASE, *NOVEL), shots=1)
    method.fit_novel(examples)
    assert method.shown == (0, 1, 2, 3)
    for example in examples[2:]:
        batch, boxes, labels = scaled(method.network, example, "cpu")
        with torch.no_grad():
            shares = method._shares(trunk_features(batch, trunk_maps(method.network, batch.tensors), boxes))
        assert shares.argmax(dim=1).tolist() == labels
        torch.testing.assert_close(shares.sum(dim=1), torch.ones(1))


def test_boxes_are_the_detectors_proposals(based: Based) -> None:
    method = based(SPEC, SMALL)
    method.fit_novel(support(NOVEL))
    image = scene([0, 1], 7)
    told = method.detect([image.image])[0]
    batch, _, _ = scaled(method.network, image, "cpu")
    with torch.no_grad():
        boxes, objectness = proposals(method.network, batch, trunk_maps(method.network, batch.tensors))
    expected = {tuple(row) for row in boxes.numpy().round(3)}
    assert {tuple(row) for row in told.boxes.round(3)} <= expected
    assert set(told.labels) <= set(NOVEL)
    assert told.scores.max() <= objectness.max() + 1e-6
    theirs, _ = method.network.rpn(batch, method.network.backbone(batch.tensors))
    torch.testing.assert_close(boxes, theirs[0])


def test_without_an_example_nothing_is_told(based: Based) -> None:
    method = based(SPEC, SMALL)
    method.fit_novel(support(()))
    assert len(method.detect([scene([0], 7).image])[0].boxes) == 0


def test_of_boxes_of_one_class_that_overlap_the_likeliest_is_told() -> None:
    boxes = torch.tensor([[0.0, 0, 10, 10], [0, 0, 10, 9], [20, 20, 30, 30]])
    scores = torch.tensor([[0.5, 0.9], [0.6, 0.1], [0.2, 0.001]])
    told = best_of(boxes, scores, least=0.05, overlap=0.5, most=3)
    np.testing.assert_allclose(told["scores"].numpy(), [0.9, 0.6, 0.2])
    assert told["labels"].tolist() == [1, 0, 0]
    assert told["boxes"][:, 2].tolist() == [10, 10, 30]
