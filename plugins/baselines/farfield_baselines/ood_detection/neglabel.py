"""NegLabel (Jiang et al. 2024, arXiv 2403.20078, section 3): words far from all ID classes compete with these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from farfield import RunContext, setting
from farfield.numerics import logsumexp
from farfield_baselines.backbones import CLIP_PAPER, any_model
from farfield_baselines.ood_detection.core import Floats
from farfield_baselines.ood_detection.declare import image_spec, with_model
from farfield_baselines.prompt_towers import PromptTower, network_of
from farfield_baselines.prompts import fill, templates

if TYPE_CHECKING:
    from farfield_baselines.networks.clip import Clip

PAPER = "Jiang et al. 2024, arXiv 2403.20078"
NEAREST = 5.0  # percentile of a word's distances to the classes that counts, the paper's


@dataclass(frozen=True, kw_only=True)
class Words:
    """Which words compete, and how."""

    candidates: int = setting(
        2000, ge=1, le=100000, help="Nouns of WordNet that words are chosen of, evenly of those that ImageNet-21k has."
    )
    negatives: int = setting(1000, ge=1, le=100000, help="Words that are chosen, the farthest; the paper has 10000.")
    groups: int = setting(10, ge=1, le=10000, help="Parts of the words that compete apart; the paper has 100.")
    tau: float = setting(0.01, ge=0.0001, le=100.0, help="Cosines are divided by it; the paper's is 0.01.")


def farthest(words: Floats, classes: Floats, count: int) -> npt.NDArray[np.int64]:
    """Positions of the words whose near classes are farthest, of unit embeddings [M, D] and [C, D]; farthest first.

    A word's distance is a low percentile of minus its cosines with the classes, so that one odd class is not heard.
    """
    distances = np.percentile(-(words @ classes.T), NEAREST, axis=1)
    return np.argsort(-distances, kind="stable")[:count]


def known_share(known: Floats, negative: Floats, groups: int) -> Floats:
    """The classes' part of a softmax over classes and a group of words, mean over the groups: [B, C], [B, M] -> [B]."""
    of_classes = logsumexp(known)
    parts = np.array_split(np.asarray(negative), min(groups, negative.shape[1]), axis=1)
    odds = np.stack([logsumexp(part) - of_classes for part in parts])
    return np.asarray((1.0 / (1.0 + np.exp(odds))).mean(axis=0))


def nouns(count: int, without: Sequence[str]) -> list[str]:
    """So many nouns of ImageNet-21k's synsets, evenly over its order, but for those that classes are called."""
    from timm.data.imagenet_info import ImageNetInfo

    synsets: Any = ImageNetInfo("imagenet-21k")
    named = {name.lower() for name in without}
    firsts = (synsets.index_to_description(n).split(",")[0].strip() for n in range(synsets.num_classes()))
    words = [word for word in dict.fromkeys(firsts) if word.lower() not in named]
    return [words[place] for place in np.unique(np.linspace(0, len(words) - 1, count).astype(int))]


def negatives_of(
    tower: Clip | PromptTower, names: Sequence[str], classes: Floats, prompts: Sequence[str], config: Words
) -> Floats:
    """Unit embeddings [M, D] of the words that compete with these classes, whose embeddings are given."""
    words = nouns(config.candidates, names)
    rows = _embedded(tower, words, prompts)
    return rows[farthest(rows, classes, config.negatives)]


def _embedded(tower: Clip | PromptTower, words: Sequence[str], prompts: Sequence[str]) -> Floats:
    # One template after the other: of all words under all of them the embeddings would be too many at a time.
    total: Any = sum(tower.embed_prompts([fill(template, word) for word in words]) for template in prompts)
    mean = total / len(prompts)
    return np.asarray(mean / np.linalg.norm(mean, axis=1, keepdims=True))


class NegLabel:
    """Zero-shot classification, and how much of an image's likeness is to the classes rather than to far words."""

    def __init__(self, context: RunContext) -> None:
        from farfield_baselines.networks import clip
        from farfield_baselines.ood_detection.models import wanted_clip

        config: Any = context.config
        wanted = wanted_clip(config)
        network = network_of(wanted.model, wanted.pretrained, wanted.checkpoint)
        self._config, prompts = config, templates(config.templates)
        self._tower = PromptTower(context, network, lambda: clip.load(wanted, context.device))
        self._classes = self._tower.embed_classes(context.class_names, prompts)
        self._negatives = negatives_of(self._tower, context.class_names, self._classes, prompts, config)

    def score(self, images: npt.NDArray[Any]) -> tuple[Floats, Floats]:
        """uint8 [B, H, W, 3] -> (score [B] in (0, 1), zero-shot logits [B, C])."""
        embeddings = images if images.ndim == 2 else self._tower.clip.embed_images(images)
        known, negative = (embeddings @ rows.T / self._config.tau for rows in (self._classes, self._negatives))
        return known_share(known, negative, self._config.groups), np.asarray(known, np.float32)


SPEC = image_spec(
    name="neglabel",
    summary="Zero-shot classes against words that are far from all of them (NegLabel), any open_clip model.",
    build=NegLabel,
    config=with_model(Words, "mini-clip"),
    papers=(PAPER, CLIP_PAPER),
    model="mini-clip",
    frozen=(any_model(learns=False),),
)
