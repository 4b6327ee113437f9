"""A detector on a small classifier that is trained from nothing on the ID training images, as OpenOOD's are.

All detectors on it share its training.
"""

from __future__ import annotations

from dataclasses import dataclass, make_dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from farfield import Base, Choice, Images, Resources, RunContext, TrackClaims, TrainingSet, setting
from farfield.errors import ProtocolError
from farfield_baselines.ood_detection.core import FittedPostHoc, Floats, PostHoc, Rule, post_hoc

if TYPE_CHECKING:
    from farfield_baselines.ood_detection.declare import Detector

SIDE = 32
NAME = "scratch"
CLAIMS = TrackClaims(backbone="four convolutions, trained here", pretraining=())


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """The network, and how it is trained: AdamW with warm-up and a cosine on the cross-entropy, half of the images
    mirrored."""

    width: int = setting(
        64, choices=(16, 32, 64, 128, 256), help="Channels of the network, and length of its features."
    )
    epochs: int = setting(40, ge=1, le=1000, help="Passes over the training split.")
    batch_size: int = setting(32, ge=1, le=4096, help="Images a step.")
    learning_rate: float = setting(3e-3, ge=0.0, le=1.0, help="Peak learning rate of AdamW.")
    weight_decay: float = setting(0.01, ge=0.0, le=1.0, help="Decoupled weight decay of AdamW.")


def classifier(context: RunContext, train: TrainingSet) -> dict[str, Any]:
    """The network after training, every tensor by name."""
    from farfield_baselines.ood_detection.small_network import trained

    return trained(context, train)


BASE = Base(train=classifier, config=TrainConfig)


def on_scratch(detector: Detector) -> Choice:
    """The detector on such a classifier, for its `choices`: of the track without pre-training, and run several times
    where a benchmark has several runs for what depends on the seed."""
    return Choice(
        inputs=Images(size=SIDE, interpolation="bilinear"),
        summary=f"{detector.title}, a small network trained from scratch on the ID training images.",
        build=partial(OnScratch, detector.rule),
        base=BASE,
        claims=CLAIMS,
        config=make_dataclass("Config", (), bases=(detector.config, TrainConfig), frozen=True, kw_only=True),
        resources=Resources(memory_gib=2.0, minutes=60.0),
        batch_size=64,
        stochastic=True,
    )


class OnScratch:
    """A rule on a classifier that was trained first."""

    def __init__(self, rule: Rule, context: RunContext) -> None:
        self.rule, self.context = rule, context
        self._detector: PostHoc | None = None

    def fit(self, train: TrainingSet) -> None:
        from farfield_baselines.ood_detection.small_network import seen_with

        arrays = classifier(self.context, train) if self.context.base is None else self.context.base
        self._detector = post_hoc(self.rule, seen_with(self.context, arrays), self.context.config)
        if isinstance(self._detector, FittedPostHoc):
            self._detector.fit(train)

    def score(self, images: npt.NDArray[Any]) -> tuple[Floats, Floats]:
        """(score [B], logits [B, C]) of uint8 [B, 32, 32, 3]. Raises ProtocolError before training."""
        if self._detector is None:
            raise ProtocolError("this detector's network learns from ID training images, and the benchmark gives none")
        return self._detector.score(images)
