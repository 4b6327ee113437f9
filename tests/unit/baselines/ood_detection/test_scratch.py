"""Detectors on a network that is trained in the run: by its seed alone, and on what the run is given."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.unit.baselines.both_ways import built

from farfield import RunContext
from farfield.errors import ProtocolError
from farfield_baselines.ood_detection.listed import SPECS
from farfield_baselines.ood_detection.scratch import SIDE

Make = Callable[..., Any]
ON_SCRATCH = {spec.name: spec.with_input("scratch") for spec in SPECS if "scratch" in spec.inputs_by_name}


@pytest.fixture(scope="module")
def squares() -> tuple[np.ndarray, np.ndarray]:
    """Red and blue squares with some noise: uint8 [N, 32, 32, 3], and their labels."""
    rng = np.random.default_rng(3)
    labels = np.arange(24) % 2
    images = rng.integers(0, 60, (24, SIDE, SIDE, 3))
    images[np.arange(24), :, :, 2 * labels] += 180
    return images.astype(np.uint8), labels


def made(name: str, seed: int, **settings: int) -> Any:
    spec = ON_SCRATCH[name]
    config = spec.config(width=16, epochs=8, batch_size=8, **settings)
    return spec.build(RunContext(class_names=("red", "blue"), seed=seed, config=config))


def test_the_network_learns_the_classes_and_detectors_tell_noise_from_them(labeled: Make, squares: Any) -> None:
    images, labels = squares
    noise = np.random.default_rng(5).integers(0, 255, (8, SIDE, SIDE, 3)).astype(np.uint8)
    method = made("knn", seed=1, k=1)
    method.fit(labeled(images, labels))
    known, logits = method.score(images)
    assert (logits.argmax(axis=1) == labels).all()
    assert known.min() > method.score(noise)[0].max()


def test_the_seed_is_all_that_two_trainings_differ_in(labeled: Make, squares: Any) -> None:
    images, labels = squares
    said = []
    for seed in (1, 1, 2):
        method = made("msp", seed)
        method.fit(labeled(images, labels))
        said.append(method.score(images[:4])[1])
    np.testing.assert_array_equal(said[0], said[1])
    assert np.abs(said[0] - said[2]).max() > 1e-3


def test_before_training_there_is_nothing_to_score_with(squares: Any) -> None:
    with pytest.raises(ProtocolError, match="learns from ID training images, and the benchmark gives none"):
        made("energy", seed=1).score(squares[0])


def test_detectors_go_on_from_one_network(tmp_path: Path) -> None:
    for spec in ON_SCRATCH.values():
        method = built(spec, {"width": 16, "epochs": 2, "batch_size": 8}, tmp_path)
        base = method.base()
        alone, shared = method.said(), method.said(base)
        assert shared.predicted == alone.predicted
        assert (shared.steps, alone.steps) == (0, 4)
        assert method.said(method.base(seed=6)).predicted != alone.predicted


@pytest.mark.parametrize("name", ON_SCRATCH)
def test_such_an_entry_is_stochastic_and_of_the_track_without_pretraining(name: str) -> None:
    spec = ON_SCRATCH[name]
    assert spec.stochastic
    assert spec.claims.pretraining == ()
    whole = next(each for each in SPECS if each.name == name).describe()
    assert whole["stochastic"] is False
    assert whole["choices"]["scratch"]["stochastic"] is True
