"""CAR-FT: fine-tuning that keeps what the image's context is (Mao et al. 2022, arXiv 2211.16175)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from farfield import setting
from farfield.errors import ConfigError
from farfield_baselines.clip_methods import TrainConfig, class_names, declare, prompt_templates
from farfield_baselines.fine_tuned import FineTuned
from farfield_baselines.prompts import fill

if TYPE_CHECKING:
    import torch

    from farfield_baselines.networks.clip import Clip
    from farfield_baselines.networks.fine_tuning import Loss

CONTEXTS = "photo, picture, drawing, flat drawing, line drawing, black outline, cartoon, colourful icon, 3D render"
PROMPT = "a [CONTEXT] of [CLASS]"
TEMPLATES = "templates"
_HELP = "The contexts, separated by commas; at least two. Or templates: each of the prompts is one, and prompt unused."


@dataclass(frozen=True, kw_only=True)
class ContextConfig:
    """The contexts and their prompt."""

    contexts: str = setting(CONTEXTS, max_length=4000, help=_HELP)
    prompt: str = setting(PROMPT, max_length=500, help="The prompt, with [CONTEXT] and [CLASS].")

    def __post_init__(self) -> None:
        if self.contexts != TEMPLATES and len(listed(self.contexts)) < 2:
            raise ValueError(f"contexts: {self.contexts!r} has fewer than two; separate them by commas")
        if "[CONTEXT]" not in self.prompt or "[CLASS]" not in self.prompt:
            raise ValueError(f"prompt: {self.prompt!r} lacks [CONTEXT] or [CLASS]")

    def by_class(self, names: Sequence[str], templates: Sequence[str]) -> list[list[str]]:
        """The prompts of each class, one a context. Raises ConfigError where a single template is to be a context.

        With the templates as contexts they are those of who built CAR-FT to compare with it (Nam et al. 2024, arXiv
        2404.00860): 80 templates, of each the mean over classes.
        """
        if self.contexts != TEMPLATES:
            return [prompts(self.prompt, listed(self.contexts), name) for name in names]
        if len(templates) < 2:
            raise ConfigError(
                [f"contexts: with {TEMPLATES!r} each prompt is a context, and templates has a single one"]
            )
        return [[fill(template, name) for template in templates] for name in names]


def direction() -> Any:
    """The setting that says which of the two distributions stands first in the divergence."""
    return setting(
        "zero-shot-first",
        choices=("zero-shot-first", "tuned-first"),
        help="KL(zero-shot || tuned), or KL(tuned || zero-shot).",
    )


def context_weight(clip: Clip, each: Sequence[Sequence[str]], device: str) -> torch.Tensor:
    """Float32 [K, D] on unit embeddings, times the logit scale, of the prompts of each class."""
    import torch

    from farfield_baselines.networks import objectives

    rows = [torch.from_numpy(clip.embed_prompts(of_class)) for of_class in each]
    return objectives.context_weight(torch.stack(rows), clip.scale).to(device)


@dataclass(frozen=True, kw_only=True)
class Config(ContextConfig, TrainConfig):
    """Fine-tuning, and the divergence between context distributions.

    The paper's weight and direction could not be looked up: the defaults here are our own.
    """

    weight: float = setting(1.0, ge=0.0, le=1e4, help="Weight of the divergence, lambda in the paper.")
    direction: str = direction()


class CARFT(FineTuned):
    """Cross-entropy plus the divergence of the context distribution from the frozen zero-shot model's.

    A context's weight is the mean over classes of the embeddings of "a [CONTEXT] of [CLASS]", normalised again, times
    the logit scale; an image's context distribution is the softmax over contexts. Only the image tower is trained, so
    both models share the contexts.
    """

    def loss(self) -> Loss:
        from farfield_baselines.networks.objectives import context_aware

        config: Config = self.context.config
        return context_aware(self.network, self.context_weight(), config.weight, config.direction)

    def context_weight(self) -> torch.Tensor:
        """Float32 [K, D] on unit embeddings."""
        config: Config = self.context.config
        each = config.by_class(class_names(self.context), prompt_templates(self.context))
        return context_weight(self.clip, each, self.context.device)


def listed(contexts: str) -> tuple[str, ...]:
    """The contexts between the commas, each once.

    >>> listed("photo, drawing,, photo")
    ('photo', 'drawing')
    """
    return tuple(dict.fromkeys(part.strip() for part in contexts.split(",") if part.strip()))


def prompts(template: str, contexts: tuple[str, ...], name: str) -> list[str]:
    """One prompt a context.

    >>> prompts("a [CONTEXT] of [CLASS]", ("photo", "sketch"), "zebra")
    ['a photo of zebra', 'a sketch of zebra']
    """
    return [template.replace("[CONTEXT]", context).replace("[CLASS]", name) for context in contexts]


SPEC = declare(
    "clip-car-ft",
    CARFT,
    "Any CLIP model fine-tuned while its distribution over contexts stays near the zero-shot model's.",
    ("Mao et al. 2022, arXiv 2211.16175",),
    Config,
    stochastic=True,
)
