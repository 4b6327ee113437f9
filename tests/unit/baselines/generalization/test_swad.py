"""SWAD: the valley, the mean over it, and the images held out."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from farfield import Batch
from farfield_baselines.generalization import erm, swad
from farfield_baselines.generalization.core import Environment, cross_entropy
from farfield_baselines.generalization.listed import SPECS

Make = Callable[..., Any]
LOSSES = [3.0, 2.0, 1.0, 1.1, 1.2, 1.3, 2.0, 2.1, 2.2, 0.1]


def minibatch(rng: np.random.Generator, count: int, domain: int = 0) -> Batch:
    inputs = rng.normal(size=(count, 6)).astype(np.float32)
    return Batch(inputs=inputs, labels=np.arange(count) % 3, domains=np.full(count, domain))


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        (LOSSES[:4], (None, None)),  # each loss is undercut within the next two, or has no two after it
        (LOSSES[:5], (2, None)),  # 1.0 is not undercut by 1.1 and 1.2: the rim is 1.5 times 1.1
        (LOSSES[:8], (2, None)),
        (LOSSES[:9], (2, 5)),  # 2.0, 2.1 and 2.2 are above the rim of 1.65, so 1.3 was the last inside
        (LOSSES, (2, 5)),  # what comes later does not matter
        ([1.0, 1.0, 1.0], (0, None)),
        ([1.0], (None, None)),
    ],
)
def test_the_valley(losses: list[float], expected: tuple[int | None, int | None]) -> None:
    assert swad.valley(losses, 3, 3, 1.5) == expected


@pytest.mark.parametrize("looks", range(1, len(LOSSES) + 1))
def test_the_average_is_the_mean_of_the_iterates_in_the_valley(rng: np.random.Generator, looks: int) -> None:
    """Five iterates a look; look n stands for the iterates 5 n to 5 n + 4."""
    iterates = rng.normal(size=(5 * looks, 4)).astype(np.float32)
    average = swad.ValleyAverage(converge=3, tolerance=3, ratio=1.5)
    for look in range(looks):
        for row in iterates[5 * look : 5 * look + 5]:
            average.add({"w": torch.from_numpy(row), "count": torch.tensor(7)})
        average.look(LOSSES[look])
    start, end = swad.valley(LOSSES[:looks], 3, 3, 1.5)
    if start is None:
        assert average.mean() == {}
        return
    last = looks - 1 if end is None else end
    found = average.mean()
    assert set(found) == {"w"}
    np.testing.assert_allclose(found["w"].numpy(), iterates[5 * start : 5 * last + 5].mean(0), rtol=1e-4, atol=1e-6)


def test_only_the_sums_that_are_in_doubt_are_kept_apart() -> None:
    average = swad.ValleyAverage(converge=3, tolerance=4, ratio=1.5)
    for _ in range(50):
        average.add({"w": torch.ones(2)})
        average.look(1.0)
        assert len(average._recent) <= 4
    assert average.mean()["w"].tolist() == [1.0, 1.0]


def test_the_whole_method_predicts_with_the_mean_of_its_weights(
    make: Make, environments: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"swad_every": 2, "swad_converge": 2, "swad_tolerance": 2, "lr": 1e-2}
    method = make(swad.SWAD, swad.SPEC, **settings)
    method.prepare([minibatch(np.random.default_rng(0), 200)])
    losses = iter([1.0, 1.0, 1.0, 9.0, 9.0, 1.0])
    monkeypatch.setattr(method, "validation_loss", lambda: next(losses))
    iterates = []
    for _ in range(12):
        method.update(environments)
        iterates.append({k: v.detach().clone() for k, v in method.parts.state_dict().items()})
    assert method.average.span == (0, 2)
    expected = {k: torch.stack([s[k] for s in iterates[:6]]).mean(0) for k in iterates[0]}
    inputs = environments[0].inputs
    found = method.predict(inputs)
    for name, value in method.parts.state_dict().items():
        assert torch.equal(value, iterates[-1][name])  # predicting leaves the training where it was
    method.parts.load_state_dict(expected)
    torch.testing.assert_close(found, method.inner.predict(inputs), rtol=1e-4, atol=1e-5)


def test_before_the_valley_it_predicts_with_the_current_weights(make: Make, environments: Any, state: Any) -> None:
    ours, plain = make(swad.SWAD, swad.SPEC, lr=1e-2), make(erm.ERM, erm.SPEC, lr=1e-2)
    for method in (ours, plain):
        method.update(environments)
    torch.testing.assert_close(ours.predict(environments[0].inputs), plain.predict(environments[0].inputs))


def test_the_same_images_are_held_out_every_time_and_about_as_many_as_stated(rng: np.random.Generator) -> None:
    batch = minibatch(rng, 2000)
    held_out = swad.HeldOut(share=0.2, most=10_000)
    rest = held_out.split(batch)
    assert held_out.count == 2000 - len(rest.labels) == pytest.approx(400, abs=60)
    again = held_out.split(rest)
    np.testing.assert_array_equal(again.inputs, rest.inputs)
    held_out.split(batch)
    assert held_out.count == 2000 - len(rest.labels)
    trained = {row.tobytes() for row in rest.inputs}
    kept = [row for images, _ in held_out.batches(64) for row in images]
    assert len(kept) == held_out.count
    assert not trained & {row.tobytes() for row in kept}


def test_labels_stay_with_their_images(rng: np.random.Generator) -> None:
    batch = minibatch(rng, 300)
    held_out = swad.HeldOut(share=0.3, most=20)
    held_out.split(batch)
    known = {row.tobytes(): label for row, label in zip(batch.inputs, batch.labels, strict=True)}
    pairs = [(row, label) for images, labels in held_out.batches(7) for row, label in zip(images, labels, strict=True)]
    assert len(pairs) == 20
    assert all(known[row.tobytes()] == label for row, label in pairs)


def test_a_minibatch_is_never_left_empty(rng: np.random.Generator) -> None:
    held_out = swad.HeldOut(share=1.0, most=10)
    assert len(held_out.split(minibatch(rng, 5)).labels) == 5
    assert held_out.count == 0


def test_the_validation_loss_is_over_the_images_held_out(make: Make, rng: np.random.Generator) -> None:
    method = make(swad.SWAD, swad.SPEC, swad_held_out=0.5)
    method.prepare([minibatch(rng, 300)])
    images, labels = next(method.held_out.batches(1000))
    expected = cross_entropy(method.inner.predict(torch.from_numpy(images)), torch.from_numpy(labels))
    assert method.validation_loss() == pytest.approx(float(expected), rel=1e-5)


@pytest.mark.parametrize("name", sorted(swad.INNER))
def test_it_wraps_each_of_the_others(make: Make, pictures: list[Environment], name: str) -> None:
    method = make(swad.SWAD, swad.SPEC, shape=(3, 16, 16), algorithm=name, lr=0.003)
    assert type(method.inner) is swad.INNER[name].build.algorithm  # type: ignore[attr-defined]
    assert all(group["lr"] == 0.003 for group in method.inner.optimizer.param_groups[:1])
    assert np.isfinite(list(method.update(pictures).values())).all()


def test_all_but_the_transductive_ones_can_be_wrapped() -> None:
    assert set(swad.INNER) == {s.name for s in SPECS if not s.transductive} - {"swad", "uda-dann"}
