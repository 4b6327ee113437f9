"""The probe that says that it does not know: its threshold, and what it is where nothing is unknown."""

from typing import Any

import numpy as np
import pytest

from farfield import Batch, RunContext
from farfield.runtime.loops import parts_asked
from farfield_baselines.classification.open_probe import SPEC, OpenProbe


class Rows:
    """Labelled features as a training set."""

    def __init__(self, features: np.ndarray, labels: np.ndarray) -> None:
        self.features, self.labels = features.astype(np.float32), labels

    def batches(self, size: int) -> Any:
        yield Batch(inputs=self.features, labels=self.labels, domains=np.zeros(len(self.labels), np.int64))


def drawn(rng: np.random.Generator, each: int) -> Rows:
    labels = np.repeat(np.arange(2), each)
    return Rows(rng.normal(size=(2 * each, 4)) + 2.0 * np.eye(2, 4)[labels], labels)


@pytest.fixture
def build(context_of: Any) -> Any:
    return lambda names, **settings: OpenProbe(context_of(SPEC, names, **settings))


@pytest.fixture
def context_of() -> Any:
    return lambda spec, names, **settings: RunContext(class_names=names, config=spec.config(**settings))


def test_so_many_validation_images_are_accepted(build: Any, rng: np.random.Generator) -> None:
    method, val = build(("ball", "bird", "unknown"), accepted=0.75), drawn(rng, 40)
    assert parts_asked(method) == {"val": False}
    method.fit(drawn(rng, 20), val=val)
    said = method.predict(val.features).argmax(axis=1)
    assert (said != 2).mean() == pytest.approx(0.75, abs=0.02)
    far = np.zeros((1, 4), np.float32)
    far[0, :2] = 1.0  # as near to one class as to the other
    assert method.predict(far).argmax() == 2


def test_where_nothing_is_unknown_it_is_the_probe(build: Any, rng: np.random.Generator) -> None:
    method, train = build(("ball", "bird")), drawn(rng, 20)
    method.fit(train)
    assert (method.predict(train.features).argmax(axis=1) == train.labels).mean() > 0.8
    with pytest.raises(ValueError, match="needs a benchmark with a training split"):
        build(("ball", "bird")).predict(train.features)
