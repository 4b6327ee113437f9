"""BatchFormer: there in training, gone at prediction."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from farfield_baselines.generalization import batchformer
from farfield_baselines.generalization.core import cross_entropy, pooled

Make = Callable[..., Any]


def test_a_prediction_does_not_depend_on_the_batch_nor_on_the_transformer(make: Make, environments: Any) -> None:
    method = make(batchformer.BatchFormer, batchformer.SPEC)
    method.update(environments)
    inputs = environments[0].inputs
    together = method.predict(inputs)
    torch.testing.assert_close(torch.cat([method.predict(row[None]) for row in inputs]), together)
    torch.testing.assert_close(together, method.classifier(method.featurizer(inputs)).detach())
    torch.nn.init.constant_(method.encoder.linear1.weight, 3.0)
    torch.testing.assert_close(method.predict(inputs), together)


def test_in_training_the_images_of_all_domains_see_each_other(make: Make, environments: Any) -> None:
    method = make(batchformer.BatchFormer, batchformer.SPEC, batchformer_dropout=0.0)
    features = method.featurizer(pooled(environments)[0]).detach().requires_grad_()
    slope = torch.autograd.grad(method.mixed(features)[0, :5].square().sum(), features)[0]
    assert (slope.abs().sum(1) > 0).all()


def test_the_transformer_knows_no_order(make: Make, environments: Any) -> None:
    method = make(batchformer.BatchFormer, batchformer.SPEC, batchformer_dropout=0.0)
    features = method.featurizer(pooled(environments)[0]).detach()
    order = torch.randperm(len(features))
    torch.testing.assert_close(method.mixed(features[order]), method.mixed(features)[order], rtol=1e-4, atol=1e-5)


def test_the_loss_is_the_mean_of_both_streams_through_one_classifier(make: Make, environments: Any) -> None:
    method = make(batchformer.BatchFormer, batchformer.SPEC, batchformer_dropout=0.0)
    inputs, labels = pooled(environments)
    features = method.featurizer(inputs)
    streams = [cross_entropy(method.classifier(f), labels) for f in (features, method.mixed(features))]
    loss, _ = method.objective(environments)
    torch.testing.assert_close(loss, torch.stack(streams).mean())


def test_the_transformer_is_trained(make: Make, environments: Any) -> None:
    method = make(batchformer.BatchFormer, batchformer.SPEC, lr=1e-2)
    before = method.encoder.linear1.weight.detach().clone()
    method.update(environments)
    assert not torch.equal(before, method.encoder.linear1.weight)


def test_heads_that_do_not_divide_the_width_are_refused(make: Make) -> None:
    with pytest.raises(ValueError, match="batchformer_heads: 3 heads do not divide 256 features"):
        make(batchformer.BatchFormer, batchformer.SPEC, batchformer_heads=3)
