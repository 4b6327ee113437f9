"""ARM and MTL, as DomainBed has them and by their papers: what of a batch reaches each of its images."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from farfield_baselines.generalization import arm, arm_cml, mtl, mtl_mean
from farfield_baselines.generalization.core import cross_entropy

Make = Callable[..., Any]
IMAGE = (3, 16, 16)


def test_arm_cmls_context_is_the_mean_map_of_the_batch(make: Make, pictures: Any) -> None:
    method = make(arm_cml.ARMCML, arm_cml.SPEC, shape=IMAGE)
    method.parts.eval()
    inputs = pictures[0].inputs
    seen = method.with_context(inputs)
    assert seen.shape == (6, 4, 16, 16)
    torch.testing.assert_close(seen[:, :3], inputs)
    alone = torch.cat([method.context_net(image[None]) for image in inputs]).mean(0)
    for row in seen[:, 3:]:
        torch.testing.assert_close(row, alone, rtol=1e-4, atol=1e-5)


def test_arm_cml_adapts_to_the_batch_and_each_domain_has_its_own_context(make: Make, pictures: Any) -> None:
    method = make(arm_cml.ARMCML, arm_cml.SPEC, shape=IMAGE)
    dark, light = 0.2 * pictures[0].inputs, pictures[1].inputs
    with_dark = method.predict(torch.cat([light[:1], dark]))[0]
    with_light = method.predict(light)[0]
    assert (with_dark - with_light).abs().max() > 1e-4
    method.parts.eval()
    loss, _ = method.objective(pictures)
    logits = torch.cat([method.logits(e.inputs) for e in pictures])
    torch.testing.assert_close(loss, cross_entropy(logits, torch.cat([e.labels for e in pictures])))


def test_arm_cmls_context_network_is_trained(make: Make, pictures: Any) -> None:
    method = make(arm_cml.ARMCML, arm_cml.SPEC, shape=IMAGE, lr=1e-2)
    before = method.context_net[0].weight.detach().clone()
    method.update(pictures)
    assert not torch.equal(before, method.context_net[0].weight)


def test_mtl_means_embeddings_are_moving_means(make: Make, environments: Any) -> None:
    method = make(mtl_mean.MTLMean, mtl_mean.SPEC, mtl_ema=0.7, lr=1e-2)
    expected = np.zeros((3, 256))
    for _ in range(3):
        means = np.stack([method.featurizer(e.inputs).mean(0).detach().numpy() for e in environments])
        expected = 0.7 * means + 0.3 * expected
        method.update(environments)
        np.testing.assert_allclose(method.embeddings.numpy(), expected, rtol=1e-4, atol=1e-6)


def test_mtl_mean_predicts_beside_the_mean_of_the_test_batch(make: Make, environments: Any) -> None:
    method = make(mtl_mean.MTLMean, mtl_mean.SPEC)
    method.update(environments)
    inputs = environments[0].inputs
    features = method.featurizer(inputs).detach()
    beside = torch.cat([features, features.mean(0).repeat(len(features), 1)], dim=1)
    torch.testing.assert_close(method.predict(inputs), method.classifier(beside).detach())


def test_mtl_means_gradient_passes_through_the_embedding(make: Make, environments: Any) -> None:
    method = make(mtl_mean.MTLMean, mtl_mean.SPEC)
    features = method.featurizer(environments[0].inputs).detach().requires_grad_()
    slope = torch.autograd.grad(method.embedding(0, features).sum(), features)[0]
    torch.testing.assert_close(slope, torch.full_like(slope, 0.99 / len(features)))
    assert not method.embeddings.requires_grad


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_mtl_mean_at_the_ends_of_its_mean(make: Make, environments: Any, share: float) -> None:
    method = make(mtl_mean.MTLMean, mtl_mean.SPEC, mtl_ema=share)
    mean = method.featurizer(environments[0].inputs).mean(0).detach()
    method.update(environments)
    torch.testing.assert_close(method.embeddings[0], share * mean)


def test_arms_context_network_is_in_no_optimizer_and_only_its_statistics_move(make: Make, pictures: Any) -> None:
    method = make(arm.ARM, arm.SPEC, shape=IMAGE, lr=1e-2)
    assert not {*map(id, method.context_net.parameters())} & {*map(id, method.parameters())}
    before = {name: value.clone() for name, value in method.context_net.state_dict().items()}
    method.update(pictures)
    for name, value in method.context_net.state_dict().items():
        assert torch.equal(value, before[name]) == ("running" not in name and "batches" not in name), name


@pytest.mark.parametrize(("count", "blocks"), [(12, 2), (6, 1), (5, 1), (7, 1)])
def test_arm_predicts_in_blocks_where_the_batch_divides_by_one(
    make: Make, pictures: Any, count: int, blocks: int
) -> None:
    method = make(arm.ARM, arm.SPEC, shape=IMAGE, batch=6)
    inputs = torch.cat([pictures[0].inputs, pictures[1].inputs])[:count]
    method.parts.eval()
    added = method.with_context(inputs)[:, 3]
    assert len(torch.unique(added.flatten(1), dim=0)) == blocks
    torch.testing.assert_close(added[0], method.context_net(inputs)[: count // blocks, 0].mean(0))


def test_mtl_predicts_beside_noise_whatever_the_batch(make: Make, environments: Any) -> None:
    method = make(mtl.MTL, mtl.SPEC)
    inputs = environments[0].inputs
    predicted = []
    for _ in range(2):
        torch.manual_seed(4)
        predicted.append(method.predict(inputs))
    assert torch.equal(*predicted)
    assert not torch.equal(predicted[0], method.predict(inputs))


def test_mtls_loss_is_a_sum_over_domains(make: Make, environments: Any) -> None:
    method = make(mtl.MTL, mtl.SPEC)
    losses = []
    for several in (environments[:1], environments[:1] * 3):
        torch.manual_seed(4)
        losses.append(float(method.objective(several)[0].detach()))
    assert losses[1] > 2 * losses[0]
