"""Priors, normalised classifiers and the heads: what they do to logits that can be said in a line."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from farfield_baselines.networks import long_tail

COUNTS = torch.tensor([90, 9, 1])
LOGITS, LABELS = torch.randn(6, 3, generator=torch.Generator().manual_seed(0)), torch.tensor([0, 0, 1, 1, 2, 2])


def test_the_balanced_softmax_is_the_cross_entropy_of_logits_plus_the_log_prior() -> None:
    adjusted = functional.cross_entropy(LOGITS + long_tail.log_prior(COUNTS), LABELS)
    torch.testing.assert_close(long_tail.balanced_softmax(LOGITS, LABELS, COUNTS), adjusted)


def test_balanced_counts_change_neither_loss_nor_ranks() -> None:
    even = torch.full((3,), 7)
    torch.testing.assert_close(
        long_tail.balanced_softmax(LOGITS, LABELS, even), functional.cross_entropy(LOGITS, LABELS)
    )
    assert torch.equal(long_tail.without_prior(LOGITS, even).argsort(), LOGITS.argsort())


def test_without_its_prior_a_posterior_is_the_likelihood() -> None:
    likelihood = torch.tensor([[0.2, 0.5, 0.3]])
    posterior = (likelihood * COUNTS / COUNTS.sum()).log()
    torch.testing.assert_close(long_tail.without_prior(posterior, COUNTS).softmax(1), likelihood)


def test_the_power_of_the_prior_is_the_strength_of_the_adjustment() -> None:
    torch.testing.assert_close(long_tail.log_prior(COUNTS, 2.0), 2.0 * long_tail.log_prior(COUNTS))
    assert long_tail.without_prior(LOGITS, COUNTS, 0.0).equal(LOGITS)


def test_a_class_without_training_images_never_wins_and_never_breaks_the_loss() -> None:
    counts = torch.tensor([90, 10, 0])
    assert (long_tail.without_prior(LOGITS, counts).argmax(1) < 2).all()
    logits = LOGITS.clone().requires_grad_()
    long_tail.balanced_softmax(logits[:4], LABELS[:4], counts).backward()
    assert logits.grad is not None
    assert logits.grad.isfinite().all()
    assert (logits.grad[:, 2] == 0).all()


def test_tau_one_gives_rows_of_length_one_and_leaves_a_row_of_zeros() -> None:
    weight = torch.tensor([[3.0, 4.0], [0.0, 0.0]])
    torch.testing.assert_close(long_tail.tau_normalised(weight, 1.0), torch.tensor([[0.6, 0.8], [0.0, 0.0]]))


def test_a_scaled_head_trains_nothing_but_its_scales() -> None:
    linear = nn.Linear(4, 3)
    head, features = long_tail.ScaledHead(linear, 3), torch.randn(5, 4)
    torch.testing.assert_close(head(features), linear(features))
    assert [name for name, p in head.named_parameters() if p.requires_grad] == ["scales"]
    head.scales.data = torch.tensor([1.0, 2.0, -1.0])
    torch.testing.assert_close(head(features), linear(features) * torch.tensor([1.0, 2.0, -1.0]))


@pytest.fixture
def causal() -> long_tail.CausalHead:
    head = long_tail.CausalHead(8, 3, heads=2, tau=16.0, gamma=1 / 32, alpha=1.0)
    head.remember(torch.arange(8.0).repeat(4, 1) + 1.0, 0.9)
    return head


def test_at_alpha_one_a_feature_along_the_mean_says_nothing(causal: long_tail.CausalHead) -> None:
    along = 3.0 * (torch.arange(8.0) + 1.0)[None]
    assert causal.effect(along).abs().max() < 1e-5 < causal(along).abs().max()


def test_at_alpha_zero_or_without_a_mean_the_effect_is_the_training_logits(causal: long_tail.CausalHead) -> None:
    features = torch.randn(5, 8)
    causal.alpha.fill_(0.0)
    torch.testing.assert_close(causal.effect(features), causal(features))
    causal.alpha.fill_(3.0)
    causal.mean.zero_()
    torch.testing.assert_close(causal.effect(features), causal(features))


def test_neither_the_length_of_features_nor_that_of_the_mean_matters(causal: long_tail.CausalHead) -> None:
    features = torch.randn(5, 8)
    before = causal.effect(features)
    causal.mean.mul_(7.0)
    torch.testing.assert_close(causal.effect(2.0 * features), before)


def test_the_mean_moves_by_its_momentum(causal: long_tail.CausalHead) -> None:
    before = causal.mean.clone()
    causal.remember(torch.ones(2, 8), 0.5)
    torch.testing.assert_close(causal.mean, 0.5 * before + 1.0)


def test_heads_that_do_not_divide_the_width_are_refused() -> None:
    with pytest.raises(ValueError, match="heads: 3 heads do not divide 8 features"):
        long_tail.CausalHead(8, 3, heads=3, tau=16.0, gamma=1 / 32, alpha=3.0)


def test_the_penalty_is_nothing_where_no_scale_would_lower_the_risk() -> None:
    assert long_tail.invariance_penalty(torch.zeros(4, 3), LABELS[:4]) == 0.0
    assert long_tail.invariance_penalty(LOGITS, LABELS) > 0.0


def test_centres_come_to_rest_in_the_means_of_their_classes() -> None:
    centres, features = long_tail.Centres(3, 4), torch.randn(6, 4)
    for _ in range(60):
        centres.follow(features, LABELS, 0.5)
    torch.testing.assert_close(centres.values, features.view(3, 2, 4).mean(1))
    spread = (features.view(3, 2, 4) - centres.values[:, None]).square().sum(2).mean()
    torch.testing.assert_close(centres(features, LABELS), spread)
