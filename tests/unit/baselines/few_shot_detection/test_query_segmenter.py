"""The network: what is hidden from queries, which places are picked, and of what outputs do not depend."""

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from tests.unit.baselines.few_shot_detection.made import base_set

from farfield.errors import ConfigError
from farfield_baselines.few_shot_detection.reft_training import in_frames
from farfield_baselines.networks.query_segmenter import QuerySegmenter, Sizes
from farfield_baselines.networks.query_segmenter_decoder import ClassHead, hidden_from, peaks
from farfield_baselines.networks.query_segmenter_reference import Support
from farfield_baselines.networks.seeding import seeded

SMALL = {"trunk": "lite0", "classes": 4, "width": 16, "layers": 2, "hidden": 16, "queries": 6}


def network(**changes: Any) -> QuerySegmenter:
    with seeded("cpu", 0):
        return QuerySegmenter(Sizes(**{**SMALL, **changes})).eval()


PIXELS = in_frames(list(base_set(3)), 64, "cpu").pixels


def test_places_outside_a_mask_are_hidden_and_none_where_it_is_empty() -> None:
    masks = torch.full((1, 2, 4, 4), -1.0)
    masks[0, 0, :2, :2] = 1.0
    hidden = hidden_from(masks, (2, 2))
    assert hidden.tolist() == [[[False, True, True, True], [False] * 4]]


def test_queries_are_picked_at_the_highest_places_around() -> None:
    logits = torch.zeros(1, 5, 5)
    logits[0, 1, 1], logits[0, 1, 2], logits[0, 4, 4] = 3.0, 2.5, 2.0
    assert set(peaks(logits, 2)[0].tolist()) == {6, 24}  # not 7, which is beside a higher one
    assert peaks(logits, 100).shape == (1, 25)


@pytest.mark.parametrize("cosine", [True, False])
def test_rows_of_the_classifier_are_the_classes_whatever_their_order(cosine: bool) -> None:
    with seeded("cpu", 0):
        head, queries = ClassHead(16, 4, cosine), torch.randn(2, 3, 16)
    order = torch.tensor([2, 0, 3, 1, 4])
    before = head(queries)
    head.weight.data = head.weight.data[order]
    torch.testing.assert_close(head(queries), before[..., order])


def test_a_class_that_is_not_open_cannot_be() -> None:
    head = ClassHead(16, 4, cosine=True)
    head.get_buffer("open")[1] = False
    likely = head(torch.randn(2, 3, 16)).softmax(dim=-1)
    assert likely[..., 1].max() == 0
    assert likely[..., [0, 2, 3, 4]].min() > 0


@torch.no_grad()
def test_every_layer_speaks_and_an_image_by_itself_says_the_same() -> None:
    made = network()
    both, alone = made(made.maps(PIXELS)), made(made.maps(PIXELS[1:2]))
    assert len(both.layers) == 3
    assert both.last.classes.shape == (3, 6, 5)
    assert both.last.masks.shape == (3, 6, 16, 16)
    torch.testing.assert_close(both.last.masks[1:2], alone.last.masks, rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(both.last.classes[1:2], alone.last.classes, rtol=1e-3, atol=1e-3)


@torch.no_grad()
def test_a_support_set_matters_once_the_parts_have_learned() -> None:
    made = network()
    known = Support(centres=torch.randn(4, 16), present=torch.ones(4, dtype=torch.bool), queries=torch.randn(2, 16))
    maps = made.maps(PIXELS)
    plain = made(maps).last
    torch.testing.assert_close(made(maps, known).last.classes, plain.classes)
    torch.nn.init.normal_(made.reference.weighting.weights.weight)
    assert (made(maps, known).last.masks - plain.masks).abs().max() > 0.01


def test_the_trunk_of_the_small_one_stays() -> None:
    made = network().train()
    assert not made.backbone.trunk.training
    assert not any(parameter.requires_grad for parameter in made.backbone.parameters())
    assert all(parameter.requires_grad for parameter in made.decoder.parameters())


def large(path: str) -> QuerySegmenter:
    return network(trunk="resnet50", picked=False, cosine=False, weights=path)


@torch.no_grad()
def test_with_a_resnet_queries_are_learned_and_weights_come_from_a_file(tmp_path: Path) -> None:
    first = large("")
    body = {name: tensor for name, tensor in first.backbone.body.state_dict().items() if "num_batches" not in name}
    save_file({name: tensor + 0.01 for name, tensor in body.items()}, tmp_path / "imagenet.safetensors")
    made = large(str(tmp_path / "imagenet.safetensors"))
    torch.testing.assert_close(made.backbone.body.conv1.weight, first.backbone.body.conv1.weight + 0.01)
    output = first(first.maps(PIXELS[:1]))
    assert output.middles is None
    assert output.last.masks.shape == (1, 6, 16, 16)


def test_a_file_without_all_of_a_resnet_is_refused(tmp_path: Path) -> None:
    save_file({"conv1.weight": torch.zeros(64, 3, 7, 7)}, tmp_path / "part.safetensors")
    with pytest.raises(ConfigError, match="weights: part.safetensors does not fit the model: Missing key"):
        large(str(tmp_path / "part.safetensors"))
