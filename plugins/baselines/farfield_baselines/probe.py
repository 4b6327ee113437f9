"""The linear probe, whatever the features are."""

from typing import Any

import numpy as np
import numpy.typing as npt

from farfield import RunContext, TrainingSet

ABSENT = -1e4  # the logit of a class that has no training image: finite, and below any other


class LinearProbe:
    """Multinomial logistic regression on frozen features; `config.l2` is the weight of the L2 penalty."""

    def __init__(self, context: RunContext) -> None:
        self._l2: float = context.config.l2
        self._classes = context.class_count

    def fit(self, train: TrainingSet) -> None:
        from farfield_baselines.networks.linear import fit_softmax

        features = np.concatenate([batch.inputs for batch in train.batches(256)])
        self._present, labels = np.unique(train.labels, return_inverse=True)
        self._weight, self._bias = fit_softmax(features, labels, self._l2)

    def predict(self, features: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        """float32 [B, D] -> logits [B, C]."""
        logits = np.full((len(features), self._classes), ABSENT)
        logits[:, self._present] = features @ self._weight.T + self._bias
        return logits
