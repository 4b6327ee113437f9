"""WiSE-FT in a sequence: after each task the weights go back part of the way to those before it.

Wortsman et al. 2022, arXiv 2109.01903; in a sequence as ZSCL's release has it (Zheng et al. 2023, arXiv 2303.06628).
"""

from dataclasses import dataclass

from farfield import setting
from farfield_baselines.clip_methods import declare
from farfield_baselines.sequences.core import PAPER, SequenceConfig
from farfield_baselines.sequences.seq_ft import ContinualFT


@dataclass(frozen=True, kw_only=True)
class WiseConfig(SequenceConfig):
    """How much of a task stays."""

    wise_alpha: float = setting(0.8, ge=0.0, le=1.0, help="Weight of the weights after a task; 0 learns nothing.")


class WiseInSequence(ContinualFT):
    """Continual fine-tuning, with the mean of the weights before and after each task."""

    config: WiseConfig

    def before(self) -> None:
        from farfield_baselines.networks.in_sequence import parameters_of

        self._before = parameters_of(self.clip.model)

    def between(self) -> None:
        from farfield_baselines.networks import in_sequence

        model = self.clip.model
        now = in_sequence.parameters_of(model)
        in_sequence.set_parameters(model, in_sequence.mixed(self._before, now, self.config.wise_alpha))


SPEC = declare(
    "seq-wise-ft",
    WiseInSequence,
    "Fine-tuning on one task after the other, each taken back part of the way to the weights before it.",
    ("Wortsman et al. 2022, arXiv 2109.01903", PAPER),
    WiseConfig,
    stochastic=True,
)
