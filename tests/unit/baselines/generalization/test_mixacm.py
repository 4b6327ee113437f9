"""MixACM: channel maps by hand, and a loss of mixup's risk and their distance from the teacher's."""

from collections.abc import Callable
from typing import Any

import torch

from farfield_baselines.generalization import mixacm
from farfield_baselines.generalization.core import cross_entropy, pooled
from farfield_baselines.networks.featurizers import stage_outputs

Make = Callable[..., Any]


def test_a_channels_map_is_the_mean_of_its_positive_part_of_unit_length() -> None:
    outputs = torch.tensor([[[[3.0, -5.0], [3.0, 0.0]], [[2.0, 2.0], [-1.0, 4.0]]]])
    torch.testing.assert_close(mixacm.channel_map(outputs), torch.tensor([[0.6, 0.8]]))
    torch.testing.assert_close(mixacm.channel_map(torch.tensor([[4.0, -9.0, 3.0]])), torch.tensor([[0.8, 0.0, 0.6]]))


def test_the_loss_without_mixing_is_the_risk_and_the_distance_of_the_maps(make: Make, environments: Any) -> None:
    method = make(mixacm.MixACM, mixacm.SPEC, mixup_alpha=0.0, mixacm_weight=3.0)
    inputs, labels = pooled(environments)
    loss, terms = method.objective(environments)
    assert float(terms["penalty"].detach()) == 0.0  # the teacher is the student as it starts
    with torch.no_grad():
        for parameter in method.featurizer.parameters():
            parameter.add_(0.05)
    loss, terms = method.objective(environments)
    (_, now), (_, then) = (stage_outputs(net, inputs) for net in (method.featurizer, method.teacher))
    gaps = [
        (mixacm.channel_map(a) - mixacm.channel_map(b)).square().sum(1).mean() for a, b in zip(now, then, strict=True)
    ]
    torch.testing.assert_close(loss, cross_entropy(method.logits(inputs), labels) + 3.0 * torch.stack(gaps).mean())
    assert float(terms["penalty"].detach()) > 0
    assert not any(parameter.requires_grad for parameter in method.teacher.parameters())
