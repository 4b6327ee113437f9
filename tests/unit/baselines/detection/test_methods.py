"""What each recipe is for: which domains weigh more, and when."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.baselines.detection.made import NAMES, SMALL, scenes

from farfield import Detections
from farfield.testing import check_method
from farfield_baselines.detection import noisy_student
from farfield_baselines.detection.core import Recipe
from farfield_baselines.detection.domain_penalisation import DomainPenalisation, penalties
from farfield_baselines.detection.groupdro import GroupDRO
from farfield_baselines.detection.listed import SPECS
from farfield_baselines.detection.noisy_student import BothHalves, PseudoLabeled

LOSSES, DOMAINS = torch.tensor([1.0, 3.0, 2.0]), torch.tensor([0, 0, 2])


def made(recipe: type[Recipe], domains: int = 3, **more: Any) -> Any:
    return recipe(SimpleNamespace(batch=2, groupdro_eta=0.5, **more), domains, "cpu")


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_keeps_its_protocol(spec: Any, tmp_path: Path) -> None:
    check_method(spec, tmp_path, {"side": 64, "longest": 64, "epochs": 1})


def test_the_spec_of_the_large_one_has_wilds_settings() -> None:
    for spec in SPECS:
        config = spec.with_input("resnet50-fpn").config()
        assert (config.side, config.lr, config.weight_decay, config.batch, config.epochs) == (1024, 1e-5, 1e-3, 4, 12)
        schedule = "fixmatch" if spec is noisy_student.SPEC else "none"
        assert (config.optimizer, config.schedule, config.mirror) == ("adam", schedule, False)


def test_by_itself_all_images_count_alike_once_an_epoch() -> None:
    recipe = made(Recipe)
    assert recipe.objective(LOSSES, DOMAINS).item() == pytest.approx(2.0)
    positions = np.concatenate([*recipe.order(np.zeros(7, np.int64), np.random.default_rng(0))])
    assert sorted(positions.tolist()) == list(range(7))


def test_groupdro_moves_towards_the_worst_domain() -> None:
    recipe = made(GroupDRO)
    value = recipe.objective(LOSSES, DOMAINS)
    raised = np.exp(0.5 * np.array([2.0, 0.0, 2.0]))  # means of the domains, and 0 of the one that is not shown
    weights = raised / raised.sum()
    np.testing.assert_allclose(recipe.weights.numpy(), weights, rtol=1e-6)
    assert value.item() == pytest.approx(float(weights @ [2.0, 0.0, 2.0]))
    for _ in range(50):
        recipe.objective(torch.tensor([1.0, 2.0]), torch.tensor([0, 1]))
    assert recipe.weights.argmax() == 1
    assert recipe.weights[1] > 0.99


def test_groupdro_draws_domains_alike() -> None:
    domains = np.repeat([0, 1], [90, 10])
    drawn = np.concatenate([*made(GroupDRO).order(domains, np.random.default_rng(0))])
    assert abs((domains[drawn] == 1).mean() - 0.5) < 0.15


def test_penalisation_begins_as_the_mean_and_then_weighs_by_the_epoch_before() -> None:
    recipe = made(DomainPenalisation, domains=2)
    losses, domains = torch.tensor([1.0, 3.0]), torch.tensor([0, 1])
    assert recipe.objective(losses, domains).item() == pytest.approx(2.0)
    recipe.end_epoch()
    weights = 2 * np.exp([1.0, 3.0]) / np.exp([1.0, 3.0]).sum()
    np.testing.assert_allclose(recipe.weights.numpy(), weights, rtol=1e-6)
    assert recipe.objective(losses, domains).item() == pytest.approx(float(weights @ [1.0, 3.0]) / 2)
    assert recipe.objective(losses.flip(0), domains).item() == pytest.approx(float(weights @ [3.0, 1.0]) / 2)
    recipe.end_epoch()  # both had the same mean loss this time
    np.testing.assert_allclose(recipe.weights.numpy(), [1.0, 1.0], rtol=1e-6)


def test_a_student_sees_as_many_of_both_and_its_teachers_sure_boxes() -> None:
    train, unlabeled = scenes(4), scenes(3, domains=(1,), seed=1)
    found = [Detections(boxes=np.full((1, 4), n), scores=np.ones(1), labels=np.zeros(1, int)) for n in range(3)]
    both = PseudoLabeled(train, unlabeled, found)
    assert both.domains.tolist() == [0, 0, 0, 0, 1, 1, 1]
    assert both[5].boxes.tolist() == [[1.0] * 4]
    assert (both[5].image == unlabeled[1].image).all()
    assert both[3].boxes.tolist() == train[3].boxes.tolist()
    student = BothHalves(SimpleNamespace(batch=2), 2, "cpu", labeled=4)
    batches = [*student.order(both.domains, np.random.default_rng(0))]
    assert [(batch < 4).tolist() for batch in batches] == [[True, True, False, False]] * 2
    assert sorted(np.concatenate(batches)[np.concatenate(batches) < 4]) == [0, 1, 2, 3]
    losses = torch.tensor([1.0, 3.0, 5.0, 9.0])
    assert student.objective(losses, torch.zeros(4)).item() == pytest.approx(2.0 + 7.0)


def test_a_teacher_is_asked_in_each_generation(build: Any) -> None:
    told: list[str] = []
    config = {**SMALL, "generations": 2}
    student = build(noisy_student.SPEC, config, **NAMES, log=told.append)
    before = {name: tensor.clone() for name, tensor in student._network.state_dict().items()}
    student.fit(scenes(4), unlabeled=scenes(2, domains=(1,), seed=1), val=scenes(1, seed=2))
    assert len(told) == 3  # an epoch of the teacher, and one of each student
    after = student._network.state_dict()
    assert all(torch.equal(before[n], after[n]) for n in before if n.startswith("backbone.trunk"))
    assert any(not torch.equal(before[n], after[n]) for n in before if n.startswith("backbone.pyramid"))


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.floats(0, 20), st.integers(0, 4)), min_size=1, max_size=6))
def test_penalties_have_mean_one_and_follow_the_mean_losses(rows: list[tuple[float, int]]) -> None:
    images = torch.tensor([float(count) for _, count in rows])
    means = torch.tensor([mean for mean, _ in rows])
    weights, seen = penalties(means * images, images), images > 0
    assert (weights[~seen] == 1).all()
    if seen.any():
        assert weights[seen].mean().item() == pytest.approx(1.0, rel=1e-4)
        order = means[seen].argsort()
        assert (weights[seen][order].diff() >= -1e-5).all()
