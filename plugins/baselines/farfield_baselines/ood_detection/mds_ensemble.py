"""Mahalanobis distances at several stages, after a step towards the nearest class (Lee et al. 2018, section 2.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from farfield import RunContext, TrainingSet, setting
from farfield.errors import ConfigError, ProtocolError
from farfield.logistic import fit_softmax
from farfield_baselines.ood_detection.core import Floats, Seen, known_by, learned_from
from farfield_baselines.ood_detection.declare import ModelConfig, image_spec, on_lite0_images, with_model
from farfield_baselines.ood_detection.gaussians import Gaussians, gaussians
from farfield_baselines.ood_detection.gmm import STATISTIC_HELP, STATISTICS

if TYPE_CHECKING:
    import torch

    from farfield_baselines.ood_detection.models import Network

PAPERS = ("Lee et al. 2018, arXiv 1807.03888",)
WEIGHTS_HELP = (
    "Weight of each stage's distance, from the first, with commas between them; OpenOOD's is 1, the first alone. "
    "validation learns those of all stages from the benchmark's validation images of both kinds, which it must have."
)
LEARNED = "validation"
TOGETHER = 16  # images at a time
PENALTY = 1.0  # on the squared weights of distances of unit deviation


@dataclass(frozen=True, kw_only=True)
class Config:
    """Which stages count how much, by what of them, and the step."""

    weights: str = setting("1", help=WEIGHTS_HELP)
    statistic: str = setting("mean", choices=STATISTICS, help=STATISTIC_HELP)
    epsilon: float = setting(0.0014, ge=0.0, le=0.1, help="The step, where pixels lie in 0..1; OpenOOD's is 0.0014.")


def weights_of(text: str) -> tuple[float, ...]:
    """Raises ConfigError for what is no list of numbers, or has none but zeros."""
    try:
        weights = tuple(float(part) for part in text.split(","))
    except ValueError:
        weights = ()
    if not any(weights) or not np.isfinite(weights).all():
        raise ConfigError([f"weights: {text!r} is neither {LEARNED} nor a list of numbers such as 1, 0.5, 0.5"])
    return weights


class MDSEnsemble:
    """The weighted sum over stages of minus half the distance to the nearest class, after each stage's own step."""

    def __init__(self, network: Network, weights: Sequence[float], config: Any, device: str = "cpu") -> None:
        from farfield_baselines.ood_detection.inside import stage

        self._network, self._config, self._device, self.head = network, config, device, network.head
        counting = {number: weight for number, weight in enumerate(weights) if weight}
        self._stages, self._weights = [stage(network, number) for number in counting], tuple(counting.values())
        self._fitted: list[Gaussians] = []

    def fit(self, train: TrainingSet) -> None:
        [known] = known_by([self], learned_from(train, getattr(self._config, "per_class", 0)))
        self._fitted = [gaussians(rows, known.labels, self._device) for rows in known.seen.inside]

    def see(self, images: npt.NDArray[Any]) -> Seen:
        """uint8 [B, H, W, 3] -> what the network says; inside: the statistic of each stage."""
        import torch

        from farfield_baselines.ood_detection.inside import in_parts, seen_with

        def look(part: npt.NDArray[Any]) -> Seen:
            with torch.no_grad():
                features, rows = self._taken(self._network.pixels(part))
            return seen_with(self._network, features, *rows)

        return in_parts(images, look)

    def score(self, images: npt.NDArray[Any]) -> tuple[Floats, Floats]:
        """(score [B] of at most 0, logits [B, C] of the images as they are)."""
        if not self._fitted:
            raise ProtocolError("this detector learns from ID training images, and the benchmark gives none")
        return -self._distances(images) @ np.array(self._weights), self._network.see(images).logits

    def _distances(self, images: npt.NDArray[Any]) -> Floats:
        """After each stage's step, [B, stages]."""
        pixels = self._network.pixels(images)
        places = range(len(self._stages))
        return np.stack([self._distance_after_the_step(pixels, place) for place in places], axis=1)

    def _taken(self, pixels: torch.Tensor) -> tuple[torch.Tensor, Sequence[torch.Tensor]]:
        from farfield_baselines.networks.watching import statistic, watched

        with watched(self._stages, lambda output: statistic(output, self._config.statistic)) as rows:
            features = self._network.trunk(pixels)
        return features, rows

    def _distance_after_the_step(self, pixels: torch.Tensor, place: int) -> Floats:
        import torch

        from farfield_baselines.ood_detection.stepping import deviation

        def distance(inputs: torch.Tensor) -> torch.Tensor:
            return self._fitted[place].distances(self._taken(inputs)[1][place]).amin(dim=1)

        with torch.enable_grad():
            inputs = pixels.detach().clone().requires_grad_(True)
            (gradient,) = torch.autograd.grad(distance(inputs).sum(), inputs)
        with torch.no_grad():
            nearer = inputs - self._config.epsilon * gradient.sign() / deviation(self._network, inputs)
            return np.asarray(distance(nearer).cpu().numpy())


class WeighedMDSEnsemble(MDSEnsemble):
    """The same with the weights of a logistic regression of ID against OOD validation images, as the paper has it."""

    def fit(self, train: TrainingSet, *, val: TrainingSet, ood_val: TrainingSet) -> None:  # type: ignore[override]
        super().fit(train)
        inside, outside = (
            np.concatenate([self._distances(batch.inputs) for batch in part.batches(TOGETHER)])
            for part in (val, ood_val)
        )
        self._weights = tuple(told_by(inside, outside).tolist())


def told_by(inside: Floats, outside: Floats) -> Floats:
    """Weights [S] of distances [N, S] and [M, S] by which a logistic regression tells OOD images, which are farther."""
    rows = np.concatenate([inside, outside])
    deviation = np.maximum(rows.std(axis=0), 1e-12)
    is_ood = np.r_[np.zeros(len(inside), np.int64), np.ones(len(outside), np.int64)]
    weight, _ = fit_softmax((rows - rows.mean(axis=0)) / deviation, is_ood, PENALTY)
    return np.asarray((weight[1] - weight[0]) / deviation)


def on_lite0(context: RunContext) -> MDSEnsemble:
    """The method on the shipped classifier."""
    return _on(ModelConfig(), context)


def on_any(context: RunContext) -> MDSEnsemble:
    """The method on the configured model."""
    return _on(context.config, context)


def _on(model: Any, context: RunContext) -> MDSEnsemble:
    from farfield_baselines.ood_detection.inside import body_of
    from farfield_baselines.ood_detection.models import open_model

    network, config = open_model(model, context), context.config
    if config.weights == LEARNED:
        return WeighedMDSEnsemble(network, [1.0] * len(body_of(network).stages), config, context.device)
    return MDSEnsemble(network, weights_of(config.weights), config, context.device)


TITLE = "Mahalanobis distances at several stages (MDSEns)"
SPEC = image_spec(
    name="mds-ensemble",
    summary=f"{TITLE}, any timm model.",
    build=on_any,
    config=with_model(Config),
    papers=PAPERS,
    choices={"lite0": on_lite0_images(TITLE, on_lite0, Config, PAPERS)},
)
