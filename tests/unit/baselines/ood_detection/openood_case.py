"""What a comparison with OpenOOD has in common on both sides: features, labels and a last layer."""

import numpy as np
import numpy.typing as npt

CLASSES, WIDTH, TRAINING, TEST = 10, 600, 700, 12
Array = npt.NDArray[np.float32]


def layer() -> tuple[Array, Array]:
    """Weight [CLASSES, WIDTH] and bias [CLASSES] of a layer that knows the classes somewhat."""
    random, places = np.random.RandomState(1), _places()
    weight = 0.05 * random.standard_normal((CLASSES, WIDTH)) + 0.01 * (places - places.mean(axis=0))
    return weight.astype(np.float32), random.standard_normal(CLASSES).astype(np.float32)


def training() -> tuple[Array, npt.NDArray[np.int64]]:
    """Features as after a ReLU, each class about a place of its own, and labels."""
    labels = np.arange(TRAINING) % CLASSES
    return _features(np.random.RandomState(2), labels), labels


def test_features() -> Array:
    """Of some images of the classes, and of as many that are of none."""
    random = np.random.RandomState(3)
    inside = _features(random, np.arange(TEST // 2))
    return np.concatenate([inside, random.exponential(1.5, (TEST - TEST // 2, WIDTH)).astype(np.float32)])


def outside() -> Array:
    """Features of other images of no class, to learn from."""
    drawn: Array = np.random.RandomState(9).exponential(1.5, (20, WIDTH)).astype(np.float32)
    return drawn


def _places() -> npt.NDArray[np.float64]:
    return np.random.RandomState(4).exponential(1.0, (CLASSES, WIDTH))


def _features(random: np.random.RandomState, labels: npt.NDArray[np.int64]) -> Array:
    drawn: Array = np.maximum(_places()[labels] + random.standard_normal((len(labels), WIDTH)), 0.0).astype(np.float32)
    return drawn
