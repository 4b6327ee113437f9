"""CLIP_benchmark's own training and search, run on a processor on random features, give the same linear probe."""

from typing import Any

import numpy as np
import pytest
import torch
from clip_benchmark.metrics import linear_probe as theirs
from torch.utils.data import DataLoader

from farfield import RunContext
from farfield_baselines.networks import adamw_probe as ours
from farfield_baselines.probe import by_adamw

IMAGES, DIM, CLASSES = 150, 6, 4


@pytest.fixture(autouse=True)
def on_a_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Theirs asks for CUDA, and counts in a way that NumPy 2.4 refuses."""
    for kind in (torch.nn.Module, torch.Tensor):
        monkeypatch.setattr(kind, "cuda", lambda self: self)

    def accuracy(output: Any, target: Any, topk: tuple[int, ...]) -> list[float]:
        return [float((output.argmax(dim=1) == target).float().mean())]

    monkeypatch.setattr(theirs, "accuracy", accuracy)


def drawn(count: int, seed: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, CLASSES, count)
    labels[:CLASSES] = np.arange(CLASSES)
    features = np.eye(CLASSES, DIM)[labels] + rng.normal(size=(count, DIM))
    return (features / np.linalg.norm(features, axis=1, keepdims=True)).astype(np.float32), labels


def loader(features: Any, labels: Any) -> Any:
    pairs = theirs.FeatureDataset(torch.from_numpy(features), torch.from_numpy(labels))
    return DataLoader(pairs, ours.BATCH, shuffle=True)


@pytest.mark.parametrize("decay", [0.0, 0.03])
def test_the_weights_are_those_of_clip_benchmarks_linear_probe(decay: float) -> None:
    features, labels = drawn(IMAGES, 0)
    model = theirs.train(
        loader(features, labels), DIM, CLASSES, decay, ours.LEARNING_RATE, ours.EPOCHS, False, "cpu", 7
    )
    layer = model.module
    weight, bias = ours.fit(features, labels, decay, 7)
    np.testing.assert_allclose(weight, layer.weight.detach().numpy(), atol=1e-5)
    np.testing.assert_allclose(bias, layer.bias.detach().numpy(), atol=1e-5)


def test_the_weight_decay_is_searched_for_as_there(monkeypatch: pytest.MonkeyPatch) -> None:
    heights = np.random.default_rng(5).random(len(ours.DECAYS))
    monkeypatch.setattr(theirs, "train", lambda *args: args[3])
    monkeypatch.setattr(
        theirs, "infer", lambda decay, *rest: (torch.tensor(heights[ours.DECAYS.index(decay)]), torch.tensor(0))
    )
    monkeypatch.setattr(theirs, "accuracy", lambda output, target, topk: [float(output)])
    wanted = [place for place, decay in enumerate(ours.DECAYS) if decay in np.logspace(-6, 2, num=7).tolist()]
    rest = (None, None, 1, 1, 0.1, 1, False, "cpu", False, 0)
    peak, span = theirs.find_peak(list(ours.DECAYS), wanted, *rest), 8
    while span:
        around = [max(peak - span, 0), peak, min(peak + span, 96)]
        peak, span = theirs.find_peak(list(ours.DECAYS), around, *rest), span // 2
    assert ours.chosen_decay(lambda decay: float(heights[ours.DECAYS.index(decay)])) == ours.DECAYS[peak]


def test_a_class_without_images_is_never_predicted() -> None:
    features, labels = drawn(IMAGES, 0)
    context = RunContext(class_names=tuple("abcdef"), seed=1)
    probe = by_adamw(features, labels + (labels > 1), 1e-6, 0.2, context)
    held, right = drawn(80, 1)
    said = probe.logits(held).argmax(axis=1)
    assert set(said.tolist()) <= {0, 1, 3, 4}
    assert (said == right + (right > 1)).mean() > 0.5
