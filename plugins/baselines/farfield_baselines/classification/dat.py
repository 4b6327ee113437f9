"""DAT: discrete adversarial training (Mao et al. 2022, arXiv 2209.07735)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from farfield import RunContext, setting
from farfield.errors import ConfigError
from farfield_baselines.clip_methods import TrainConfig, declare
from farfield_baselines.fine_tuned import FineTuned

if TYPE_CHECKING:
    from farfield_baselines.networks.fine_tuning import Loss


@dataclass(frozen=True, kw_only=True)
class Config(TrainConfig):
    """Fine-tuning, and the adversarial images. Without a tokenizer there is no such method."""

    tokenizer: str = setting(
        "",
        max_length=1000,
        help="A file of a VQGAN's weights, vector-quantised; needed. Safetensors or torch's tensors.",
    )
    step: float = setting(0.1, ge=0.0, le=1.0, help="How far a pixel is moved before it is tokenized, of 0..1.")
    weight: float = setting(1.0, ge=0.0, le=1e3, help="Weight of the loss on the adversarial images.")


class DAT(FineTuned):
    """Cross-entropy on the images, and on what a tokenizer makes of them after a step against the classifier.

    One network with one set of statistics sees both, as they are frozen here (see `fine_tuning.fine_tune`); the paper
    keeps two sets for networks with BatchNorm.
    """

    def __init__(self, context: RunContext) -> None:
        from farfield_baselines.networks import vq

        super().__init__(context)
        config: Config = context.config
        if not config.tokenizer:
            raise ConfigError(["tokenizer: DAT needs a VQGAN's weights; give the path of a file that the run can read"])
        self.tokenizer = vq.load(config.tokenizer, "tokenizer").to(context.device)
        if self.clip.size % self.tokenizer.shape.factor:
            fits = f"tokens of {self.tokenizer.shape.factor} pixels do not tile images of {self.clip.size}"
            raise ConfigError([f"tokenizer: {fits}; choose another tokenizer or model"])

    def loss(self) -> Loss:
        from farfield_baselines.networks.discrete import discrete_adversarial

        config: Config = self.context.config
        return discrete_adversarial(
            self.network, self.tokenizer, self.pixels.normalise, step=config.step, weight=config.weight
        )


SPEC = declare(
    "dat",
    DAT,
    "Any CLIP model fine-tuned on images and on discrete adversarial versions of them.",
    ("Mao et al. 2022, arXiv 2209.07735", "Esser et al. 2021, arXiv 2012.09841"),
    Config,
    stochastic=True,
)
