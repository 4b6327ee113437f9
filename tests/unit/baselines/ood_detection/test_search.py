"""OpenOOD's automatic parameter search: its grids and its rule, on validation images alone."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from tests.unit.baselines.ood_detection import openood_network
from tests.unit.baselines.ood_detection.test_against_openood import small_network

from farfield.errors import ProtocolError
from farfield.runtime.loops import fit, parts_asked
from farfield_baselines.ood_detection import adascale, ash, gen, grood, iodin, knn, mds_ensemble, odin, vra
from farfield_baselines.ood_detection.core import Head, Known, OnFeatures, Rule, Score, Seen
from farfield_baselines.ood_detection.listed import SPECS
from farfield_baselines.ood_detection.search import SearchedPostHoc

Make = Callable[..., Any]
# How many settings `configs/postprocessors` of OpenOOD has for each, at 3c35632.
COMBINATIONS = {
    "adascale-a": 36,
    "adascale-l": 36,
    "ash": 7,
    "cfood": 12,
    "fdbd": 2,
    "gen": 42,
    "iodin": 8,
    "knn": 5,
    "nci": 4,
    "odin": 8,
    "react-train": 4,
    "relation": 5,
    "scale": 7,
    "vim": 2,
    "vra-train": 16,
}


def test_every_grid_of_openood_is_a_setting() -> None:
    searched = {spec.name for spec in SPECS if hasattr(spec.config(), "search")}
    assert searched == set(COMBINATIONS)
    for detector in (adascale.OF_ACTIVATIONS, ash.DETECTOR, gen.DETECTOR, iodin.DETECTOR, knn.DETECTOR, odin.DETECTOR):
        assert len(detector.rule.grid) == COMBINATIONS[detector.name]
    assert list(map(dict, vra.RULE.grid))[:2] == [{"high": 85.0, "low": 1.0}, {"high": 90.0, "low": 1.0}]


def by_column(_: Known, config: Any) -> Score:
    column = {50: 0, 100: 1, 200: 2, 500: 2, 1000: 0}[config.k]
    return lambda seen: seen.features[:, column]


def test_the_last_of_the_best_is_chosen_on_validation_images_alone(head: Head, labeled: Make, rng: Any) -> None:
    rule = Rule(make=by_column, fits=True, grid=knn.RULE.grid)
    method = SearchedPostHoc(rule, lambda _: OnFeatures(head=head), knn.Config())
    inside, outside = rng.random((20, 12)), rng.random((10, 12))
    inside[:, 2] += 2.0
    fit(
        method,
        Parts(
            train=labeled(inside, np.zeros(20)),
            val=labeled(inside, np.zeros(20)),
            ood_val=labeled(outside, -np.ones(10)),
        ),
    )
    assert method.config.k == 500
    asked = rng.random((4, 12))
    np.testing.assert_array_equal(method.score(asked)[0], asked[:, 2])


class Parts:
    def __init__(self, **parts: Any) -> None:
        self._parts = parts

    def part(self, name: str) -> Any:
        return self._parts.get(name)


def test_what_is_seen_is_seen_anew_where_it_depends_on_the_setting(head: Head, labeled: Make, rng: Any) -> None:
    made: list[float] = []

    class Model:
        def __init__(self, config: Any) -> None:
            self.head = head
            made.append(config.temperature)

        def see(self, inputs: Any) -> Seen:
            return Seen(features=inputs, logits=head(inputs), inside=(head(inputs),))

    method = SearchedPostHoc(odin.RULE, Model, odin.Config())
    parts = {name: labeled(rng.random((6, 12)), np.zeros(6)) for name in ("train", "val", "ood_val")}
    fit(method, Parts(**parts))
    assert made == [1000.0, 1.0, 10.0, 100.0, 1000.0, 1.0, 10.0, 100.0, 1000.0]


def test_it_needs_both_kinds_of_validation_images(build: Make, labeled: Make, rng: Any) -> None:
    method = build(knn.SPEC, {"input": "lite0", "search": "validation"})
    assert parts_asked(method) == {"val": True, "ood_val": True}
    train = labeled(rng.random((6, 1280), dtype=np.float32), np.arange(6) % 3)
    with pytest.raises(ProtocolError, match="needs the part `ood_val`"):
        fit(method, Parts(train=train, val=train))
    assert not parts_asked(build(knn.SPEC, {"input": "lite0"}))


def test_a_prototype_of_validation_images_needs_them(build: Make, labeled: Make, rng: Any) -> None:
    assert parts_asked(build(grood.SPEC, {"input": "lite0"})) == {"ood_val": True}
    method = build(grood.SPEC, {"input": "lite0", "prototype": "centre"})
    assert not parts_asked(method)
    fit(method, Parts(train=labeled(rng.random((6, 1280), dtype=np.float32), np.arange(6) % 3)))
    scores, _ = method.score(rng.random((2, 1280), dtype=np.float32))
    assert (scores <= 0).all()


def test_weights_of_stages_are_those_of_a_logistic_regression(rng: Any) -> None:
    inside, outside = rng.normal(10, [1, 5, 2], (40, 3)), rng.normal([12, 10, 11], [1, 5, 2], (30, 3))
    weights = mds_ensemble.told_by(inside, outside)
    rows = np.r_[inside, outside]
    theirs = LogisticRegression(C=2 / mds_ensemble.PENALTY).fit(
        (rows - rows.mean(axis=0)) / rows.std(axis=0), np.r_[np.zeros(40), np.ones(30)]
    )
    np.testing.assert_allclose(weights * rows.std(axis=0), theirs.coef_[0], atol=1e-3)


def test_stages_are_weighed_on_validation_images_of_both_kinds(labeled: Make, rng: Any) -> None:
    method = mds_ensemble.WeighedMDSEnsemble(small_network(), [1.0] * 4, mds_ensemble.Config())
    assert parts_asked(method) == {"val": True, "ood_val": True}
    images, labels = (part.numpy() for part in openood_network.training())
    inside, outside = labeled(images[:24], labels[:24]), rng.normal(size=images[:16].shape).astype(np.float32)
    fit(method, Parts(train=labeled(images, labels), val=inside, ood_val=labeled(outside, -np.ones(16))))
    scores, _ = method.score(openood_network.test_images().numpy())
    half = openood_network.TEST // 2
    assert scores[:half].min() > scores[half:].max()
