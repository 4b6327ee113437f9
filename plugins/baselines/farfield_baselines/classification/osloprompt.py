"""OSLoPrompt on frozen embeddings (C et al., CVPR 2025, arXiv 2503.16106; release d562097).

A reading of ours where the release needs what is not here: its visual prompts are left out, for the image tower is
frozen whole; pseudo-open images are those of a folder, or lie halfway between images of two classes; attributes are
those of a file, or the class's name in ten prompts; the last epoch counts, where the release keeps the best by test.
The projector is trained, and a text read at its end: the release sets the first still, and reads one token before.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from farfield import RunContext, TrainingSet, setting
from farfield.errors import ConfigError
from farfield_baselines.classification.open_probe import UNKNOWN
from farfield_baselines.clip_methods import ModelConfig, load
from farfield_baselines.embeddings import Floats, declare, embedded, embedder
from farfield_baselines.prompts import ENSEMBLE, fill

if TYPE_CHECKING:
    import torch

    from farfield_baselines.networks.clip import Clip
    from farfield_baselines.networks.prompt_learning import Attributes

CLIPPED = 1.0  # the length that gradients have at most


@dataclass(frozen=True, kw_only=True)
class Config:
    """AdamW as the release has it, and where pseudo-open images and attributes come from."""

    epochs: int = setting(10, ge=1, le=1000, help="Passes over the training split.")
    batch_size: int = setting(6, ge=1, le=4096, help="Images a step.")
    lr: float = setting(1.7e-3, ge=0.0, le=1.0, help="Learning rate of the prompts.")
    attention_lr: float = setting(1e-3, ge=0.0, le=1.0, help="Learning rate of the attention to attributes.")
    weight_decay: float = setting(1e-4, ge=0.0, le=1.0, help="Decoupled weight decay of AdamW.")
    style_weight: float = setting(0.33, ge=0.0, le=1e4, help="Weight of the loss of the prompts of single images.")
    open_count: int = setting(1, ge=0, le=4096, help="Pseudo-open images a step.")
    open_images: str = setting(
        "", max_length=1000, help="Folder of images of no class; empty takes points between images of two classes."
    )
    attributes: str = setting(
        "", max_length=1000, help="File of JSON, texts by a class's name; empty takes ten prompts of the name."
    )


@dataclass(frozen=True, kw_only=True)
class MiniClipConfig(Config):
    """The same, on the mini CLIP."""

    model: ClassVar[str] = "mini-clip"
    pretrained: ClassVar[str] = ""
    checkpoint: ClassVar[str] = ""


@dataclass(frozen=True, kw_only=True)
class ClipConfig(Config, ModelConfig):
    """The model, and the same."""


class OSLoPrompt:
    """Learned context for all classes, "unknown" among them, kept near prompts that name domains.

    Where no class is called "unknown" there are no pseudo-open images.
    """

    def __init__(self, context: RunContext) -> None:
        self._context, self._embed = context, embedder(context)
        self._weight: Floats | None = None

    def fit(self, train: TrainingSet) -> None:
        import torch

        from farfield_baselines.networks.seeding import seeded

        context, device = self._context, self._context.device
        clip = load(context)
        with seeded(device, context.seed):
            images = torch.from_numpy(np.array(embedded(self._embed, train), np.float32)).to(device)
            labels = torch.from_numpy(np.asarray(train.labels)).to(device)
            domains = torch.from_numpy(np.asarray(train.domains)).to(device)
            self._weight = self._learned(clip, images, labels, domains)

    def predict(self, inputs: npt.NDArray[Any]) -> Floats:
        """Embeddings [B, D] or uint8 [B, H, W, 3] -> logits float32 [B, C]. Raises ValueError before `fit`."""
        if self._weight is None:
            raise ValueError("osloprompt needs a benchmark with a training split; this one has none")
        return np.asarray(self._embed(inputs) @ self._weight.T, np.float32)

    def _learned(self, clip: Clip, images: torch.Tensor, labels: torch.Tensor, domains: torch.Tensor) -> Floats:
        """The classifier [C, D] on unit embeddings, times the logit scale."""
        import torch

        from farfield_baselines.networks import prompt_learning

        context, config = self._context, self._context.config
        names = [name.replace("_", " ") for name in context.class_names]
        known = [name for name in names if name != UNKNOWN] if names[-1] == UNKNOWN else names
        unknown = len(known) if len(known) < len(names) else None
        side = prompt_learning.TextSide(clip)
        shared = prompt_learning.SharedContext(side, names).to(context.device)
        prompts = [[f"A {_plain(domain)} of a {name}" for name in known] for domain in context.domain_names]
        own = prompt_learning.ImagePrompts(side, prompts, attributes_of(config.attributes, known, clip))
        own = own.to(context.device)
        rates = [
            {"params": list(shared.parameters()), "lr": config.lr},
            {"params": list(own.parameters()), "lr": config.attention_lr},
        ]
        optimizer = torch.optim.AdamW(rates, weight_decay=config.weight_decay)
        trained = [parameter for group in rates for parameter in group["params"]]
        drawn = folder_of(config.open_images, clip) if config.open_images else None
        for epoch in range(config.epochs):
            for rows in torch.split(torch.randperm(len(labels)).to(labels.device), config.batch_size):
                opened = self._open(drawn, images, labels) if unknown is not None else images[:0]
                shown = prompt_learning.Shown(
                    images=images[rows], labels=labels[rows], domains=domains[rows], open_images=opened
                )
                loss = prompt_learning.objective(
                    shared(),
                    own(shown.images, shown.domains),
                    shown,
                    unknown=unknown,
                    scale=side.scale,
                    style=config.style_weight,
                )
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                torch.nn.utils.clip_grad_norm_(trained, CLIPPED)
                optimizer.step()
            context.progress(epoch + 1, config.epochs)
        with torch.inference_mode():
            return np.asarray((side.scale * shared()).cpu().numpy())

    def _open(self, drawn: torch.Tensor | None, images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Unit embeddings [O, D] of a step's pseudo-open images."""
        import torch

        from farfield_baselines.networks.prompt_learning import between

        count: int = self._context.config.open_count
        if drawn is None:
            return between(images, labels, count)
        return drawn[torch.randint(len(drawn), (count,), device=drawn.device)]


def attributes_of(file: str, names: Sequence[str], clip: Clip) -> Attributes:
    """The texts of each class, embedded. Raises ConfigError for a file that does not have texts for each of them."""
    import torch

    from farfield_baselines.networks.prompt_learning import Attributes

    texts = attribute_texts(file, names) if file else [[fill(text, name) for text in ENSEMBLE] for name in names]
    most = max(map(len, texts))
    hidden = torch.tensor([[place >= len(of_class) for place in range(most)] for of_class in texts])
    padded = [[*of_class, *[of_class[0]] * (most - len(of_class))] for of_class in texts]
    rows = torch.from_numpy(clip.embed_prompts([text for of_class in padded for text in of_class]))
    return Attributes(rows=rows.view(len(names), most, -1).to(clip.device), hidden=hidden.to(clip.device))


def attribute_texts(file: str, names: Sequence[str]) -> list[list[str]]:
    """For each class its texts, from JSON of lists by name. Raises ConfigError for anything else."""
    try:
        told = json.loads(Path(file).read_text(encoding="utf-8"))
        if not all(isinstance(told[name], list) for name in names):
            raise ValueError("a class has something else")
        texts = [[str(text) for text in told[name]] for name in names]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ConfigError(
            [f"attributes: {file} has no list of texts for each of {', '.join(names)}: {error}"]
        ) from error
    if not all(texts):
        raise ConfigError([f"attributes: {file} has a class without texts"])
    return texts


def folder_of(folder: str, clip: Clip) -> torch.Tensor:
    """Unit embeddings [N, D] of the images in a folder and below it. Raises ConfigError where there is none."""
    import torch
    from PIL import Image

    pixels = []
    for path in sorted(each for each in Path(folder).rglob("*") if each.is_file()):
        try:
            with Image.open(path) as image:
                pixels.append(np.asarray(image.convert("RGB").resize((clip.size, clip.size), Image.Resampling.BICUBIC)))
        except OSError as error:
            raise ConfigError([f"open_images: {path} is no image that can be read: {error}"]) from error
    if not pixels:
        raise ConfigError([f"open_images: there is no image in {folder}"])
    rows = [clip.embed_images(np.stack(pixels[start : start + 64])) for start in range(0, len(pixels), 64)]
    return torch.from_numpy(np.concatenate(rows)).to(clip.device)


def _plain(name: str) -> str:
    return name.replace("_", " ").replace("-", " ")


SPEC = declare(
    "osloprompt",
    OSLoPrompt,
    "OSLoPrompt: learned prompts, one for what is unknown, kept near prompts that name domains",
    ("C et al. 2025, CVPR, arXiv 2503.16106",),
    {"mini-clip": MiniClipConfig, "clip": ClipConfig},
    memory_gib=1.5,
)
