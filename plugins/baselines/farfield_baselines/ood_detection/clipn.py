"""CLIPN, CLIP that says no (Wang et al. 2023, arXiv 2308.12213, section 3), without its training.

A second text encoder says of an image that a class is not in it. Its weights are a file of one's own; without one,
CLIP's own text encoder reads the negative prompts, which it hardly understands: that is a control, not CLIPN.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from farfield import RunContext, setting
from farfield.numerics import softmax
from farfield_baselines.backbones import CLIP_PAPER
from farfield_baselines.ood_detection.core import Floats
from farfield_baselines.ood_detection.declare import LONGEST_PATH, image_spec, with_model
from farfield_baselines.prompts import OPENAI_80, openai_80, templates

if TYPE_CHECKING:
    from farfield_baselines.ood_detection.models import Network

FILE_HELP = (
    'The "no" text encoder: tensors named as in the CLIP model\'s text tower; others are passed over. Empty is a '
    "control without one."
)


@dataclass(frozen=True, kw_only=True)
class Config:
    """The negative side, and how it is joined with the positive one."""

    no_checkpoint: str = setting("", help=FILE_HELP, max_length=LONGEST_PATH)
    no_templates: str = setting(
        "a photo without a {}; a photo with no {}",
        help='Negative prompts, with ; between them, or "openai-80": CLIP\'s, with "without" in place of "of".',
    )
    joined: str = setting("atd", choices=("atd", "ctw"), help="Agreeing to differ, or competing to win.")


def says_no(yes: Floats, no: Floats) -> Floats:
    """The probability that class c is not there, of its two logits: exp(no) / (exp(yes) + exp(no)), [B, C]."""
    return np.asarray(np.exp(-np.logaddexp(0.0, np.asarray(yes, np.float64) - no)))


def agreeing_to_differ(yes: Floats, no: Floats) -> Floats:
    """The share of the softmax over the ID classes that is not denied, sum_c p_c (1 - no_c): [B] in (0, 1).

    The paper's OOD class has the rest, 1 minus it.
    """
    return np.asarray((softmax(yes) * (1.0 - says_no(yes, no))).sum(axis=1))


def competing_to_win(yes: Floats, no: Floats) -> Floats:
    """The probability that the likeliest ID class is there: [B] in (0, 1)."""
    best = np.asarray(yes).argmax(axis=1)[:, None]
    return np.asarray(1.0 - np.take_along_axis(says_no(yes, no), best, axis=1)[:, 0])


def negative_prompts(choice: str) -> list[str]:
    """The templates of the setting; of CLIP's 80 those that are of something, turned. Raises ValueError without {}."""
    if choice == OPENAI_80:
        return [template.replace(" of ", " without ", 1) for template in openai_80() if " of " in template]
    return [part for text in choice.split(";") for part in templates(text.strip())]


class CLIPN:
    """Zero-shot classification by the positive prompts, and a score by both."""

    def __init__(self, context: RunContext) -> None:
        from farfield_baselines.ood_detection.models import open_model
        from farfield_baselines.ood_detection.no_encoder import no_embeddings

        config: Any = context.config
        self._network: Network = open_model(config, context)
        prompts = negative_prompts(config.no_templates)
        self._no = no_embeddings(config, config.no_checkpoint, context, prompts)
        self._join = agreeing_to_differ if config.joined == "atd" else competing_to_win

    def score(self, images: npt.NDArray[Any]) -> tuple[Floats, Floats]:
        """uint8 [B, H, W, 3] -> (score [B] in (0, 1), zero-shot logits [B, C])."""
        seen = self._network.see(images)
        denied = self._network.head.scale * (seen.features @ self._no.T)
        return self._join(seen.logits, denied), seen.logits


SPEC = image_spec(
    name="clipn",
    summary='CLIP with a "no" text encoder (CLIPN), any open_clip model.',
    build=CLIPN,
    config=with_model(Config, "mini-clip"),
    papers=("Wang et al. 2023, arXiv 2308.12213", CLIP_PAPER),
    model="mini-clip",
)
