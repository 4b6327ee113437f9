"""Learn from the Learnt (Lyu et al. 2024, arXiv 2407.18899): what is asked is where a round has changed the model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from farfield import setting
from farfield_baselines.adaptation.active import LFTL, Active, ActiveConfig
from farfield_baselines.adaptation.querying import Floats, Ints, contrastive
from farfield_baselines.adaptation.shot import SHOT, SOURCE
from farfield_baselines.trained.core import AsksLabels, Setup
from farfield_baselines.trained.declare import declare


@dataclass(frozen=True, kw_only=True)
class LftlConfig(ActiveConfig):
    """The same, and how examples are chosen."""

    contrast: float = setting(0.03, ge=0.0, le=10.0, help="Weight of what a round changed of the probabilities.")
    class_weight: float = setting(0.1, ge=0.0, le=10.0, help="Weight of how often a class is among the surest.")
    surest: int = setting(100, ge=1, le=1_000_000, help="How many examples are the surest.")


class Lftl(Active):
    """Contrastive active sampling; the probabilities of a round are kept for the next."""

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        self._before: Floats | None = None

    def scores(self, unknown: Ints, rng: np.random.Generator) -> Floats:
        config: LftlConfig = self.config
        now, before = self.probabilities(unknown), self._before
        self._before = np.zeros((len(self.pool), now.shape[1]), now.dtype)
        self._before[unknown] = now
        return contrastive(
            now,
            None if before is None else before[unknown],
            ratio=config.contrast,
            most=config.surest,
            class_weight=config.class_weight,
        )


SPEC = declare(
    "lftl",
    Lftl,
    "Learn from the Learnt: labels asked for where the last round changed the model, and learned with what has none",
    (LFTL, SHOT),
    config=LftlConfig,
    held=AsksLabels,
    first=SOURCE,
)
