"""SMOS: its divergences, what its loss is made of, and where the precursor comes from."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional

from farfield_baselines.generalization import smos
from farfield_baselines.generalization.core import cross_entropy, pooled
from farfield_baselines.networks.featurizers import Featurizer, stage_outputs

Make = Callable[..., Any]


def staged() -> Featurizer:
    """A small network with a stem and two stages whose features are above zero, as a ResNet's."""
    torch.manual_seed(3)
    stem, first, second = (
        nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()),
        nn.Sequential(nn.Conv2d(4, 5, 3), nn.ReLU()),
        nn.Sequential(nn.Conv2d(5, 6, 3), nn.Softplus()),
    )
    tower = nn.Sequential(stem, first, second, nn.AdaptiveAvgPool2d(1), nn.Flatten())
    built = Featurizer(tower, 6, stages=(first, second))
    built.stem = (stem,)
    return built


@pytest.fixture
def student(make: Make, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    monkeypatch.setattr(smos.SMOSConfig, "network", lambda _self, _shape: staged())
    return lambda **settings: make(smos.SMOS, smos.SPEC, shape=(3, 16, 16), **settings)


def test_the_divergences_are_torchs_of_raw_features() -> None:
    """As the release takes them: what stands for a logarithm is a feature itself."""
    first, second = torch.rand(4, 5), torch.rand(4, 5)
    middle = (first + second) / 2
    torch.testing.assert_close(smos.raw_kl(first, second), functional.kl_div(first, second, reduction="none").mean())
    both = sum(functional.kl_div(one, middle, reduction="none").mean() for one in (first, second))
    torch.testing.assert_close(smos.raw_js(first, second), both / 2)


def test_features_that_are_zero_on_both_sides_leave_the_gradient_finite() -> None:
    features = torch.zeros(2, 3, requires_grad=True)
    (slope,) = torch.autograd.grad(smos.raw_js(torch.zeros(2, 3), features), features)
    assert slope.isfinite().all()


@pytest.mark.parametrize("divergence", ["js", "kl"])
def test_the_loss_by_hand(student: Callable[..., Any], pictures: Any, divergence: str) -> None:
    method = student(smos_divergence=divergence, smos_weight=0.2, smos_factor=4.0)
    with torch.no_grad():
        for parameter in method.featurizer.parameters():
            parameter.add_(0.01)
    inputs, labels = pooled(pictures)
    loss, terms = method.objective(pictures)
    features, stages = stage_outputs(method.featurizer, inputs, stem=True)
    before, earlier = stage_outputs(method.teacher, inputs, stem=True)
    assert [stage.shape[1] for stage in stages] == [4, 5, 6, 6]
    bound = sum(
        0.5 * ((now - then).square() / 0.1 + torch.tensor(0.1).log()).mean()
        for now, then in zip(stages[:3], earlier[:3], strict=True)
    )
    apart = smos.DIVERGENCES[divergence](before, features)
    risk = cross_entropy(method.classifier(features), labels)
    torch.testing.assert_close(loss, risk + 0.2 / 4.0 * bound + 0.2 * apart)
    assert terms.keys() == {"nll", "penalty", "feat_loss"}
    # The stages' variances are trained at so many times the rate, and the precursor is not.
    assert [group["lr"] for group in method.optimizer.param_groups] == pytest.approx([5e-5, 2e-4])
    loss.backward()
    assert all(parameter.grad is None for parameter in method.teacher.parameters())


def test_the_precursor_comes_from_its_file(make: Make, tmp_path: Path) -> None:
    file = tmp_path / "precursor.pt"
    torch.manual_seed(9)
    from torchvision import models

    network = models.resnet18(weights=None)
    torch.save(network.state_dict(), file)
    method = make(smos.SMOS, smos.SPEC, shape=(3, 64, 64), featurizer="resnet18", precursor=str(file))
    theirs, ours = network.conv1.weight, method.teacher.tower.conv1.weight
    assert torch.equal(theirs, ours)
    assert not torch.equal(ours, method.featurizer.tower.conv1.weight)
    assert len(method.spreads) == 5  # the stem and the four blocks
