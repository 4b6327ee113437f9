"""Detectors that are trained: their protocol, what they learn, and what each of them does of its own."""

import dataclasses
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from tests.unit.baselines.ood_training.test_against_openood import MEASURED
from tests.unit.baselines.ood_training.trainers_case import CLASSES, EXAMPLES, tensor

from farfield import MethodSpec, RunContext, parse_config
from farfield.errors import ProtocolError
from farfield.runtime.dataset import ArraySource, LabeledSet
from farfield.testing import check_method
from farfield_baselines.networks import augmentation, ood_contrast, outliers
from farfield_baselines.ood_detection import scale
from farfield_baselines.ood_detection.choice import auroc
from farfield_baselines.ood_detection.core import Head, Known, Seen, each_its_own
from farfield_baselines.ood_training import cider, csi, deep_ensemble, ish, mc_dropout, mcd, mix_oe, npos, rot_pred, sae
from farfield_baselines.ood_training.listed import SPECS

SMALL = {"featurizer": "mnist-cnn", "epochs": 2, "image_size": 20}
ON_FEATURES = [spec for spec in SPECS if "images" in spec.choices]
FAST: dict[str, dict[str, Any]] = {
    "vos": {"drawn": 50, "start": 0.0},
    "cider": {"k": 3},
    "csi": {"epochs": 1, "classifier_epochs": 1, "image_size": 8},
    "sae": {"epochs": 1, "image_size": 8},
    "npos": {"k": 3, "sample_from": 20, "outliers": 5, "neighbour": 3, "start_share": 0.7},
}


def settings(spec: MethodSpec) -> dict[str, Any]:
    return {"epochs": 2, "hidden_width": 8, **FAST.get(spec.name, {})}


@pytest.mark.parametrize("spec", ON_FEATURES, ids=lambda spec: spec.name)
def test_keeps_its_protocol_and_repeats_itself(spec: MethodSpec, tmp_path: Path) -> None:
    check_method(dataclasses.replace(spec, stochastic=False), tmp_path, settings(spec))


@pytest.mark.parametrize(
    "spec", [rot_pred.SPEC, csi.SPEC, sae.SPEC, mix_oe.SPEC.with_input("images")], ids=lambda spec: spec.name
)
def test_keeps_its_protocol_on_images(spec: MethodSpec, tmp_path: Path) -> None:
    check_method(dataclasses.replace(spec, stochastic=False), tmp_path, {**SMALL, **FAST.get(spec.name, {})})


def blobs(count: int, seed: int, away: float = 0.0) -> LabeledSet:
    """Three classes, each about a mean of its own; or, away from them, none."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 3
    inputs = rng.normal(size=(count, 6)).astype(np.float32)
    inputs[np.arange(count), labels] += 0.0 if away else 6.0
    return LabeledSet(ArraySource(inputs - np.float32(away)), labels, np.zeros_like(labels))


@pytest.mark.parametrize("spec", ON_FEATURES, ids=lambda spec: spec.name)
def test_it_learns_the_classes_and_tells_what_is_none(spec: MethodSpec, tmp_path: Path) -> None:
    given: dict[str, Any] = {"epochs": 20, "hidden_width": 16, "lr": 0.05, **FAST.get(spec.name, {})}
    config: Any = parse_config(spec.config, given)
    context = RunContext(class_names=("a", "b", "c"), config=config, work_folder=tmp_path, seed=1)
    method = spec.build(context)
    parts = {"unlabeled": blobs(60, 2, away=1.0)} if spec.claims.unlabeled else {}
    method.fit(blobs(90, 0), **parts)
    known, others = blobs(60, 1), blobs(60, 3, away=1.0)
    scores, logits = method.score(known.take(np.arange(60)).inputs)
    assert (logits.argmax(axis=1) == known.labels).mean() > 0.9
    if spec.name not in {"conf-branch", "rts"}:  # a confidence or a variance need not know what it never saw
        assert auroc(scores, method.score(others.take(np.arange(60)).inputs)[0]) > 0.8


def test_before_training_nothing_is_scored(tmp_path: Path) -> None:
    for spec in (deep_ensemble.SPEC, mcd.SPEC):
        context = RunContext(class_names=("a",), config=spec.config(), work_folder=tmp_path)
        with pytest.raises(ProtocolError, match="trained on ID training images"):
            spec.build(context).score(np.zeros((1, 1280), np.float32))


def test_the_score_of_mcd_is_openoods() -> None:
    recipe: Any = SimpleNamespace(both=lambda _: (tensor(1, EXAMPLES, CLASSES), tensor(2, EXAMPLES, CLASSES)))
    score, _ = mcd.ClassifierDiscrepancy.judge(recipe, torch.zeros(0))
    np.testing.assert_allclose(score.detach(), MEASURED["mcd score"]["values"], rtol=1e-5)


def test_the_score_of_ish_is_that_of_scale() -> None:
    layer, features = torch.nn.Linear(20, 3), tensor(3, EXAMPLES, 20).detach().relu()
    features[0] = 0.0  # nothing to scale by
    weight, bias = layer.weight.detach().numpy(), layer.bias.detach().numpy()
    head = Head(weight=weight, bias=bias, members=each_its_own(3))
    seen = Seen(features=features.numpy(), logits=head(features.numpy()))
    expected = scale.with_percentile(Known(head=head, seen=seen, labels=np.zeros(EXAMPLES, int)), 85.0)(seen)
    recipe: Any = SimpleNamespace(featurizer=lambda x: x, classifier=layer, config=SimpleNamespace(percentile=85.0))
    np.testing.assert_allclose(ish.Sharpened.judge(recipe, features)[0].detach(), expected, rtol=1e-5)


def test_the_score_of_cider_and_npos_is_minus_the_distance_to_a_neighbour() -> None:
    """Of three training images the second nearest counts, or the farthest where there are fewer than k."""
    recipe: Any = SimpleNamespace(features=lambda x: x, logits=lambda x: x, bank=torch.tensor([[0.0], [3.0], [7.0]]))
    for k, expected in ((2, [-2.0, -4.0]), (50, [-6.0, -8.0])):
        recipe.config = SimpleNamespace(k=k)
        for kind in (cider.CIDER, npos.NPOS):
            assert kind.judge(recipe, torch.tensor([[1.0], [-1.0]]))[0].tolist() == expected


def test_the_contrast_of_csi_is_of_two_random_views_of_each_image_in_each_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    changes = iter((1.0, 2.0))
    monkeypatch.setattr(augmentation, "augment", lambda images, _: images + next(changes))
    monkeypatch.setattr(ood_contrast, "supervised", lambda rows, labels, temperature: (rows, labels, temperature))
    recipe: Any = SimpleNamespace(
        setup=SimpleNamespace(outputs=3),
        config=SimpleNamespace(temperature=0.07),
        featurizer=lambda views: views.flatten(1),
        projection=lambda rows: rows,
    )
    recipe.turned = lambda batch: csi.ContrastOfTurns.turned(recipe, batch)
    images, labels = tensor(1, 2, 1, 2, 2).detach(), torch.tensor([2, 0])
    batch: Any = SimpleNamespace(inputs=images, labels=labels)
    contrasted: Any = csi.ContrastOfTurns.contrast(recipe, batch)
    turns = torch.cat([images.rot90(turn, (2, 3)) for turn in range(4)])
    views = torch.cat([turns + 1.0, turns + 2.0]).flatten(1)
    torch.testing.assert_close(contrasted[0], torch.nn.functional.normalize(views))
    assert contrasted[1].tolist() == 2 * [2, 0, 5, 3, 8, 6, 11, 9]
    assert contrasted[2] == 0.07


def test_outliers_are_the_least_likely_of_a_classs_gaussian() -> None:
    """The farthest of many draws of a class that varies along one direction lies far along it."""
    torch.manual_seed(0)
    first = torch.randn(200, 2) * torch.tensor([5.0, 0.1])
    drawn = outliers.least_likely([first, first + 100.0], 1000)
    away = drawn - torch.stack([first.mean(dim=0), first.mean(dim=0) + 100.0])
    whitened = away / first.std(dim=0)
    assert (whitened.norm(dim=1) > 3.0).all()
    assert (whitened.norm(dim=1) < 6.0).all()


def test_mc_dropout_drops_the_same_of_every_image_and_something_else_in_each_pass(tmp_path: Path) -> None:
    context = RunContext(
        class_names=("a", "b", "c"), config=parse_config(mc_dropout.SPEC.config, {"epochs": 1}), work_folder=tmp_path
    )
    method: Any = mc_dropout.SPEC.build(context)
    method.fit(blobs(12, 0))
    masks = method._recipe.masks
    assert masks.shape == (5, 256)
    assert set(masks.unique().tolist()) == {0.0, 2.0}
    assert not torch.equal(masks[0], masks[1])
    images = blobs(6, 1).take(np.arange(6)).inputs
    alone = np.concatenate([method.score(images[n : n + 1])[0] for n in range(6)])
    np.testing.assert_allclose(method.score(images)[0], alone, rtol=1e-5)


def test_the_latest_features_of_each_class_are_remembered() -> None:
    memory = outliers.Latest(2, 1, kept=2, device="cpu")
    for value in (1.0, 2.0, 3.0):
        memory.remember(torch.tensor([[value], [-value]]), torch.tensor([0, 1]))
    assert [rows.flatten().tolist() for rows in memory.rows] == [[2.0, 3.0], [-2.0, -3.0]]


def test_a_rectangle_of_the_other_is_as_large_as_its_share() -> None:
    torch.manual_seed(0)
    for share in (0.1, 0.5, 1.0):
        image, own = outliers.pasted(torch.zeros(2, 3, 8, 8), torch.ones(2, 3, 8, 8), share)
        assert 1 - image.mean().item() == pytest.approx(own)
        assert own >= share - 1e-6
    assert outliers.mixed(torch.ones(1), torch.zeros(1), 0.3).item() == pytest.approx(0.3)
