"""Layer-wise interpolation guided by sharpness (Abdollahpoorrostam 2024, arXiv 2410.16476)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from farfield import Batch, TrainingSet, setting
from farfield_baselines.classification.wise_ft import copied
from farfield_baselines.clip_methods import TrainConfig, declare
from farfield_baselines.fine_tuned import BASE, FT


@dataclass(frozen=True, kw_only=True)
class Config(TrainConfig):
    """The fine-tuning, the interpolation, and how the stragglers are found and thinned. All defaults are our own."""

    alpha: float = setting(0.5, ge=0.0, le=1.0, help="0 is the zero-shot model, 1 the fine-tuned one.")
    stragglers: float = setting(0.25, ge=0.0, le=1.0, help="Share of the layers, the sharpest, that are thinned.")
    keep: float = setting(0.1, ge=0.0, le=1.0, help="Share of a straggler's change that is kept, the largest values.")
    radius: float = setting(0.05, ge=0.0, le=10.0, help="How far a weight is moved to measure sharpness, relatively.")
    draws: int = setting(2, ge=1, le=100, help="Random moves a layer.")
    images: int = setting(64, ge=1, le=65536, help="Training images that the sharpness is measured on.")


class Layerwise(FT):
    """WiSE-FT, but in the layers along which the loss is sharpest the weights change sparsely.

    The sharpness of a layer is measured at alpha on training images: the mean rise of the cross-entropy when that
    layer alone is moved at random.
    """

    def fit(self, train: TrainingSet) -> None:
        from farfield_baselines.networks import fine_tuning, layerwise

        config: Config = self.context.config
        start = copied(self.network.state_dict())
        self.train(train)
        end = copied(self.network.state_dict())
        self.network.load_state_dict(fine_tuning.interpolate(start, end, config.alpha))
        found = self.straggling(self.sample(train))
        layers = layerwise.layers_of(dict(self.network.named_parameters()))
        sparse = [name for layer in found for name in layers[layer]]
        mixed = layerwise.interpolate_sparsely(start, end, config.alpha, sparse, config.keep)
        self.network.load_state_dict(mixed)

    def sample(self, train: TrainingSet) -> Batch:
        """The training images that the sharpness is measured on."""
        order = np.random.default_rng(self.context.seed).permutation(len(train))
        return train.take(np.sort(order[: self.context.config.images]))

    def straggling(self, batch: Batch) -> tuple[str, ...]:
        """The sharpest layers of the network as it is now; all layers' figures go to the log."""
        from farfield_baselines.networks import layerwise

        config: Config = self.context.config
        sharp = self.sharpness(batch)
        listed = ", ".join(f"{layer} {value:.4f}" for layer, value in sharp.items())
        found = layerwise.stragglers(sharp, config.stragglers)
        self.context.log(f"sharpness by layer: {listed}; stragglers: {', '.join(found) or 'none'}")
        return found

    def sharpness(self, batch: Batch) -> dict[str, float]:
        """By layer, in the network's order."""
        from farfield_baselines.networks import layerwise

        config: Config = self.context.config
        seeds = np.random.SeedSequence(self.context.seed).generate_state(config.draws).tolist()
        layers = layerwise.layers_of(dict(self.network.named_parameters()))

        def level() -> float:
            return self.risk(batch)

        return {
            layer: layerwise.sharpness(self.network, names, level, config.radius, seeds)
            for layer, names in layers.items()
        }

    def risk(self, batch: Batch) -> float:
        """The mean cross-entropy on a batch."""
        import torch
        from torch.nn import functional

        logits = torch.from_numpy(self.predict(batch.inputs))
        return float(functional.cross_entropy(logits, torch.from_numpy(batch.labels)))


SPEC = declare(
    "clip-layerwise",
    Layerwise,
    "WiSE-FT on any CLIP model, with sparse changes in the layers along which the loss is sharpest.",
    ("Abdollahpoorrostam 2024, arXiv 2410.16476", "Wortsman et al. 2022, arXiv 2109.01903"),
    Config,
    stochastic=True,
    base=BASE,
)
