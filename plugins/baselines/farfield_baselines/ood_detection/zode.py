"""ZODE (Xue et al. 2022, arXiv 2212.12720, section 3): a zoo of detectors, joined by Benjamini and Hochberg."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield import Frozen, Images, NoConfig, RunContext, TrackClaims, TrainingSet, setting
from farfield.errors import ConfigError, ProtocolError
from farfield_baselines.backbones import LITE0, MINI_CLIP
from farfield_baselines.ood_detection import (
    abet,
    ash,
    energy,
    gradnorm,
    knn,
    mahalanobis,
    max_logit,
    mcm,
    msp,
    react,
    vim,
)
from farfield_baselines.ood_detection.core import Floats, Ints, Known, Rule, Score, known_by, learned_from, side_by_side
from farfield_baselines.ood_detection.declare import PER_CLASS_HELP, ModelConfig, image_spec, images_of
from farfield_baselines.ood_detection.seeing import seeing_model

FOLDS = 4
RULES: Mapping[str, tuple[Rule, Callable[[], object]]] = {
    "msp": (msp.RULE, NoConfig),
    "max-logit": (max_logit.RULE, NoConfig),
    "energy": (energy.RULE, energy.Config),
    "gradnorm": (gradnorm.RULE, gradnorm.Config),
    "knn": (knn.RULE, knn.Config),
    "mahalanobis": (mahalanobis.RULE, mahalanobis.Config),
    "vim": (vim.RULE, vim.Config),
    "react-train": (react.RULE, react.Config),
    "ash": (ash.RULE, ash.Config),
    "mcm": (mcm.RULE, mcm.Config),
    "abet": (abet.RULE, abet.Config),
}
ZOO = "lite0/energy, lite0/knn, mini-clip/energy, mini-clip/knn"
HELP = (
    "Members, with commas between them: MODEL/DETECTOR, or MODEL@FILE/DETECTOR with a file of weights. Detectors: "
    f"{', '.join(RULES)}."
)


@dataclass(frozen=True, kw_only=True)
class Config:
    """The zoo."""

    zoo: str = setting(ZOO, help=HELP, max_length=4000)
    per_class: int = setting(0, ge=0, le=10000, help=PER_CLASS_HELP)


@dataclass(frozen=True, kw_only=True)
class Member:
    """A detector on a model: the model's settings, and the detector's name."""

    model: ModelConfig
    detector: str


def members_of(zoo: str) -> tuple[Member, ...]:
    """The members that the setting lists. Raises ConfigError for one that is not MODEL/DETECTOR."""
    found = tuple(_member(entry.strip()) for entry in zoo.split(",") if entry.strip())
    if not found:
        raise ConfigError(["zoo: it has no member; give MODEL/DETECTOR, such as lite0/energy"])
    return found


def p_values(calibration: Floats, scores: Floats) -> Floats:
    """The share of ID calibration scores [n] at or below each score [B]: [B] in 0..1.

    The paper's algorithm prints another denominator; by its definition 1 it is the number of ID images.
    """
    ordered = np.sort(np.asarray(calibration, np.float64))
    return np.asarray(np.searchsorted(ordered, scores, side="right") / len(ordered))


def smallest_level(values: Floats) -> Floats:
    """The lowest level at which Benjamini and Hochberg reject any of m p-values [B, m]: min_k (m / k) p_(k), [B].

    An image is OOD at the ID acceptance rate TPR0 exactly when this is at most 1 - TPR0; so it is the score.
    """
    count = values.shape[1]
    return np.asarray((np.sort(values, axis=1) * count / np.arange(1, count + 1)).min(axis=1))


def is_ood(values: Floats, level: float) -> npt.NDArray[np.bool_]:
    """Whether p_(k) <= (k / m) level for any k, of p-values [B, m]; the paper's level is 1 - TPR0: bool [B]."""
    count = values.shape[1]
    limits = np.arange(1, count + 1) / count * level
    return np.asarray((np.sort(values, axis=1) <= limits).any(axis=1))


def calibration_scores(rule: Rule, config: object, known: Known) -> Floats:
    """Every ID training image's score by a detector that has not learned from it: [N].

    A rule that learns is fitted FOLDS times, each time without the images that it then scores; classes are dealt out
    evenly. Raises ValueError for fewer images than folds.
    """
    if not rule.fits:
        return rule.make(known, config)(known.seen)
    if len(known.labels) < FOLDS:
        raise ValueError(f"{len(known.labels)} ID training images are too few for {FOLDS} folds")
    folds = _dealt(known.labels)
    scores = np.empty(len(known.labels))
    for fold in range(FOLDS):
        inside, outside = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        scores[outside] = rule.make(known.take(inside), config)(known.seen.take(outside))
    return scores


class ZODE:
    """The smallest level at which the joint test calls an image OOD. The classification is the first model's."""

    def __init__(self, context: RunContext) -> None:
        self._members, self._per_class = members_of(context.config.zoo), context.config.per_class
        configs = list(dict.fromkeys(member.model for member in self._members))
        self._models = dict(zip(configs, side_by_side([seeing_model(each, context) for each in configs]), strict=True))
        self._fitted: tuple[tuple[Member, Score, Floats], ...] = ()

    def fit(self, train: TrainingSet) -> None:
        batches = learned_from(train, self._per_class)
        known = dict(zip(self._models, known_by(list(self._models.values()), batches), strict=True))
        self._fitted = tuple(_fitted(member, known[member.model]) for member in self._members)

    def score(self, images: npt.NDArray[Any]) -> tuple[Floats, Floats]:
        """uint8 [B, H, W, 3] -> (score [B] in 0..1, logits [B, C])."""
        if not self._fitted:
            raise ProtocolError("this detector needs ID training images for its p-values, and the benchmark gives none")
        seen = {config: model.see(images) for config, model in self._models.items()}
        values = [p_values(calibration, score(seen[member.model])) for member, score, calibration in self._fitted]
        return smallest_level(np.stack(values, axis=1)), seen[self._members[0].model].logits


def _member(entry: str) -> Member:
    model, slash, detector = entry.rpartition("/")
    if not slash or detector not in RULES:
        raise ConfigError([f"zoo: {entry!r} is not MODEL/DETECTOR; detectors are {', '.join(RULES)}"])
    name, _, file = model.partition("@")
    return Member(model=ModelConfig(model=name, checkpoint=file), detector=detector)


def _fitted(member: Member, known: Known) -> tuple[Member, Score, Floats]:
    rule, config = RULES[member.detector]
    return member, rule.make(known, config()), calibration_scores(rule, config(), known)


def _dealt(labels: Ints) -> Ints:
    """A fold for each image [N], such that the folds share every class as evenly as can be."""
    folds = np.empty(len(labels), np.int64)
    folds[np.argsort(labels, kind="stable")] = np.arange(len(labels)) % FOLDS
    return folds


def _inputs_for(config: Config) -> Images:
    """The first model's images; the others resize them."""
    return images_of(members_of(config.zoo)[0].model)


# Of the default zoo alone it can be told which networks it has; the second is shown the first one's images.
_COMMON: dict[str, Any] = {"only": {"zoo": ZOO}, "learns_only": {"per_class": 0}}
OF_ZOO = (
    Frozen(backbones={"": LITE0.name}, **_COMMON),
    Frozen(backbones={"": MINI_CLIP.name}, images=vars(LITE0.inputs), **_COMMON),
)
SPEC = image_spec(
    name="zode",
    summary="A zoo of models and detectors, joined by p-values with Benjamini-Hochberg.",
    build=ZODE,
    config=Config,
    papers=(
        "Xue et al. 2022, arXiv 2212.12720",
        "Benjamini & Hochberg 1995, doi 10.1111/j.2517-6161.1995.tb02031.x",
    ),
    claims=TrackClaims(backbone="a zoo", pretraining=("imagenet-1k", "farfield-drawings")),
    inputs_for=_inputs_for,
    frozen=OF_ZOO,
)
