"""What detectors share whose network is trained to detect: a recipe that also judges, and the method around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from farfield import MethodSpec, TaskFamily, TrainingSet, setting
from farfield.errors import ProtocolError
from farfield_baselines.trained.config import OPTIMIZERS, SELECTIONS, TrainConfig
from farfield_baselines.trained.core import Recipe, Trained
from farfield_baselines.trained.declare import declare, declare_on_images

if TYPE_CHECKING:
    import torch

Floats = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, kw_only=True)
class DetectorConfig(TrainConfig):
    """SGD with momentum and a cosine, as OpenOOD trains, at the rate of small networks and for as long as they need."""

    epochs: int = setting(30, ge=1, le=1000, help="Passes over the training split; OpenOOD has 100.")
    lr: float = setting(0.02, ge=0.0, le=10.0, help="Learning rate; OpenOOD's is 0.1.")
    weight_decay: float = setting(5e-4, ge=0.0, le=1.0, help="L2 penalty in the optimizer; decoupled in adamw.")
    optimizer: str = setting("sgd", choices=OPTIMIZERS, help="Which optimizer.")
    schedule: str = setting("cosine", choices=("none", "step", "cosine", "linear"), help="How the learning rate moves.")
    select: str = setting(
        "last",
        choices=SELECTIONS,
        help="Which epoch is kept: the last, or the best by a figure on the benchmark's validation split.",
    )


class Detecting(Recipe):
    """A classifier that also scores; by itself the score is the highest probability."""

    def judge(self, inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """(score [B], higher = more in-distribution; logits [B, C]) of prepared inputs."""
        logits = self.logits(inputs)
        return highest_probability(logits), logits

    def judged(self, inputs: torch.Tensor) -> torch.Tensor:
        """Score and logits side by side, [B, 1 + C]."""
        import torch

        score, logits = self.judge(inputs)
        return torch.cat([score[:, None], logits], dim=1)


class TrainedDetector(Trained):
    """What the runner holds: `fit` trains the network, `score` asks it."""

    def score(self, inputs: npt.NDArray[Any]) -> tuple[Floats, Floats]:
        """(score [B], logits [B, C]). Raises ProtocolError before `fit`."""
        if self._recipe is None:
            raise ProtocolError("this detector is trained on ID training images, and the benchmark gives none")
        recipe = cast(Detecting, self._recipe)
        both = recipe.evaluated(inputs, recipe.judged)
        return both[:, 0].astype(np.float64), both[:, 1:]


class NeedsOutliers(TrainedDetector):
    """The same, for what learns from the benchmark's part `unlabeled`, too: images of anything but the ID classes."""

    def fit(self, train: TrainingSet, *, unlabeled: TrainingSet, val: TrainingSet | None = None) -> None:  # type: ignore[override]
        self.learn(train, val=val, unlabeled=unlabeled)


def detector(
    name: str,
    recipe: type[Detecting],
    title: str,
    papers: tuple[str, ...],
    config: type = DetectorConfig,
    image_config: type | None = None,
    held: type[TrainedDetector] = TrainedDetector,
) -> MethodSpec:
    """The spec of a recipe: on features of either frozen backbone, or on images with any network."""
    return declare(
        name,
        recipe,
        title,
        papers,
        config=config,
        image_config=image_config,
        held=held,
        family=TaskFamily.OOD_DETECTION,
    )


def detector_on_images(
    name: str, recipe: type[Detecting], title: str, papers: tuple[str, ...], config: type = DetectorConfig
) -> MethodSpec:
    """The spec of a recipe that is made for images alone."""
    family = TaskFamily.OOD_DETECTION
    return declare_on_images(name, recipe, title, papers, config=config, held=TrainedDetector, family=family)


def highest_probability(logits: torch.Tensor) -> torch.Tensor:
    """max_c softmax(logits)_c: [B, C] -> [B]."""
    return logits.softmax(dim=1).amax(dim=1)
