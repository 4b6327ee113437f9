"""Domain unlearning on frozen features: its losses, where the paper learns prompts inside of CLIP.

Kawamura et al., NeurIPS 2025, arXiv 2510.08132: the classes on domains that are kept, an even answer on those to be
forgotten, and domains that are told apart, as secondary texts say of the paper. The kernel of the last and what is
learned on features are our reading; with the weights that they give for its prompts, 30 and 10, features of a domain
fall into one, so the defaults are others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from farfield import RunContext, TrainingSet, setting
from farfield_baselines.clip_methods import ModelConfig
from farfield_baselines.embeddings import Floats, declare, embedded, embedder

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class Config:
    """Adam over all images at once, and how much telling domains apart counts."""

    steps: int = setting(600, ge=1, le=100_000, help="Steps of Adam, each over all images to learn from.")
    lr: float = setting(1e-3, ge=0.0, le=1.0, help="Learning rate of Adam.")
    width: int = setting(256, ge=1, le=8192, help="Hidden units of what is added to a feature.")
    domain_weight: float = setting(1.0, ge=0.0, le=1e4, help="Weight of the cross-entropy of the domains.")
    mmd_weight: float = setting(1.0, ge=0.0, le=1e4, help="Weight of the distance between domains, which is to grow.")


@dataclass(frozen=True, kw_only=True)
class ClipConfig(Config, ModelConfig):
    """The model, and the same."""


class AduProbe:
    """Unit features plus a perceptron of them, a classifier and a domain classifier.

    With the part `forget` its images are to get an even answer; without it the probe is of the kept domains alone.
    """

    def __init__(self, context: RunContext) -> None:
        self._context, self._embed = context, embedder(context)
        self._network: Any = None

    def fit(self, train: TrainingSet, *, forget: TrainingSet | None = None) -> None:
        import torch

        from farfield_baselines.networks import unlearning
        from farfield_baselines.networks.seeding import seeded

        config, context = self._context.config, self._context
        parts = [train] if forget is None else [train, forget]
        features = torch.cat([self._rows(embedded(self._embed, part)) for part in parts])
        domains = np.unique(np.concatenate([part.domains for part in parts]), return_inverse=True)[1]
        given = unlearning.Given(
            labels=torch.from_numpy(np.asarray(train.labels)).to(context.device),
            domains=torch.from_numpy(domains).to(context.device),
        )
        with seeded(context.device, context.seed):
            sizes = (features.shape[1], config.width, context.class_count, int(domains.max()) + 1)
            self._network = unlearning.Unlearner(*sizes).to(context.device)
            optimizer = torch.optim.Adam(self._network.parameters(), lr=config.lr)
            for step in range(config.steps):
                optimizer.zero_grad()
                loss = unlearning.objective(
                    self._network, features, given, domain=config.domain_weight, mmd=config.mmd_weight
                )
                loss.backward()  # type: ignore[no-untyped-call]
                optimizer.step()
                context.progress(step + 1, config.steps)

    def predict(self, inputs: npt.NDArray[Any]) -> Floats:
        """[B, ...] -> logits float32 [B, C]. Raises ValueError before `fit`."""
        import torch

        if self._network is None:
            raise ValueError("adu-probe needs a benchmark with a training split; this one has none")
        with torch.inference_mode():
            logits = self._network.classes(self._network(self._rows(self._embed(inputs))))
        return np.asarray(logits.cpu().numpy())

    def _rows(self, features: npt.NDArray[Any]) -> torch.Tensor:
        import torch

        rows = torch.from_numpy(np.array(features, np.float32)).to(self._context.device)
        return torch.nn.functional.normalize(rows)


SPEC = declare(
    "adu-probe",
    AduProbe,
    "A probe that forgets domains: even answers there, the classes elsewhere, and domains told apart",
    ("Kawamura et al. 2025, arXiv 2510.08132",),
    {"lite0": Config, "mini-clip": Config, "clip": ClipConfig},
)
