"""CRLNet: its parts against formulas written another way; that it learns pairs, keeps what it learned, and tells."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from torch.nn import functional

from farfield import RunContext
from farfield.errors import ConfigError
from farfield.runtime.dataset import ArraySource, LabeledSet
from farfield.testing import check_method
from farfield_baselines.few_shot_classification import crlnet, maps, prototypes
from farfield_baselines.few_shot_classification.config import ReleaseConfig, SmallConfig
from farfield_baselines.few_shot_classification.pairs import pairs
from farfield_baselines.networks.conditional import Conditional, alike_loss
from farfield_baselines.networks.linear import fit_each
from farfield_baselines.networks.resnet12 import ResNet12

SMALL = {"width": 16, "hidden": 24, "steps": 30, "batch": 16, "views": 1}


def images(count: int, seed: int = 0) -> np.ndarray:
    """Of two kinds: stripes across and stripes along, in colours of chance."""
    rng = np.random.default_rng(seed)
    made = rng.integers(60, 200, (count, 1, 1, 3)) * np.ones((count, 128, 128, 3))
    for number in range(count):
        made[number][(slice(None, None, 8),) if number % 2 else (slice(None), slice(None, None, 8))] = 0
    return made.astype(np.uint8)


def a_set(count: int, seed: int = 0) -> LabeledSet:
    labels = np.arange(count, dtype=np.int64) % 2
    return LabeledSet(ArraySource(images(count, seed)), labels, np.zeros(count, np.int64))


def built(seed: int = 3, **settings: Any) -> crlnet.CRLNet:
    context = RunContext(class_names=("a", "b"), seed=seed, config=SmallConfig(**{**SMALL, **settings}))
    return crlnet.CRLNet("lite0", context)


def test_what_is_alike_is_the_releases_convolution_over_all_places_of_the_other() -> None:
    """There a 3-D convolution over [B, h, w, x, y] whose kernel covers all of h and w's neighbours are its planes."""
    torch.manual_seed(0)
    network = Conditional(8, 9, 2, 16).eval()
    one, other = torch.randn(2, 9, 8), torch.randn(2, 9, 8)
    convolution, norm = network.alike[0], network.alike[1]
    assert isinstance(convolution, torch.nn.Conv2d)
    assert isinstance(norm, torch.nn.BatchNorm2d)
    assert convolution.bias is not None
    correlation = torch.einsum("bsc,bqc->bsq", one, other).view(2, 9, 3, 3)
    padded, expected = functional.pad(correlation, (1, 1, 1, 1)), torch.zeros(2, 3, 3)
    for x in range(3):
        for y in range(3):
            expected[:, x, y] = (padded[:, :, x : x + 3, y : y + 3] * convolution.weight[0]).sum(dim=(1, 2, 3))
    own = torch.zeros(2, 8, 3, 3)
    found = network._alike(one @ other.transpose(1, 2), own)[:, 0]
    expected = (expected + convolution.bias) / torch.sqrt(torch.tensor(1.0 + norm.eps))
    assert torch.allclose(found, expected.clamp(min=0), atol=1e-5)


def test_a_pair_does_not_depend_on_its_company() -> None:
    torch.manual_seed(0)
    network = Conditional(8, 9, 2, 16).eval()
    support, query = torch.randn(5, 8, 3, 3), torch.randn(5, 8, 3, 3)
    whole, alone = network(support, query), network(support[2:3], query[2:3])
    assert all(torch.allclose(a[2:3], b, atol=1e-5) for a, b in zip(whole, alone, strict=True))
    swapped = network(support, query.roll(1, 0))
    assert not torch.allclose(swapped[0], whole[0], atol=1e-3)


def test_the_loss_is_the_squared_error_of_the_cosine() -> None:
    a, b = torch.tensor([[1.0, 0.0], [1.0, 1.0]]), torch.tensor([[1.0, 0.0], [1.0, -1.0]])
    assert alike_loss(a, b, torch.tensor([1.0, 1.0])).item() == pytest.approx(0.5)


def test_half_of_the_pairs_are_of_one_class_and_every_image_is_a_query_in_turn() -> None:
    labels = np.array([0, 0, 0, 1, 1, 2, 2, 2], np.int64)
    drawn = pairs(labels, 4, (1,))
    first = [next(drawn) for _ in range(2)]
    assert sorted(np.concatenate([pair.query for pair in first]).tolist()) == list(range(8))
    for pair in (*first, *(next(drawn) for _ in range(20))):
        assert (pair.same == (pair.query % 2 == 0)).all()
        assert ((labels[pair.query] == labels[pair.support]) == (pair.same == 1)).all()
        assert not (pair.query == pair.support).any()


def test_many_regressions_at_once_are_those_of_scikit_learn_one_by_one() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(3), 4)
    features = rng.normal(size=(5, 12, 6)) + labels[None, :, None]
    weights, biases = fit_each(features, labels, 1.0)
    asked = rng.normal(size=(7, 6))
    for problem in range(5):
        theirs = LogisticRegression(C=1.0, max_iter=1000, tol=1e-8).fit(features[problem], labels)
        logits = asked @ weights[problem].T + biases[problem]
        ours = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        assert np.allclose(ours, theirs.predict_proba(asked), atol=1e-4)


def test_it_learns_pairs_and_tells_new_images_apart() -> None:
    method = built(steps=60)
    method.fit_base(a_set(24))
    for shots in (1, 3):
        method.fit_novel(LabeledSet(*support(shots)))
        told = method.predict(images(10, seed=9))
        assert told.shape == (10, 2)
        assert (told.argmax(axis=1) == np.arange(10) % 2).mean() >= 0.8


def support(shots: int) -> tuple[ArraySource, np.ndarray, np.ndarray]:
    shown = images(2 * shots, seed=5)
    return ArraySource(np.concatenate([shown[::2], shown[1::2]])), np.repeat([0, 1], shots), np.zeros(2 * shots, int)


def test_what_was_saved_goes_on_as_what_was_not(tmp_path: Path) -> None:
    first, second = built(), built(seed=8)
    first.fit_base(a_set(8))
    first.save_base(tmp_path)
    second.load_base(tmp_path)
    for method in (first, second):
        method.fit_novel(LabeledSet(*support(2)))
    assert np.allclose(first.predict(images(3, seed=2)), second.predict(images(3, seed=2)), atol=1e-4)
    with pytest.raises(ConfigError, match="not those of these settings"):
        built(width=24).load_base(tmp_path)


def test_the_projection_is_that_of_the_largest_variance() -> None:
    made = maps.Maps("lite0", SmallConfig(width=8), "cpu")
    base = a_set(6)
    made.fit(base)
    raw = made._raw(base.take(np.arange(6)).inputs).permute(0, 2, 3, 1).reshape(-1, 1280).double()
    _, _, right = torch.linalg.svd(raw - raw.mean(0), full_matrices=False)
    projected = made.once(base.take(np.arange(6)).inputs).permute(0, 2, 3, 1).reshape(-1, 8)
    expected = (raw - raw.mean(0)) @ right[:8].T
    assert torch.allclose(projected.abs().double(), expected.abs(), atol=1e-2)


def test_keeps_its_protocol(tmp_path: Path) -> None:
    check_method(crlnet.SPEC, tmp_path, {**SMALL, "steps": 2})


@pytest.mark.parametrize(("settings", "says"), [({"width": 12}, "12 is not a multiple of 8")])
def test_settings_that_do_not_fit_are_told(settings: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        built(**settings)


def test_resnet12_takes_a_file_and_nothing_else(tmp_path: Path) -> None:
    torch.manual_seed(0)
    trained = ResNet12()
    tensors = {f"module.{name}": tensor for name, tensor in trained.state_dict().items()}
    torch.save({"state_dict": {**tensors, "module.classifier.weight": torch.zeros(64, 640)}}, tmp_path / "res12.tar")
    context = RunContext(class_names=("a",), config=ReleaseConfig(weights=str(tmp_path / "res12.tar"), hidden=16))
    method = crlnet.CRLNet("resnet12", context)
    shown = np.zeros((1, 224, 224, 3), np.uint8)
    found = method._maps.once(shown)
    assert found.shape == (1, 640, 14, 14)
    black = (0 - torch.tensor([0.485, 0.456, 0.406])) / torch.tensor([0.229, 0.224, 0.225])
    with torch.no_grad():
        assert torch.allclose(found, trained.eval()(black.view(1, 3, 1, 1).expand(1, 3, 224, 224)), atol=1e-4)
    with pytest.raises(ConfigError, match="give the file of a trained ResNet-12"):
        crlnet.CRLNet("resnet12", RunContext(class_names=("a",), config=ReleaseConfig(hidden=16)))
    torch.save({"layer1.0.conv1.weight": torch.zeros(3)}, tmp_path / "other.pth")
    with pytest.raises(ConfigError, match="does not fit the model"):
        crlnet.CRLNet(
            "resnet12",
            RunContext(class_names=("a",), config=ReleaseConfig(weights=str(tmp_path / "other.pth"), hidden=16)),
        )


def test_prototypes_begin_anew_in_each_episode() -> None:
    method = prototypes.Prototypes(RunContext(class_names=()))
    for turned in (False, True):
        rows = np.array([[1.0, 0.0], [0.0, 1.0]], np.float32)[:: -1 if turned else 1]
        method.fit_novel(LabeledSet(ArraySource(rows), np.arange(2), np.zeros(2, np.int64)))
        told = method.predict(np.array([[2.0, 0.1]], np.float32))
        assert told.argmax(axis=1).tolist() == [int(turned)]


def test_prototypes_score_a_query_by_its_nearest_mean() -> None:
    method = prototypes.Prototypes(RunContext(class_names=()))
    method.fit_novel(LabeledSet(ArraySource(np.eye(3, dtype=np.float32)[:2]), np.arange(2), np.zeros(2, np.int64)))
    queries = np.array([[2.0, 0.0, 0.1], [0.1, 0.2, 5.0], [0.0, 1.0, 1.0]], np.float32)
    scores, logits = method.score(queries)
    assert scores.tolist() == [max(row) for row in logits.tolist()]
    assert scores.argsort().tolist() == [1, 2, 0]
    assert (logits == method.predict(queries)).all()
