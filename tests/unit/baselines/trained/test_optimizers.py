"""Kind: schedules that end elsewhere than they should."""

from types import SimpleNamespace

import pytest
import torch

from farfield_baselines.trained.optimizers import factor, optimizer


def config(**values: object) -> SimpleNamespace:
    return SimpleNamespace(
        **{"schedule": "none", "gamma": 0.96, "warm_up": 0, "momentum": 0.9, "weight_decay": 0.1, **values}
    )


@pytest.mark.parametrize(
    ("schedule", "step", "epoch", "expected"),
    [
        ("none", 70, 3, 1.0),
        ("step", 70, 3, 0.96**3),
        ("cosine", 5, 0, 0.5),
        ("cosine", 10, 0, 1.0),
        ("cosine", 55, 0, 0.5),
        ("linear", 55, 0, 0.5),
        ("linear", 100, 0, 0.0),
        ("fixmatch", 50, 0, 6.0**-0.75),
    ],
)
def test_the_rate_at_a_step(schedule: str, step: int, epoch: int, expected: float) -> None:
    assert factor(config(schedule=schedule, warm_up=10), step, 100, epoch) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "kind"), [("adam", torch.optim.Adam), ("adamw", torch.optim.AdamW), ("sgd", torch.optim.SGD)]
)
def test_each_group_has_its_rate(name: str, kind: type) -> None:
    weights = [torch.zeros(1, requires_grad=True) for _ in range(2)]
    groups = [{"params": [w], "lr": rate} for w, rate in zip(weights, (0.1, 0.2), strict=True)]
    made = optimizer(groups, config(optimizer=name))
    assert type(made) is kind
    assert [group["lr"] for group in made.param_groups] == [0.1, 0.2]
    assert {group["weight_decay"] for group in made.param_groups} == {0.1}
