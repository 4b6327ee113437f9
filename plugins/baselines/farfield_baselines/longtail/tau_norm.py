"""tau-norm: a classifier whose rows are shortened by a power of their length (Kang et al. 2020, arXiv 1910.09217)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from farfield import MethodSpec, TrainingSet, setting
from farfield_baselines.longtail.core import Decoupled, LongTailConfig
from farfield_baselines.longtail.declare import decoupled
from farfield_baselines.validation import best

TAUS = tuple(float(tau) for tau in np.linspace(0.0, 2.0, 21).round(1))


@dataclass(frozen=True, kw_only=True)
class TauConfig(LongTailConfig):
    """What is done where nothing can be chosen."""

    tau: float = setting(
        0.7, ge=0.0, le=2.0, help="Power of the length, where the benchmark has no validation split to choose it on."
    )


class TauNorm(Decoupled):
    """After training by cross-entropy: rows w_c / |w_c|^tau, without a bias, for the tau that is best on validation."""

    def finish(self) -> None:
        import torch

        from farfield_baselines.networks.heads import last_layer
        from farfield_baselines.networks.long_tail import tau_normalised

        layer = last_layer(self.classifier)
        layer.register_parameter("bias", None)
        val = self.setup.val
        tau = self.config.tau if val is None else self.chosen(val, layer.weight.norm(dim=1).detach().cpu().numpy())
        with torch.no_grad():
            layer.weight.copy_(tau_normalised(layer.weight, tau))

    def chosen(self, val: TrainingSet, lengths: np.ndarray) -> float:
        """The first of TAUS with the highest figure on the validation split, for rows of these lengths [C]."""
        logits, divisors = self.outputs(val), np.where(lengths > 0, lengths, 1.0)
        tau, figures = best(TAUS, lambda tau: self.figure(logits / divisors**tau, val))
        listed = ", ".join(f"{t:g}: {100 * a:.1f}" for t, a in zip(TAUS, figures, strict=True))
        self.setup.log(f"validation (%) by tau: {listed}; chosen {tau:g}")
        return tau


SPEC: MethodSpec = decoupled("tau-norm", TauNorm, "A tau-normalised classifier", TauConfig)
