"""The losses of domain unlearning by hand, and that a domain is forgotten which is to be."""

from typing import Any

import numpy as np
import torch

from farfield import RunContext, parse_config
from farfield.runtime.dataset import ArraySource, LabeledSet
from farfield_baselines.classification.adu_probe import SPEC, AduProbe
from farfield_baselines.networks import unlearning


def test_the_loss_is_its_four_terms() -> None:
    torch.manual_seed(0)
    network = unlearning.Unlearner(6, 4, 3, 2)
    features = torch.nn.functional.normalize(torch.randn(5, 6))
    given = unlearning.Given(labels=torch.tensor([0, 2, 1]), domains=torch.tensor([0, 0, 1, 1, 1]))
    moved = network(features)
    logits = network.classes(moved).log_softmax(1)
    even = -(logits[3:] * (1 / 3)).sum(1).mean()
    kept = -logits[torch.arange(3), given.labels].mean()
    told = -network.domains(moved).log_softmax(1)[torch.arange(5), given.domains].mean()
    gap = unlearning.apart(torch.nn.functional.normalize(moved), given.domains)
    found = unlearning.objective(network, features, given, domain=30.0, mmd=10.0)
    torch.testing.assert_close(found, kept + even + 30.0 * told - 10.0 * gap)


def test_domains_are_as_far_apart_as_their_means_under_the_kernel() -> None:
    features = torch.nn.functional.normalize(torch.randn(6, 4, generator=torch.Generator().manual_seed(1)))
    domains = torch.tensor([0, 0, 0, 1, 1, 2])
    squared = (features[:, None] - features[None]).square().sum(-1)
    kernel = torch.exp(-squared / squared.mean())
    one_hot = torch.nn.functional.one_hot(domains).float()
    weights = one_hot / one_hot.sum(0)
    gaps = [(d := weights[:, i] - weights[:, j]) @ kernel @ d for i, j in ((0, 1), (0, 2), (1, 2))]
    torch.testing.assert_close(unlearning.apart(features, domains), torch.stack(gaps).mean(), atol=1e-5, rtol=1e-4)
    assert unlearning.apart(features[:3], domains[:3]) == 0


def _part(domain: int, seed: int = 0, count: int = 24) -> LabeledSet:
    """Three classes along three axes; the domain adds an offset along a fourth or a fifth."""
    labels = np.arange(count) % 3
    rows = 0.2 * np.random.default_rng(seed).standard_normal((count, 8)).astype(np.float32)
    rows[np.arange(count), labels] += 1.0
    rows[:, 4 + domain] += 1.0
    return LabeledSet(ArraySource(rows), labels, np.full(count, domain))


def _accuracy(method: Any, part: LabeledSet) -> float:
    batch = part.take(np.arange(len(part)))
    return float((method.predict(batch.inputs).argmax(1) == batch.labels).mean())


def _method() -> AduProbe:
    config = parse_config(SPEC.config, {"steps": 200, "lr": 5e-3, "width": 32})
    return AduProbe(RunContext(config=config, class_names=("a", "b", "c"), seed=0))


def test_a_domain_to_be_forgotten_is_and_the_other_is_not() -> None:
    kept, forgotten = _part(0, seed=5), _part(1, seed=5)
    method, plain = _method(), _method()
    method.fit(_part(0), forget=_part(1, seed=1))
    plain.fit(_part(0))
    assert _accuracy(method, kept) > 0.9
    assert _accuracy(plain, forgotten) > 0.9
    assert _accuracy(method, forgotten) < 0.7  # a third by chance
