"""What active learning is compared with: labels asked for by chance, by the margin, and by the entropy.

What is learned in a round is as in LFTL, so that only the questions differ.
"""

from __future__ import annotations

import numpy as np

from farfield_baselines.adaptation.active import LFTL, Active, ActiveConfig
from farfield_baselines.adaptation.querying import Floats, Ints, certainty, margin
from farfield_baselines.adaptation.shot import SHOT, SOURCE
from farfield_baselines.trained.core import AsksLabels
from farfield_baselines.trained.declare import declare


class AtRandom(Active):
    """Asks for labels by chance."""

    def scores(self, unknown: Ints, rng: np.random.Generator) -> Floats:
        return rng.random(len(unknown))


class ByMargin(Active):
    """Asks where the two best classes are closest."""

    def scores(self, unknown: Ints, rng: np.random.Generator) -> Floats:
        return margin(self.probabilities(unknown))


class ByEntropy(Active):
    """Asks where the entropy of the prediction is largest."""

    def scores(self, unknown: Ints, rng: np.random.Generator) -> Floats:
        return certainty(self.probabilities(unknown))


SPECS = tuple(
    declare(
        name,
        recipe,
        f"{title}, learned as by LFTL",
        (*papers, LFTL, SHOT),
        config=ActiveConfig,
        held=AsksLabels,
        first=SOURCE,
    )
    for name, recipe, title, papers in (
        ("ask-random", AtRandom, "Labels asked for by chance", ()),
        (
            "ask-margin",
            ByMargin,
            "Labels asked for where the two best classes are closest",
            ("Scheffer et al. 2001, Active Hidden Markov Models for Information Extraction",),
        ),
        (
            "ask-entropy",
            ByEntropy,
            "Labels asked for where the prediction's entropy is largest",
            ("Settles 2009, Active Learning Literature Survey",),
        ),
    )
)
