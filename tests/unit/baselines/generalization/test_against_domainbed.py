"""DomainBed's algorithms, step by step, against what `measure_domainbed.py` measured of DomainBed itself."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import numpy.typing as npt
import pytest
import torch
from tests.unit.baselines.generalization import matched

from farfield import parse_config
from farfield.config import schema_of
from farfield.runtime.dataset import ArraySource, group_by_group, in_order
from farfield.runtime.loops import EVALUATED_TOGETHER, classes_predicted
from farfield_baselines.generalization import causirl, mixup
from farfield_baselines.generalization.core import Environment, NetworkConfig, Setup
from farfield_baselines.generalization.listed import SPECS
from farfield_evaluators.suites.domainbed.registry import ALGORITHMS, algorithm_name

MEASURED: Mapping[str, Any] = json.loads(Path(__file__).with_name("domainbed.json").read_text(encoding="utf-8"))
OF_DOMAINBED = {algorithm_name(spec.name): spec for spec in SPECS if algorithm_name(spec.name) in MEASURED}


def algorithm(name: str) -> Any:
    spec: Any = OF_DOMAINBED[matched.algorithm_of(name)]
    wanted, known = matched.settings(name), schema_of(spec.config)["properties"]
    config: Any = parse_config(spec.config, {key: value for key, value in wanted.items() if key in known})
    setup = Setup(
        config=config, shape=matched.SHAPE, classes=matched.CLASSES, domains=matched.DOMAINS, batch=matched.BATCH
    )
    with mock.patch.object(NetworkConfig, "network", lambda self, shape: matched.Network(shape[0])):
        made = spec.build.algorithm(setup)
    for part, module in made.parts.items():
        if part != "average":  # ERM++'s, which takes the other parts' weights at the first step
            matched.fill(part, module)
    made.averaged_from = matched.ANNEAL + 1
    return made


def environments(step: int) -> list[Environment]:
    return [Environment(inputs=images, labels=labels) for images, labels in matched.minibatches(step)]


@cache
def trace(name: str) -> dict[str, Any]:
    """What ours gives: the losses of each step, logits after the last, and accuracies of each split by itself."""
    method = algorithm(name)
    with matched.matched_draws([(mixup, "drawn_share", matched.share), (causirl, "drawn_cut", matched.cut)]):
        losses = [method.update(environments(step)) for step in range(matched.STEPS)]
        logits = [method.predict(matched.test_images(count)).flatten() for count in matched.PREDICTED]
        accuracies = [accuracy(method, *part) for part in matched.splits()]
    return {"losses": losses, "logits": logits, "accuracies": accuracies}


def accuracy(method: Any, images: torch.Tensor, labels: torch.Tensor) -> float:
    hits = [method.predict(x).argmax(1) == y for x, y in matched.in_batches(images, labels)]
    return float(torch.cat(hits).float().mean())


def test_every_algorithm_that_domainbed_has_is_compared() -> None:
    assert set(OF_DOMAINBED) == {*matched.COMPARED, *matched.TRANSDUCTIVE} == set(ALGORITHMS)
    assert set(MEASURED) == {*ALGORITHMS, *matched.OTHERWISE}


@pytest.mark.parametrize("name", MEASURED)
def test_the_losses_of_six_steps_are_domainbeds_by_name_and_value(name: str) -> None:
    for step, (ours, theirs) in enumerate(zip(trace(name)["losses"], MEASURED[name]["losses"], strict=True)):
        assert {key: ours.get(key) for key in theirs} == pytest.approx(theirs, rel=2e-4, abs=1e-5), step
        assert not {"loss", "nll", "penalty", "gen_loss", "disc_loss"} & (ours.keys() - theirs.keys()), step


@pytest.mark.parametrize("name", MEASURED)
def test_what_is_predicted_then_is_domainbeds(name: str) -> None:
    for ours, theirs in zip(trace(name)["logits"], MEASURED[name]["logits"], strict=True):
        np.testing.assert_allclose(ours.numpy(), theirs, rtol=2e-3, atol=2e-4)


@pytest.mark.parametrize("name", MEASURED)
def test_accuracies_environment_by_environment_are_domainbeds(name: str) -> None:
    assert trace(name)["accuracies"] == pytest.approx(MEASURED[name]["accuracies"], abs=1e-6)


class AsStaged:
    """All splits in one stream, mixed, each in its order; and the method on what the stream gives."""

    def __init__(self, name: str) -> None:
        parts = list(matched.splits())
        numbers = np.repeat(np.arange(len(parts)), [len(labels) for _, labels in parts])
        self.groups = np.random.default_rng(5).permutation(numbers)
        order = np.empty(len(numbers), np.int64)
        for number in range(len(parts)):
            order[self.groups == number] = np.flatnonzero(numbers == number)
        self.labels = torch.cat([labels for _, labels in parts]).numpy()[order]
        self.source = ArraySource(torch.cat([images for images, _ in parts]).numpy()[order])
        self.method = algorithm(name)

    def predict(self, images: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        return np.asarray(self.method.predict(torch.from_numpy(images)).numpy())

    def accuracies(self, batches: Any) -> list[float]:
        hits = classes_predicted(self, self.source, matched.CLASSES, batches) == self.labels
        return [float(hits[self.groups == number].mean()) for number in np.unique(self.groups)]


@pytest.fixture
def each_group_as_it_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "farfield.runtime.dataset.np.random.default_rng", lambda _: mock.Mock(permutation=lambda rows: rows)
    )


@pytest.mark.parametrize("name", matched.TRANSDUCTIVE)
def test_the_runners_batches_give_a_transductive_method_domainbeds_accuracies(
    name: str, request: pytest.FixtureRequest
) -> None:
    staged = AsStaged(name)
    request.getfixturevalue("each_group_as_it_lies")
    with matched.matched_draws():
        for step in range(matched.STEPS):
            staged.method.update(environments(step))
        by_split = staged.accuracies(group_by_group(staged.groups, EVALUATED_TOGETHER, (0, 0)))
        mixed = staged.accuracies(in_order(staged.source, EVALUATED_TOGETHER))
    assert by_split == pytest.approx(MEASURED[name]["accuracies"], abs=1e-6)
    assert mixed != pytest.approx(MEASURED[name]["accuracies"], abs=1e-6)
