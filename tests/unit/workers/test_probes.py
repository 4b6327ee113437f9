"""Protocol probes: what repeats, what depends on the batch, and that nothing is claimed without evidence."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from farfield.runtime.dataset import ArraySource
from farfield.runtime.probes import REORDERED, REPEAT, probe, probed_count, side_by_side
from farfield_workers.probes import probed

DESCRIPTION = {"batch_size": 8, "transductive": False, "stochastic": False}
IMAGES = np.random.default_rng(0).integers(0, 256, (40, 4, 4, 3), dtype=np.uint8)


def honest(images):
    return images.reshape(len(images), -1)[:, :3].astype(np.float64)


class Draws:
    """Adds noise from a generator that its author forgot to seed."""

    def __call__(self, images):
        return honest(images) + np.random.normal(size=(len(images), 3))


def batchwise(images):
    return honest(images) - images.mean()


class Counts:
    """Drifts with every call: test-time adaptation."""

    def __init__(self):
        self.calls = itertools.count()

    def __call__(self, images):
        return honest(images) + next(self.calls)


def outcome(folder: Path, predict, write=(REPEAT, REORDERED)) -> dict:
    def outputs(source, batch):
        indices = np.arange(len(source))
        parts = [predict(source.read(indices[at : at + batch])) for at in range(0, len(source), batch)]
        return side_by_side({"logits": np.concatenate(parts)})

    source = ArraySource(IMAGES)
    main = outputs(source, 8)
    for name, array in probe(outputs, source, 8).items():
        if name in write:
            np.save(folder / f"{name}.npy", array)
    return probed(folder, {"logits": main}, DESCRIPTION)


@pytest.mark.parametrize(
    ("predict", "deterministic", "independent"),
    [(honest, True, True), (Draws(), False, True), (batchwise, True, False), (Counts(), False, False)],
    ids=["honest", "draws", "batchwise", "drifts"],
)
def test_what_the_probes_tell(tmp_path: Path, predict, deterministic: bool, independent: bool) -> None:
    found = outcome(tmp_path, predict)
    assert found["examples"] == 32
    assert found["deterministic"] is deterministic
    if predict is not honest and not deterministic:
        assert found["largest_difference"] > 0
    else:
        assert found["batch_independent"] is independent


def test_random_predictions_do_not_read_as_dependent_on_the_batch(tmp_path: Path) -> None:
    for seed in range(200):
        rng = np.random.default_rng(seed)
        drawn = rng.standard_cauchy((3, 32, 3))
        np.save(tmp_path / f"{REPEAT}.npy", drawn[1])
        np.save(tmp_path / f"{REORDERED}.npy", drawn[2])
        found = probed(tmp_path, {"logits": drawn[0]}, DESCRIPTION)
        assert (found["deterministic"], found["batch_independent"]) == (False, True), seed


@pytest.mark.parametrize(("first", "again"), [(1.7e308, -1.7e308), (-1.7e308, 1.7e308), (1.7e308, 1.7e308)])
def test_probes_at_the_end_of_what_a_number_can_be_are_reported(tmp_path: Path, first: float, again: float) -> None:
    for name in (REPEAT, REORDERED):
        np.save(tmp_path / f"{name}.npy", np.full((32, 3), again))
    found = probed(tmp_path, {"logits": np.full((32, 3), first)}, DESCRIPTION)
    assert found["deterministic"] is (first == again)
    assert np.isfinite(found["largest_difference"])
    json.dumps(found, allow_nan=False)


def test_a_probe_that_was_not_written_is_not_passed(tmp_path: Path) -> None:
    found = outcome(tmp_path, honest, write=())
    assert not found["deterministic"]
    assert not found["batch_independent"]


def test_a_probe_of_nan_or_of_another_shape_is_not_passed(tmp_path: Path) -> None:
    outcome(tmp_path, honest)
    np.save(tmp_path / f"{REPEAT}.npy", np.full((32, 3), np.nan))
    np.save(tmp_path / f"{REORDERED}.npy", np.zeros((31, 3)))
    found = probed(tmp_path, {"logits": honest(IMAGES)}, DESCRIPTION)
    assert not found["deterministic"]
    assert not found["batch_independent"]


@pytest.mark.parametrize(
    ("total", "batch", "count"), [(40, 8, 32), (40, 64, 40), (1000, 64, 64), (1000, 1, 32), (5, 2, 5)]
)
def test_how_many_examples_are_probed(total: int, batch: int, count: int) -> None:
    assert probed_count(total, batch) == count


def test_what_was_declared_is_recorded(tmp_path: Path) -> None:
    outcome(tmp_path, honest)
    found = probed(tmp_path, {"logits": honest(IMAGES)}, DESCRIPTION | {"transductive": True})
    assert found["declared"] == {"transductive": True, "stochastic": False}
