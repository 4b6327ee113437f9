"""Mixup: its mixtures, its pairs and its limit."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from farfield_baselines.generalization import mixup
from farfield_baselines.generalization.core import Environment, cross_entropy, risks

Make = Callable[..., Any]


def test_alpha_0_is_erm(make: Make, environments: Any) -> None:
    method = make(mixup.Mixup, mixup.SPEC, mixup_alpha=0.0)
    equal = [Environment(inputs=e.inputs[:6], labels=e.labels[:6]) for e in environments]
    loss, _ = method.objective(equal)
    torch.testing.assert_close(loss, risks(method, equal).mean())


def test_a_small_alpha_hardly_mixes_and_a_large_one_halves() -> None:
    torch.manual_seed(0)
    shares = torch.tensor([mixup.drawn_share(1e-3) for _ in range(300)])
    assert float(torch.minimum(shares, 1 - shares).mean()) < 0.01
    assert 0.4 < float(shares.mean()) < 0.6
    shares = torch.tensor([mixup.drawn_share(50.0) for _ in range(300)])
    assert float((shares - 0.5).abs().mean()) < 0.05


def test_the_loss_is_that_of_the_mixture(make: Make, environments: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    method = make(mixup.Mixup, mixup.SPEC)
    first, second = environments[0], environments[2]
    monkeypatch.setattr(mixup, "drawn_share", lambda _: 0.3)
    monkeypatch.setattr(mixup, "paired", lambda _: [(first, second)])
    loss, _ = method.objective(environments)
    logits = method.logits(0.3 * first.inputs + 0.7 * second.inputs)
    soft = 0.3 * torch.eye(3)[first.labels] + 0.7 * torch.eye(3)[second.labels]
    torch.testing.assert_close(loss, cross_entropy(logits, soft))


def test_every_domain_is_mixed_with_another_and_both_are_cut_to_the_shorter(environments: Any) -> None:
    torch.manual_seed(1)
    pairs = mixup.paired(environments)
    lengths = sorted(len(a.labels) for a, _ in pairs)
    assert lengths == [6, 6, 8]
    firsts = {float(a.inputs[0, 0]) for a, _ in pairs}
    seconds = {float(b.inputs[0, 0]) for _, b in pairs}
    assert firsts == seconds == {float(e.inputs[0, 0]) for e in environments}
    assert all(float(a.inputs[0, 0]) != float(b.inputs[0, 0]) for a, b in pairs)
