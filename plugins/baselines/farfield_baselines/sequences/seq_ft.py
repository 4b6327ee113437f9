"""Continual fine-tuning, ZSCL's baseline (Zheng et al. 2023, arXiv 2303.06628): a task as if there were no other."""

from farfield import TrainingSet
from farfield_baselines.clip_methods import declare
from farfield_baselines.sequences.core import PAPER, InSequence, SequenceConfig


class ContinualFT(InSequence):
    """Learns from the tasks alone."""

    def fit(self, train: TrainingSet) -> None:
        self.learn_all(train)


SPEC = declare(
    "seq-ft",
    ContinualFT,
    "Both towers of any CLIP model fine-tuned on one task after the other.",
    (PAPER,),
    SequenceConfig,
    stochastic=True,
)
