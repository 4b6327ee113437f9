"""A linear probe that calls unknown what it is less sure of than it is of nearly all validation images."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield import RunContext, TrainingSet, setting
from farfield.logistic import ABSENT, Floats, Probe
from farfield_baselines.classification import linear_probe
from farfield_baselines.embeddings import declare, embedded, embedder
from farfield_baselines.probe import fitted

UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Config(linear_probe.Config):
    """The probe, and when it says that it does not know."""

    accepted: float = setting(0.9, ge=0.0, le=1.0, help="Share of the validation images that are not called unknown.")


@dataclass(frozen=True, kw_only=True)
class MiniClipConfig(linear_probe.MiniClipConfig):
    """The same; unit embeddings want a lighter hand."""

    accepted: float = setting(0.9, ge=0.0, le=1.0, help="Share of the validation images that are not called unknown.")


class OpenProbe:
    """The highest softmax decides (Hendrycks & Gimpel 2017); the threshold is a quantile on validation images.

    Where no class is called "unknown" it is the probe; without a validation part the training images give the
    threshold, which are told better than new ones.
    """

    def __init__(self, context: RunContext) -> None:
        names = list(context.class_names)
        self._context, self._embed = context, embedder(context)
        self._unknown = names.index(UNKNOWN) if UNKNOWN in names else None
        self._probe: Probe | None = None
        self._least = -math.inf

    def fit(self, train: TrainingSet, *, val: TrainingSet | None = None) -> None:
        config: Config = self._context.config
        features = embedded(self._embed, train)
        self._probe = fitted(features, train.labels, config.l2, config.validation, self._context)
        known = features if val is None else embedded(self._embed, val)
        from scipy.special import log_softmax  # here, as below, for it takes time to import

        sure = log_softmax(self._probe.logits(known), axis=1).max(axis=1)
        self._least = float(np.quantile(sure, 1.0 - config.accepted))

    def predict(self, inputs: npt.NDArray[Any]) -> Floats:
        """Embeddings [B, D] -> log-probabilities [B, C], of "unknown" the threshold. Raises ValueError unfitted."""
        if self._probe is None:
            raise ValueError("open-probe needs a benchmark with a training split; this one has none")
        logits = self._probe.logits(self._embed(inputs))
        if self._unknown is None:
            return logits
        from scipy.special import log_softmax

        logits[:, self._unknown] = ABSENT
        told = log_softmax(logits, axis=1)
        told[:, self._unknown] = self._least
        return np.asarray(told)


SPEC = declare(
    "open-probe",
    OpenProbe,
    "Logistic regression that calls unknown what it is unsure of",
    ("Hendrycks & Gimpel 2017, arXiv 1610.02136",),
    {"lite0": Config, "mini-clip": MiniClipConfig},
)
