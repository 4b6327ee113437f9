"""iMTFA: novel classes are means of embeddings, and base classes do not change."""

import numpy as np
import torch
from tests.unit.baselines.few_shot_detection.conftest import Based, built
from tests.unit.baselines.few_shot_detection.made import BASE, NOVEL, SMALL, base_set, scene, support

from farfield.families.toys import Scenes
from farfield_baselines.few_shot_detection import imtfa
from farfield_baselines.few_shot_detection.regions import embeddings

SETTINGS = {**SMALL, "cosine_steps": 2}
WEIGHT = "roi_heads.box_predictor.cls_score.weight"


def test_novel_weights_are_mean_embeddings_and_base_weights_stay(based: Based) -> None:
    method = based(imtfa.SPEC, SETTINGS)
    before = {name: tensor.clone() for name, tensor in method.network.state_dict().items()}
    examples = support(NOVEL, shots=2)
    expected = []
    for place in (0, 2):
        rows = [embeddings(method.network, examples[number], "cpu")[1][0] for number in (place, place + 1)]
        expected.append(torch.stack([row / row.norm() for row in rows]).mean(dim=0))
    method.fit_novel(examples)
    after = method.network.state_dict()
    assert method.shown == (*BASE, *NOVEL)
    torch.testing.assert_close(after[WEIGHT][3:], torch.stack(expected), rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(after[WEIGHT][:3], before.pop(WEIGHT), rtol=0, atol=0)
    assert all(torch.equal(after[name], tensor) for name, tensor in before.items())


def test_base_examples_of_a_support_set_change_nothing(based: Based) -> None:
    alone, beside = (based(imtfa.SPEC, SETTINGS) for _ in range(2))
    alone.fit_novel(support(NOVEL))
    beside.fit_novel(Scenes([*support(BASE), *support(NOVEL)]))
    torch.testing.assert_close(alone.network.state_dict(), beside.network.state_dict(), rtol=0, atol=0)


def test_novel_classes_alone_are_detected_if_asked_and_those_without_an_example_never(based: Based) -> None:
    method = based(imtfa.SPEC, {**SETTINGS, "classes": "support"}, masks=True)
    method.fit_novel(support([3]))
    method.network.roi_heads.score_thresh = 0.0
    told = method.detect([scene([0, 3], 7).image])[0]
    assert set(told.labels) == {3}
    assert told.masks is not None
    assert told.masks.shape == (len(told.labels), 64, 64)


def test_the_cosine_phase_trains_the_box_head_alone() -> None:
    method = built(imtfa.SPEC, SETTINGS)
    trained: list[set[str]] = []

    def noted(*_: object) -> None:
        named = method.network.named_parameters()
        trained.append({".".join(name.split(".")[:2]) for name, parameter in named if parameter.requires_grad})

    method.train = noted
    method.fit_base(base_set())
    everything, second = trained
    assert {"backbone.pyramid", "rpn.head", "roi_heads.box_head", "roi_heads.box_predictor"} == everything
    assert second == {"roi_heads.box_head", "roi_heads.box_predictor"}
    assert np.isclose(method.network.roi_heads.box_predictor.scale, 20.0)
