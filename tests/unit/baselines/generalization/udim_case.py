"""The fixed case on which UDIM's release and ours are compared."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
IMAGES, CLASSES, WIDTH = 5, 3, 4


def gradients() -> tuple[Floats, Floats]:
    """(errors [2 B, 3], features [2 B, 5] with a constant one last) of a batch and of the batch moved."""
    rng = np.random.default_rng(7)
    errors = rng.normal(size=(2 * IMAGES, CLASSES)).astype(np.float32)
    features = rng.normal(size=(2 * IMAGES, WIDTH)).astype(np.float32)
    return errors, np.concatenate([features, np.ones_like(features[:, :1])], axis=1)
