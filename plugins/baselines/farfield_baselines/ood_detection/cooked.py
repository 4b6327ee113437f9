"""COOkeD (Humblot-Renaux et al. 2025, arXiv 2507.22576): three closed-set classifiers, their softmaxes averaged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield import Frozen, Images, RunContext, TrackClaims, TrainingSet, setting
from farfield.errors import ProtocolError
from farfield.logistic import fit_softmax
from farfield.numerics import softmax
from farfield_baselines.backbones import LITE0, any_model
from farfield_baselines.ood_detection.core import Floats, Ints, known_by, learned_from, side_by_side
from farfield_baselines.ood_detection.declare import LONGEST_PATH, PER_CLASS_HELP, ModelConfig, image_spec, images_of
from farfield_baselines.ood_detection.seeing import MODEL_HELP, seeing_model
from farfield_baselines.prompts import HELP as TEMPLATES_HELP

LEAST = 1e-12  # of a probability, before its logarithm is taken


@dataclass(frozen=True, kw_only=True)
class Config:
    """The three classifiers, and the score of their mean."""

    classifier: str = setting("lite0", help=f"The trained classifier. {MODEL_HELP}")
    classifier_checkpoint: str = setting("", help="File of the classifier's weights.", max_length=LONGEST_PATH)
    clip: str = setting("mini-clip", help="The CLIP model of the probe and of zero-shot: mini-clip or open_clip:NAME.")
    pretrained: str = setting("", help="The CLIP model's tag. Empty where a checkpoint is given.")
    checkpoint: str = setting("", help="File of the CLIP model's weights.", max_length=LONGEST_PATH)
    templates: str = setting("ensemble", help=TEMPLATES_HELP)
    l2: float = setting(0.01, ge=1e-6, le=1e6, help="Weight of the probe's L2 penalty: 1/C in scikit-learn's words.")
    per_class: int = setting(0, ge=0, le=10000, help=PER_CLASS_HELP)
    combined: str = setting(
        "msp", choices=("msp", "entropy"), help="Score of the mean: highest probability, or minus entropy."
    )

    @property
    def classifier_model(self) -> ModelConfig:
        return ModelConfig(model=self.classifier, checkpoint=self.classifier_checkpoint)

    @property
    def clip_model(self) -> ModelConfig:
        return ModelConfig(
            model=self.clip, pretrained=self.pretrained, checkpoint=self.checkpoint, templates=self.templates
        )


def confidence(probabilities: Floats, combined: str) -> Floats:
    """[B, C] -> [B]: the highest probability, or minus the entropy in nats."""
    if combined == "msp":
        return np.asarray(probabilities.max(axis=1))
    return np.asarray((probabilities * np.log(np.maximum(probabilities, LEAST))).sum(axis=1))


class COOkeD:
    """The score, and the classification, of the mean of three softmaxes."""

    def __init__(self, context: RunContext) -> None:
        self._config: Config = context.config
        self._classes = context.class_count
        classifier, clip = self._config.classifier_model, self._config.clip_model
        self._classifier, self._clip = side_by_side([seeing_model(each, context) for each in (classifier, clip)])
        self._probe: Probe | None = None

    def fit(self, train: TrainingSet) -> None:
        [known] = known_by([self._clip], learned_from(train, self._config.per_class))
        self._probe = fit_probe(known.seen.features, known.labels, self._classes, self._config.l2)

    def score(self, images: npt.NDArray[Any]) -> tuple[Floats, Floats]:
        """uint8 [B, H, W, 3] -> (score [B], log of the mean probability [B, C])."""
        mean = self._mean(images)
        return confidence(mean, self._config.combined), np.log(np.maximum(mean, LEAST))

    def _mean(self, images: npt.NDArray[Any]) -> Floats:
        if self._probe is None:
            raise ProtocolError("this detector needs ID training images for its probe, and the benchmark gives none")
        clip = self._clip.see(images)
        three = (softmax(self._classifier.see(images).logits), softmax(clip.logits), self._probe(clip.features))
        return np.asarray(np.mean(three, axis=0))


@dataclass(frozen=True, kw_only=True)
class Probe:
    """Multinomial logistic regression: weight [K, D], bias [K] for the K classes `present` of C."""

    weight: Floats
    bias: Floats
    present: Ints
    classes: int

    def __call__(self, features: Floats) -> Floats:
        """Features [B, D] -> probabilities [B, C]; a class without a training image has 0."""
        found = np.zeros((len(features), self.classes))
        found[:, self.present] = softmax(features @ self.weight.T + self.bias)
        return found


def fit_probe(features: Floats, labels: Ints, classes: int, l2: float) -> Probe:
    """The probe on features [N, D] with labels [N]."""
    present, numbers = np.unique(labels, return_inverse=True)
    weight, bias = fit_softmax(features, numbers, l2)
    return Probe(weight=weight, bias=bias, present=present, classes=classes)


def _inputs_for(config: Config) -> Images:
    """The classifier's images; the CLIP model resizes them."""
    return images_of(config.classifier_model)


# The CLIP model is shown the classifier's images: which, is known of the default classifier alone.
DEFAULT = {"classifier": "lite0", "classifier_checkpoint": ""}
LITE0_FIRST = Frozen(backbones={"": LITE0.name}, only=DEFAULT, learns_only={"per_class": 0})
CLIP_BESIDE = replace(any_model(learns=True, learns_only={"per_class": 0}), model="clip", images=vars(LITE0.inputs))
SPEC = image_spec(
    name="cooked",
    summary="Mean of the softmaxes of a classifier, a CLIP probe and zero-shot CLIP (COOkeD).",
    build=COOkeD,
    config=Config,
    papers=("Humblot-Renaux et al. 2025, arXiv 2507.22576",),
    claims=TrackClaims(backbone="a classifier and a CLIP model", pretraining=("imagenet-1k", "farfield-drawings")),
    inputs_for=_inputs_for,
    frozen=(LITE0_FIRST, CLIP_BESIDE),
)
