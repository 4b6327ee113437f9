"""The loop of few-shot classification: an episode at a time, each with its support alone, and what is checked of it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from farfield import Images, MethodSpec, RunContext, TaskFamily, TrackClaims
from farfield.errors import FarfieldError, JobError, ProtocolError
from farfield.families.family import Schedule, Size
from farfield.families.few_shot_classification import FAMILY, Episode, Episodes
from farfield.runtime.dataset import ArraySource
from farfield.runtime.probes import REORDERED, REPEAT
from farfield.runtime.rows import Out
from farfield.testing import check_method

EPISODE = Episode(way=2, shots=2, queries=3)


class Nearest:
    """The nearest support example by mean brightness; keeps what it was given."""

    def __init__(self, context: RunContext | None = None) -> None:
        self.seen: list[tuple[list[float], list[int]]] = []
        self.asked: list[int] = []
        self.level = 0.0

    def fit_base(self, dataset: Any) -> None:
        self.level = float(np.mean(dataset.labels))

    def fit_novel(self, support: Any) -> None:
        batch = support.take(np.arange(len(support)))
        self.means = batch.inputs.reshape(len(batch.inputs), -1).mean(axis=1).astype(float)
        self.labels = batch.labels
        self.seen.append((self.means.tolist(), self.labels.tolist()))

    def predict(self, images: Any) -> Any:
        self.asked.append(len(images))
        means = images.reshape(len(images), -1).mean(axis=1)
        distance = np.abs(means[:, None] - self.means[None])
        by_class = [distance[:, self.labels == label].min(axis=1) for label in range(self.labels.max() + 1)]
        return -np.stack(by_class, axis=1) + self.level

    def save_base(self, folder: Path) -> None:
        (folder / "level").write_text(str(self.level))

    def load_base(self, folder: Path) -> None:
        self.level = float((folder / "level").read_text())


def spec(build: Callable[..., Any], **changes: Any) -> MethodSpec:
    good: dict[str, Any] = {"inputs": Images(size=8), "claims": TrackClaims(backbone="none")} | changes
    return MethodSpec(name="toy", family=TaskFamily.FEW_SHOT_CLASSIFICATION, summary="A toy.", build=build, **good)


def levels(count: int) -> np.ndarray:
    return np.arange(count, dtype=np.uint8)[:, None, None, None] * np.ones((1, 4, 4, 3), np.uint8)


def test_each_episode_begins_with_its_own_support_and_is_asked_for_its_queries() -> None:
    method = Nearest()
    rows = list(Episodes(EPISODE).batches(method, ArraySource(levels(20)), 4))
    logits = np.concatenate([row["logits"] for row in rows])
    assert logits.shape == (20, 2)
    assert method.seen == [([0, 1, 2, 3], [0, 0, 1, 1]), ([10, 11, 12, 13], [0, 0, 1, 1])]
    assert method.asked == [4, 2, 4, 2]
    assert not logits[[0, 1, 2, 3, 10, 11, 12, 13]].any()
    assert (logits[4:10].argmax(axis=1) == 1).all()


def test_nothing_is_read_before_what_came_before_is_predicted() -> None:
    """As the stream of a run asks for it: in order, and no more at once than a batch."""
    read: list[tuple[int, int]] = []

    class Watched(ArraySource):
        def read(self, indices: Any) -> Any:
            read.append((int(indices[0]), len(indices)))
            return super().read(indices)

    told = 0
    for rows in Episodes(EPISODE).batches(Nearest(), Watched(levels(20)), 3):
        start, count = read[-1]
        assert start == told
        assert count == len(rows["logits"]) <= 3
        told += count
    assert told == 20


def test_probes_are_of_the_first_inputs_in_their_order() -> None:
    whole = np.concatenate(
        [rows["logits"] for rows in Episodes(EPISODE).batches(Nearest(), ArraySource(levels(50)), 4)]
    )
    probes = Episodes(EPISODE).probes(Nearest(), ArraySource(levels(50)), 4)
    assert len(probes[REPEAT]) == len(probes[REORDERED]) == 32
    assert np.allclose(probes[REPEAT], whole[:32])
    assert np.allclose(probes[REORDERED], whole[:32])


def test_a_method_that_predicts_from_its_batch_is_told_by_the_probes() -> None:
    class Ranking(Nearest):
        def predict(self, images: Any) -> Any:
            return super().predict(images) + np.arange(len(images))[:, None]

    source = ArraySource(levels(50))
    probes = Episodes(EPISODE).probes(Ranking(), source, 4)
    assert not np.allclose(probes[REPEAT], probes[REORDERED])


class Scoring(Nearest):
    """Surer of a query the nearer it is."""

    def score(self, images: Any) -> Any:
        logits = self.predict(images)
        return logits.max(axis=1), logits


OPEN = replace(EPISODE, others=1)


def test_queries_of_open_episodes_are_scored_and_support_is_not() -> None:
    method = Scoring()
    rows = list(Episodes(OPEN).batches(method, ArraySource(levels(26)), 5))
    logits, scores = (np.concatenate([row[name] for row in rows]) for name in ("logits", "scores"))
    assert (len(OPEN), logits.shape, scores.shape) == (13, (26, 2), (26,))
    assert method.asked == [5, 4, 5, 4]
    assert not scores[[0, 1, 2, 3, 13, 14, 15, 16]].any()
    assert (scores[4:13] == logits[4:13].max(axis=1)).all()
    assert OPEN.steps == {"way": 2, "shots": 2, "queries": 3, "others": 1}
    assert Episode.of(OPEN.steps) == OPEN


def test_the_arrays_of_open_episodes_have_scores() -> None:
    assert set(FAMILY.outputs(Size(examples=3, classes=2))) == {"logits"}
    rules = FAMILY.outputs(Size(examples=3, classes=2, open=True))
    assert {name: (rule.shape, rule.dtype) for name, rule in rules.items()} == {
        "scores": ((3,), "float64"),
        "logits": ((3, 2), "float32"),
    }


def test_probes_of_open_episodes_compare_scores_too() -> None:
    class Drifting(Scoring):
        def score(self, images: Any) -> Any:
            scores, logits = super().score(images)
            return scores + 0.1 * np.arange(len(images)), logits

    source = ArraySource(levels(52))
    steady, drifting = (Episodes(OPEN).probes(method, source, 4) for method in (Scoring(), Drifting()))
    assert steady[REPEAT].shape == (32, 3)
    assert np.allclose(steady[REPEAT], steady[REORDERED])
    assert not np.allclose(drifting[REPEAT], drifting[REORDERED])


def test_a_method_without_scores_is_refused_on_open_episodes_before_it_learns(tmp_path: Path) -> None:
    class Run:
        base_model = None

        def part(self, name: str) -> Any:
            raise AssertionError(f"it learns from {name}")

    out = Out(tmp_path, lambda *_: None)
    with pytest.raises(ProtocolError, match=r"Nearest misses `score`: this benchmark has queries of no class"):
        FAMILY.run(Nearest(), cast("Any", Run()), out, Schedule(steps=OPEN.steps))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("steps", [{}, {"way": 2, "shots": 1}, {"way": 2, "shots": 0, "queries": 1}, {"ways": 2}])
def test_a_job_without_the_shape_of_episodes_is_refused(steps: dict[str, int]) -> None:
    with pytest.raises(JobError, match="episode"):
        Episode.of(steps)


def test_a_good_method_passes(tmp_path: Path) -> None:
    check_method(spec(Nearest), tmp_path)
    check_method(spec(Scoring), tmp_path / "scoring")


def _changed(**members: Any) -> type:
    return type("Bad", (Nearest,), members)


BAD = {
    "scores alone": (_changed(score=lambda self, images: np.zeros(len(images))), "score: must return the pair"),
    "scores in company": (
        _changed(score=lambda self, images: (np.full(len(images), images.mean()), Nearest.predict(self, images))),
        "predictions change with the batch size",
    ),
    "saved": (_changed(load_base=lambda self, folder: None), "predicts otherwise than right after `fit_base`"),
    "shape": (_changed(predict=lambda self, images: np.zeros((len(images), 5))), r"must have the shape \(3, 3\)|shape"),
    "no novel": (_changed(fit_novel=None), "Bad misses `fit_novel`"),
    "half a pair": (_changed(save_base=None), "`load_base` is there without `save_base`"),
    "in company": (
        _changed(predict=lambda self, images: Nearest.predict(self, images) + images.mean()),
        "predictions change with the batch size",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_does_not_keep_the_protocol_is_told(tmp_path: Path, name: str) -> None:
    build, says = BAD[name]
    with pytest.raises(ProtocolError, match=says):
        check_method(spec(build), tmp_path)


def test_images_need_a_crop() -> None:
    with pytest.raises(FarfieldError, match="learns from several images at once, so they need a crop"):
        spec(Nearest, inputs=Images(size=8, crop="none"))
