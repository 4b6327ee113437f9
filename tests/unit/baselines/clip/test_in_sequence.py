"""Tasks one after the other: ZSCL's losses are its release's, and each method is tested by what defines it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.unit.baselines.clip import zscl_case as case

from farfield.errors import ConfigError
from farfield.runtime.dataset import ArraySource, LabeledSet
from farfield_baselines.networks import in_sequence
from farfield_baselines.sequences import seq_ft, seq_wise_ft, zscl
from farfield_baselines.sequences.core import tasks_of

Make = Callable[..., Any]
MEASURED = json.loads(Path(__file__).with_name("zscl.json").read_text(encoding="utf-8"))
TEXTS = ("a red thing", "something round", "an old house")


@pytest.mark.parametrize("temperature", case.TEMPERATURES)
def test_distillation_both_ways_is_the_releases(temperature: float) -> None:
    teacher, student = case.logits()
    theirs = MEASURED["distillation"][f"{temperature:g}"]
    assert float(in_sequence.distillation(teacher, student, temperature)) == pytest.approx(theirs[0], rel=1e-5)
    assert float(in_sequence.both_ways(teacher, student, temperature)) == pytest.approx(sum(theirs), rel=1e-5)


def test_the_distance_and_the_mean_of_weights_are_the_releases() -> None:
    start = case.network()
    before, mean = in_sequence.parameters_of(start), in_sequence.Averaged(start)
    for model, distance in zip(case.along(), MEASURED["l2"], strict=True):
        assert float(in_sequence.squared_distance(model, before).detach()) == pytest.approx(distance, rel=1e-5)
        mean.add(model)
    for own, theirs in zip(mean.values, MEASURED["mean"], strict=True):
        np.testing.assert_allclose(own.flatten(), theirs, rtol=1e-5, atol=1e-6)


@pytest.fixture
def tasks(images: Any) -> LabeledSet:
    """Nine images: classes 1 and 2 first, then class 0."""
    labels = np.array([0, 1, 2, 0, 1, 2, 0, 1, 2])
    return LabeledSet(ArraySource(images), labels, (labels == 0).astype(np.int64))


@pytest.fixture
def other(rng: np.random.Generator) -> LabeledSet:
    """Six images of no class."""
    source = ArraySource(rng.integers(0, 256, (6, 32, 32, 3), dtype=np.uint8))
    return LabeledSet(source, np.full(6, -1, np.int64), np.zeros(6, np.int64))


@pytest.fixture
def learned(build: Make, tasks: LabeledSet, other: LabeledSet, short: dict[str, Any], tmp_path: Path) -> Make:
    """learned(SPEC, settings): the method after both tasks on the tiny model."""
    (tmp_path / "texts.txt").write_text("\n".join(TEXTS))

    def run(spec: Any, **settings: Any) -> Any:
        file = {"texts": str(tmp_path / "texts.txt")} if spec is zscl.SPEC else {}
        method = build(spec, {**short, "learning_rate": 1e-3, **file, **settings})
        method.fit(tasks, **({"unlabeled": other} if spec is zscl.SPEC else {}))
        return method

    return run


def weights(method: Any) -> torch.Tensor:
    return torch.cat([value.detach().flatten() for value in method.clip.model.parameters()])


def test_tasks_come_in_the_order_of_their_domains_each_with_its_own_classes(
    learned: Make, tasks: LabeledSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [task.classes.tolist() for task in tasks_of(tasks)] == [[1, 2], [0]]
    told: list[tuple[int, set[int]]] = []
    monkeypatch.setattr(
        in_sequence, "learn", lambda clip, prompts, batches, *_, **__: told.append((len(prompts), labels_of(batches)))
    )
    learned(seq_ft.SPEC)
    assert told == [(2, {0, 1}), (1, {0})]


def labels_of(batches: Any) -> set[int]:
    return {label for _ in range(4) for label in next(batches)[1].tolist()}


def test_at_the_ends_of_alpha_wise_ft_learns_nothing_or_all(
    learned: Make, build: Make, short: Any, images: Any
) -> None:
    untrained = build(seq_ft.SPEC, short).predict(images)
    np.testing.assert_allclose(learned(seq_wise_ft.SPEC, wise_alpha=0.0).predict(images), untrained, atol=1e-4)
    tuned = learned(seq_ft.SPEC).predict(images)
    np.testing.assert_allclose(learned(seq_wise_ft.SPEC, wise_alpha=1.0).predict(images), tuned, atol=1e-4)
    assert np.abs(tuned - untrained).max() > 0.1


def test_zscl_keeps_the_weights_and_what_is_said_of_the_reference(
    learned: Make, build: Make, short: dict[str, Any], other: LabeledSet
) -> None:
    start = build(seq_ft.SPEC, short)
    free, kept = learned(seq_ft.SPEC), learned(zscl.SPEC, average_every=0)
    pulled, mean = learned(zscl.SPEC, average_every=0, l2=100.0), learned(zscl.SPEC, average_every=1)

    def moved(method: Any) -> float:
        return float((weights(method) - weights(start)).norm())

    def forgotten(method: Any) -> float:
        logits = [
            m.clip.embed_images(other.take(np.arange(6)).inputs) @ start.clip.embed_prompts(TEXTS).T
            for m in (method, start)
        ]
        return float(np.abs(logits[0] - logits[1]).mean())

    assert moved(pulled) < moved(kept)
    assert moved(mean) < moved(kept)
    assert forgotten(kept) < forgotten(free)


def test_texts_that_are_none_are_refused(build: Make, short: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("\n")
    for file, said in (("empty.txt", "has no line of text"), ("none.txt", "cannot be read as text")):
        with pytest.raises(ConfigError, match=said):
            build(zscl.SPEC, {**short, "texts": str(tmp_path / file)})
