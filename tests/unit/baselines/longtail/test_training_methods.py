"""De-confound-TDE, IFL, BatchFormer and H2E: what each does in training, and what is left of it at test."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from tests.unit.baselines.longtail.noise import COLOURS, noisy

from farfield.runtime.dataset import ArraySource, LabeledSet
from farfield_baselines.longtail import deconfound_tde, h2e, ifl, lt_batchformer, lt_cross_entropy
from farfield_baselines.longtail.listed import SPECS
from farfield_baselines.networks.long_tail import log_prior
from farfield_baselines.trained.loop import run

Make = Callable[..., Any]


def batch_of(recipe: Any, count: int = 12) -> Any:
    where = np.arange(count)
    return recipe.tensors(recipe.setup.train.take(where), where, torch.Generator())


def inputs(count: int = 6) -> torch.Tensor:
    return torch.randn(count, 6, generator=torch.Generator().manual_seed(1))


def test_tde_remembers_the_mean_in_training_and_takes_it_away_at_test(fitted: Make, blobs: Make) -> None:
    recipe = fitted(deconfound_tde.SPEC, blobs())
    head, features = recipe.classifier, recipe.featurizer(inputs())
    assert head.mean.abs().sum() > 0
    torch.testing.assert_close(recipe.logits(inputs()), head.effect(features))
    assert not torch.allclose(head.effect(features), head(features))


def test_tde_gives_rare_classes_more_than_its_own_training_logits(fitted: Make, blobs: Make, recalls: Make) -> None:
    recipe, test = fitted(deconfound_tde.SPEC, blobs(), epochs=15), blobs((200, 200, 200), seed=1)
    with_effect = recalls(recipe, test)
    recipe.classifier.alpha.fill_(0.0)
    assert with_effect[2] > recalls(recipe, test)[2]


def test_the_moving_mean_slows_down_below_a_tenth_of_the_first_rate(made: Make, blobs: Make) -> None:
    recipe = made(deconfound_tde.SPEC, blobs())
    recipe.optimizer = torch.optim.SGD([{"params": [torch.zeros(1, requires_grad=True)], "initial_lr": 0.2, "lr": 0.2}])
    momenta = []
    for rate in (0.2, 0.02, 0.01, 0.0):
        recipe.optimizer.param_groups[0]["lr"] = rate
        momenta.append(recipe.momentum())
    assert momenta == pytest.approx([0.9, 0.9, 0.95, 1.0])


@pytest.mark.parametrize("select", ["last", "average"])
def test_alpha_is_the_best_of_seventeen_on_validation(fitted: Make, blobs: Make, recalls: Make, select: str) -> None:
    val = blobs((60, 60, 60), seed=2)
    recipe = fitted(deconfound_tde.SPEC, blobs(), val=val, select=select)
    chosen = float(recipe.classifier.alpha)
    figures = []
    for alpha in deconfound_tde.ALPHAS:
        recipe.classifier.alpha.fill_(alpha)
        figures.append(recalls(recipe, val).mean())
    assert len(figures) == 17
    assert figures[deconfound_tde.ALPHAS.index(chosen)] == pytest.approx(max(figures), abs=1e-9)
    assert float(fitted(deconfound_tde.SPEC, blobs(), val=val, tuned=False).classifier.alpha) == 3.0


def test_tde_refuses_another_classifier(made: Make, blobs: Make) -> None:
    with pytest.raises(ValueError, match="nonlinear_classifier: this method has a classifier of its own"):
        made(deconfound_tde.SPEC, blobs(), nonlinear_classifier=True)


def test_ifl_makes_the_hard_environment_twice_and_weighs_the_centres_from_then_on(made: Make, blobs: Make) -> None:
    recipe, train = made(ifl.SPEC, blobs(), epochs=10), blobs()
    seen = []
    for epoch in range(10):
        list(recipe.order(train, epoch, np.random.default_rng(epoch)))
        seen.append((recipe.weight, recipe.hard.copy()))
        recipe.classifier.weight.data.normal_()
    assert [weight for weight, _ in seen] == [0.0] * 6 + [0.001] * 2 + [0.005] * 2
    changes = [epoch for epoch in range(1, 10) if not np.array_equal(seen[epoch][1], seen[epoch - 1][1])]
    assert changes == [6, 8]
    assert np.ptp(seen[5][1]) == 0.0
    np.testing.assert_allclose(np.bincount(train.labels, seen[9][1]), 1.0)


def test_half_of_an_ifl_batch_is_of_the_hard_environment(made: Make, blobs: Make) -> None:
    recipe, train = made(ifl.SPEC, blobs()), blobs()
    recipe.hard = (train.labels == 2).astype(np.float64)
    for positions in recipe.order(train, 0, np.random.default_rng(0)):
        half = len(positions) // 2
        assert (train.labels[positions[half:]] == 2).all()
        assert (train.labels[positions[:half]] != 2).any()


def test_the_centres_follow_and_the_loss_has_their_distance(made: Make, blobs: Make) -> None:
    recipe = made(ifl.SPEC, blobs(), loss="cross-entropy")
    batch = batch_of(recipe)
    plain = recipe.loss(batch)
    before = recipe.centres.values.clone()
    apart = recipe.centres(recipe.featurizer(batch.inputs), batch.labels)
    recipe.weight = 0.005
    torch.testing.assert_close(recipe.loss(batch), plain + 0.005 * apart)
    assert not torch.equal(recipe.centres.values, before)
    recipe.weight = 0.0
    after = recipe.centres.values.clone()
    torch.testing.assert_close(recipe.loss(batch), plain)
    assert torch.equal(recipe.centres.values, after)


def test_batchformer_is_gone_at_test(fitted: Make, blobs: Make) -> None:
    recipe = fitted(lt_batchformer.SPEC, blobs())
    together = recipe.logits(inputs())
    torch.testing.assert_close(torch.cat([recipe.logits(row[None]) for row in inputs()]), together)
    torch.nn.init.constant_(recipe.encoder.linear1.weight, 3.0)
    torch.testing.assert_close(recipe.logits(inputs()), together)


def test_in_training_an_image_sees_the_others_of_its_batch(made: Make, blobs: Make) -> None:
    recipe = made(lt_batchformer.SPEC, blobs(), batchformer_dropout=0.0)
    batch = batch_of(recipe)
    batch.inputs.requires_grad_()
    first = recipe.loss(batch)
    slopes = torch.autograd.grad(first, batch.inputs)[0]
    assert (slopes.abs().sum(1) > 0).all()
    plain = recipe.risk(recipe.logits(batch.inputs), batch.labels)
    assert not torch.allclose(first, plain)


def test_h2e_trains_one_part_a_stage_and_predicts_without_the_prior(made: Make, blobs: Make) -> None:
    recipe = made(h2e.SPEC, blobs())
    assert [stage.trained for stage in recipe.stages()] == [
        ("featurizer", "classifier"),
        ("identifier",),
        ("classifier",),
    ]
    run(recipe, lambda done, total: None)
    raw = recipe.classifier(recipe.featurizer(inputs()))
    torch.testing.assert_close(recipe.logits(inputs()), raw - log_prior(recipe.counts))


def test_the_identifier_sees_three_samplings_side_by_side(made: Make, blobs: Make) -> None:
    recipe, train = made(h2e.SPEC, blobs()), blobs()
    drawn = [np.split(b, 3) for e in range(30) for b in recipe.three_samplings(train, e, np.random.default_rng(e))]
    natural, reversed_, balanced = (np.concatenate(part) for part in zip(*drawn, strict=True))
    for positions, shares in (
        (natural, [0.8, 0.16, 0.04]),
        (reversed_, np.array([1, 5, 20]) / 26),
        (balanced, [1 / 3] * 3),
    ):
        np.testing.assert_allclose(np.bincount(train.labels[positions]) / len(positions), shares, atol=0.03)


def test_the_mean_invariance_penalty_is_over_the_three_parts(made: Make, blobs: Make) -> None:
    from farfield_baselines.networks.long_tail import invariance_penalty

    recipe = made(h2e.SPEC, blobs())
    batch = batch_of(recipe, 12)
    parts = zip(recipe.logits(batch.inputs).chunk(3), batch.labels.chunk(3), strict=True)
    torch.testing.assert_close(recipe.invariance(batch), sum(invariance_penalty(z, y) for z, y in parts) / 3)


@pytest.mark.parametrize("colour", COLOURS)
def test_wrong_labels_are_distrusted_more_often_than_right_ones(fitted: Make, blobs: Make, colour: str) -> None:
    clean = blobs((160, 80, 40))
    made = noisy(clean.labels, colour, 0.3, 3, seed=0)
    rng = np.random.default_rng(5)
    images = clean.take(np.arange(len(clean))).inputs.copy()
    images[made.outside] = rng.normal(-1.0, 1.0, (int(made.outside.sum()), images.shape[1]))
    train = LabeledSet(ArraySource(images), made.labels, np.zeros_like(made.labels))
    trust = fitted(h2e.SPEC, train).trust
    assert trust[made.wrong].mean() < trust[~made.wrong].mean() - 0.1


def test_under_noise_it_beats_cross_entropy(fitted: Make, blobs: Make, recalls: Make) -> None:
    counts = (200, 130, 84, 55, 36, 23, 15, 10)
    clean, test = blobs(counts, width=20, apart=3.0), blobs((100,) * 8, seed=50, width=20, apart=3.0)
    labels = noisy(clean.labels, "blue", 0.4, 8, seed=0).labels
    train = LabeledSet(ArraySource(clean.take(np.arange(len(clean))).inputs), labels, np.zeros_like(labels))
    settings: Any = {"classes": 8, "epochs": 30, "lr": 0.001}
    ours, plain = (recalls(fitted(method, train, **settings), test) for method in (h2e.SPEC, lt_cross_entropy.SPEC))
    assert ours.mean() > plain.mean() + 0.05


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_epochs_may_be_chosen_on_validation_in_every_stage(fitted: Make, blobs: Make, spec: Any) -> None:
    said: list[str] = []
    val = blobs((20, 20, 20), seed=2)
    recipe = fitted(spec, blobs(), val=val, log=said.append, select="worst-group", epochs=2)
    named = {line.partition(":")[0] for line in said if "worst-group on validation" in line}
    assert named == {stage.name for stage in recipe.stages()}
    assert np.isfinite(recipe.outputs(val)).all()
