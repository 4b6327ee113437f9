"""CRLNet (Guo et al. 2025, arXiv 2502.01183): support and query are represented with a view to one another.

A network on a frozen backbone is shown pairs of base images and learns whether they are of one class, by the cosine of
their vectors. In an episode a query is paired with every support image: at one shot the cosine is its logit; at more, a
logistic regression is fitted to the support's vectors, as this query makes them, and asked for the query's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from farfield import Choice, Images, MethodSpec, Resources, RunContext, TaskFamily, TrackClaims, TrainingSet
from farfield.errors import ConfigError
from farfield_baselines.backbones import LITE0_CLAIMS, LITE0_PAPER
from farfield_baselines.few_shot_classification.config import ReleaseConfig, SmallConfig

if TYPE_CHECKING:
    import torch

Floats = npt.NDArray[np.float64]
HEADS = 8
PAIRS = 512  # that are compared at once
FILE = "crlnet.safetensors"


class CRLNet:
    """Learns pairs of the base set, then each episode's classes. Everything random comes from the run's seed."""

    def __init__(self, backbone: str, context: RunContext) -> None:
        from farfield_baselines.few_shot_classification.maps import Maps
        from farfield_baselines.networks.conditional import Conditional
        from farfield_baselines.networks.seeding import seeded

        config: SmallConfig = context.config
        if config.width % HEADS:
            raise ConfigError([f"width: {config.width} is not a multiple of {HEADS}"])
        self._context, self._config = context, config
        self._maps = Maps(backbone, config, context.device)
        with seeded(context.device, context.seed):
            network = Conditional(config.width, self._maps.places, HEADS, config.hidden)
        self._network = network.to(context.device)
        self._support: torch.Tensor | None = None
        self._labels: npt.NDArray[np.int64] = np.zeros(0, np.int64)

    def fit_base(self, dataset: TrainingSet) -> None:
        from farfield_baselines.few_shot_classification.pairs import learn

        self._maps.fit(dataset)
        learn(self._network, self._maps, dataset, self._config, self._context)

    def save_base(self, folder: Path) -> None:
        from safetensors.torch import save_file

        save_file({name: tensor.cpu().contiguous() for name, tensor in self._state().items()}, folder / FILE)

    def load_base(self, folder: Path) -> None:
        """Take what `save_base` wrote. Raises ConfigError where it is of other settings."""
        from safetensors.torch import load_file

        tensors, own = load_file(folder / FILE), self._state()
        if {name: t.shape for name, t in tensors.items()} != {name: t.shape for name, t in own.items()}:
            raise ConfigError(["base model: its tensors are not those of these settings; train it again with them"])
        for name, tensor in own.items():
            tensor.copy_(tensors[name])

    def fit_novel(self, support: TrainingSet) -> None:
        self._network.eval()
        self._support = self._maps.of(support.take(np.arange(len(support))).inputs)
        self._labels = support.labels

    def predict(self, images: npt.NDArray[Any]) -> Floats:
        """uint8 [B, H, W, 3] -> cosines [B, W] at one shot, the logits of logistic regressions at more."""
        import torch
        from torch.nn import functional

        with torch.inference_mode():
            support, query = self._pairs(self._maps.of(images))  # both [B, S, D]
            if len(set(self._labels.tolist())) == len(self._labels):
                cosines: Floats = functional.cosine_similarity(query, support, dim=2, eps=1e-6).double().cpu().numpy()
                return cosines
        return self._regressed(support.cpu().numpy(), query.mean(dim=1).cpu().numpy())

    def _pairs(self, queries: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The vectors [B, S, D] of support and query in each of B x S pairs."""
        import torch

        assert self._support is not None  # noqa: S101 - `fit_novel` comes first
        count, shots = len(queries), len(self._support)
        firsts, seconds = [], []
        for start in range(0, count * shots, PAIRS):
            part = torch.arange(start, min(start + PAIRS, count * shots), device=queries.device)
            first, second = self._network(self._support[part % shots], queries[part // shots])
            firsts.append(first)
            seconds.append(second)
        return torch.cat(firsts).view(count, shots, -1), torch.cat(seconds).view(count, shots, -1)

    def _regressed(self, support: npt.NDArray[Any], query: npt.NDArray[Any]) -> Floats:
        from farfield_baselines.networks.linear import fit_each

        weights, biases = fit_each(support, self._labels, self._config.l2)
        return np.asarray(np.einsum("bkd,bd->bk", weights, query.astype(np.float64)) + biases)

    def _state(self) -> dict[str, torch.Tensor]:
        """All that the base phase learns."""
        return {**self._network.state_dict(), **self._maps.learned()}


@dataclass(frozen=True)
class Builder:
    """What a spec's `build` is."""

    backbone: str

    def __call__(self, context: RunContext) -> CRLNet:
        return CRLNet(self.backbone, context)


LITE0, RESNET12 = "lite0", "resnet12"
PAPER = "Guo et al. 2025, arXiv 2502.01183"
SPEC = MethodSpec(
    name="crlnet",
    family=TaskFamily.FEW_SHOT_CLASSIFICATION,
    summary="Representations of support and query that depend on one another, on frozen EfficientNet-Lite0 maps.",
    build=Builder(LITE0),
    inputs=Images(size=128),
    claims=LITE0_CLAIMS,
    config=SmallConfig,
    resources=Resources(memory_gib=2.0, minutes=60.0),
    batch_size=50,
    stochastic=True,
    papers=(PAPER, LITE0_PAPER),
    licence="Apache-2.0",
    input_name=LITE0,
    choices={
        RESNET12: Choice(
            inputs=Images(size=224),
            summary="CRLNet as released, on ResNet-12; weights come from a file.",
            build=Builder(RESNET12),
            claims=TrackClaims(backbone=RESNET12, pretraining=("imagenet-1k",)),
            config=ReleaseConfig,
            resources=Resources(gpu=True, memory_gib=32.0, minutes=14_400.0),
            batch_size=75,
            papers=(PAPER,),
        )
    },
)
