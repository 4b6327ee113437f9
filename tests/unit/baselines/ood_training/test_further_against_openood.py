"""Further losses, heads and outliers against what `measure_further_trainers.py` measured of OpenOOD itself."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from tests.unit.baselines.ood_training import trainers_case as case
from tests.unit.baselines.ood_training.trainers_case import CLASSES, EXAMPLES, WIDTH, tensor, unit
from torch.nn import functional

from farfield_baselines.networks import ood_contrast, outliers
from farfield_baselines.networks import ood_losses as losses
from farfield_baselines.networks.ood_heads import ReciprocalPoints, SharpenedLinear
from farfield_baselines.ood_training import ascood, purity
from farfield_baselines.ood_training.nearest_class import NearestClass

MEASURED: dict[str, Any] = json.loads(Path(__file__).with_name("further_trainers.json").read_text(encoding="utf-8"))
TWICE = 2 * EXAMPLES
Said = tuple[torch.Tensor, list[torch.Tensor], Any]  # loss, what its gradients are of, values


def reweight_ood() -> Said:
    rows = tensor(20, TWICE, WIDTH)
    directions = functional.normalize(rows, dim=1)
    loss = ood_contrast.reweighted(directions, case.LABELS.repeat(2), 0.1, same=(2.0, 1.0), other=(5.0, 4.0))
    return loss, [rows], None


def palm() -> Said:
    rows, prototypes = unit(21, TWICE, WIDTH), unit(22, 3 * CLASSES, WIDTH).detach()
    how: dict[str, Any] = {"momentum": 0.9, "nearest": 2, "epsilon": 0.05, "rounds": 3}
    loss, moved = ood_contrast.mixtures(rows, prototypes, case.LABELS.repeat(2), CLASSES, 0.1, **how)
    return loss + ood_contrast.prototypes_apart(moved, CLASSES), [rows], moved


def csi() -> Said:
    rows = unit(23, TWICE, WIDTH)
    return ood_contrast.supervised(rows, case.LABELS.repeat(2), 0.07), [rows], None


def arpl() -> Said:
    head, features = ReciprocalPoints(WIDTH, CLASSES), tensor(25, EXAMPLES, WIDTH)
    head.points.data, head.radius.data = tensor(24, CLASSES, WIDTH).detach(), torch.tensor([0.3])
    logits = head(features)
    loss = functional.cross_entropy(logits, case.LABELS) + 0.1 * head.beyond(features, case.LABELS)
    return loss, [features, head.points, head.radius], logits


def mos() -> Said:
    outputs = tensor(26, EXAMPLES, CLASSES + len(case.GROUPS))
    others, _ = losses.in_groups(outputs, case.GROUPS)
    return losses.group_softmax(outputs, case.LABELS, case.GROUPS), [outputs], -others.exp().amin(dim=1)


def ish() -> Said:
    layer, features = SharpenedLinear(20, CLASSES, 0.85), tensor(27, EXAMPLES, 20).detach().relu().requires_grad_(True)
    layer.weight.data, layer.bias.data = tensor(28, CLASSES, 20).detach(), torch.zeros(CLASSES)
    return functional.cross_entropy(layer(features), case.LABELS), [features, layer.weight, layer.bias], None


def udg() -> Said:
    outputs = [tensor(seed, EXAMPLES, CLASSES) for seed in (35, 36, 37, 38)]
    clusters, weights = case.LABELS.repeat(2), torch.linspace(0.5, 1.5, EXAMPLES).repeat(2)
    named = torch.cat([case.LABELS, torch.tensor([-1, 2, -1, -1, 0, -1])])
    confidence = torch.tensor([1.0] * EXAMPLES + [1.0, 1.0, 2.0, 1.0, 1.0, 2.0])
    loss = losses.dual_grouping(
        torch.cat(outputs[:2]), named, confidence, torch.cat(outputs[2:]), clusters, weights, (0.5, 0.1)
    )
    return loss, outputs, None


OURS = (reweight_ood, palm, csi, arpl, mos, ish, udg)


@pytest.mark.parametrize("ours", OURS, ids=lambda ours: ours.__name__)
def test_a_loss_and_its_gradients_are_openoods(ours: Any) -> None:
    theirs = MEASURED[ours.__name__.replace("_", "-")]
    loss, tensors, values = ours()
    assert loss.item() == pytest.approx(theirs["loss"], rel=1e-4)
    for gradient, expected in zip(torch.autograd.grad(loss, tensors), theirs["gradients"], strict=True):
        np.testing.assert_allclose(gradient, np.array(expected), rtol=1e-3, atol=1e-6)
    if values is not None:
        np.testing.assert_allclose(values.detach(), np.array(theirs["values"]), rtol=1e-4, atol=1e-6)


def test_clusters_name_outliers_as_openood_does() -> None:
    named, weighed, evened = MEASURED["udg"]["values"]
    clusters = np.array(case.CLUSTERS)
    labels, weights = purity.sorted_out(np.array(case.GROUPED), clusters, pure=0.7, foreign=0.55, boost=2.0)
    assert labels[case.NAMED :].tolist() == named
    assert weights[case.NAMED :].tolist() == weighed
    assert 2.0 in weighed
    assert max(named) >= 0
    np.testing.assert_allclose(purity.evened(clusters, 4), evened, rtol=1e-6)


def test_what_counts_is_undone_where_openood_undoes_it() -> None:
    moved, mixed, standard = MEASURED["ascood"]["values"]
    images, gradient = tensor(29, 2, 3, 4, 4).detach(), tensor(30, 2, 3, 4, 4).detach()
    np.testing.assert_allclose(outliers.undone(images, gradient, 0.3, 10.0), np.array(moved), rtol=1e-5)
    torch.manual_seed(7)
    np.testing.assert_array_equal(outliers.shuffled(images, gradient, 0.3), np.array(mixed, np.float32))
    recipe: Any = SimpleNamespace(featurizer=lambda x: x, classifier=lambda x: x, config=SimpleNamespace(deviation=0.5))
    features = ascood.ASCOOD.logits(recipe, tensor(25, EXAMPLES, WIDTH).detach())
    np.testing.assert_allclose(features, 0.5 * np.array(standard), rtol=1e-5, atol=1e-6)


def test_the_edge_of_a_class_is_that_of_npos() -> None:
    beyond = outliers.Beyond(k=3, boundary=4, centres=4, draws=5, outliers=2, spread=0.0)
    rows = tensor(31, 12, WIDTH).detach()
    places = {rows.tolist().index(row) for row in beyond.drawn(rows).tolist()}
    assert sorted(places) == MEASURED["npos"]["values"]


def test_outliers_beyond_neighbours_are_farther_out_than_what_they_are_drawn_about() -> None:
    torch.manual_seed(0)
    beyond = outliers.Beyond(k=3, boundary=5, centres=2, draws=100, outliers=4, spread=0.3)
    rows = functional.normalize(torch.tensor([4.0, 0.0, 0.0]) + torch.randn(40, 3), dim=1)
    drawn = beyond.drawn(rows)
    assert drawn.shape == (8, 3)
    assert beyond.distance(drawn, rows).min() > beyond.distance(rows, rows).quantile(0.9)


def test_the_score_of_reweight_ood_is_openoods() -> None:
    rows, labels, asked = case.features_of_classes()
    recipe: Any = SimpleNamespace(
        setup=SimpleNamespace(train=SimpleNamespace(labels=labels.numpy()), device="cpu", outputs=CLASSES),
        features=lambda inputs: inputs,
        over=lambda *_: rows.numpy(),
    )
    NearestClass.finish(recipe)
    recipe.logits = lambda inputs: NearestClass.logits(recipe, inputs)
    score, _ = NearestClass.judge(recipe, asked)
    np.testing.assert_allclose(2 * score, MEASURED["reweight-ood score"]["values"], rtol=1e-3)


def test_the_density_of_a_look_is_openoods() -> None:
    density = losses.Density(
        weights=torch.tensor([0.5, 0.3, 0.2]),
        means=tensor(34, 3, 2).detach(),
        precision=torch.eye(2) + 0.5,
        basis=tensor(33, 4, 2).detach(),
    )
    maps = tensor(32, EXAMPLES, 2, 3, 3).detach().flatten(2)
    looks = torch.cat([maps.mean(dim=2), maps.var(dim=2)], dim=1)
    np.testing.assert_allclose(density(looks), MEASURED["sae"]["values"], rtol=1e-4)


def test_all_that_was_measured_is_compared() -> None:
    assert set(MEASURED) == {ours.__name__.replace("_", "-") for ours in OURS} | {
        "ascood",
        "npos",
        "reweight-ood score",
        "sae",
    }
