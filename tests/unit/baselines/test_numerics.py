"""Row-wise functions, against torch's and at their edges."""

import numpy as np
import torch

from farfield.numerics import logsumexp, softmax, unit


def test_equal_torchs(rng: np.random.Generator) -> None:
    logits = rng.normal(size=(5, 7)) * 20
    np.testing.assert_allclose(logsumexp(logits), torch.from_numpy(logits).logsumexp(1).numpy())
    np.testing.assert_allclose(softmax(logits), torch.from_numpy(logits).softmax(1).numpy())


def test_large_logits_do_not_overflow() -> None:
    logits = np.array([[1e4, 1e4], [-1e4, -1e4]], np.float32)
    np.testing.assert_allclose(logsumexp(logits), [1e4 + np.log(2), -1e4 + np.log(2)])
    np.testing.assert_allclose(softmax(logits), 0.5)


def test_unit_rows(rng: np.random.Generator) -> None:
    rows = np.vstack([rng.normal(size=(3, 4)), np.zeros(4)])
    np.testing.assert_allclose(np.linalg.norm(unit(rows), axis=1), [1, 1, 1, 0])
