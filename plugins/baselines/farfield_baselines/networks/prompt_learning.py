"""Prompts learned for a frozen text tower, after OSLoPrompt (C et al., CVPR 2025, arXiv 2503.16106, release d562097).

All classes share a context of learned tokens. Prompts of another kind name the domain, and are moved by what an image
makes of its class's attributes; the learned prompts are to agree with them, so that they need no domain.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from farfield.errors import ConfigError
from farfield_baselines.networks.clip import Clip

CONTEXT = 4  # learned tokens, after the one that begins a text
DROPOUT = 0.5  # of both attentions


class TextSide:
    """A frozen text tower that takes token embeddings. Raises ConfigError for one that is not CLIP's own kind.

    Texts are cut after the longest: the tower is causal, so what follows a text's end changes nothing.
    """

    def __init__(self, clip: Clip) -> None:
        self._clip, self.scale = clip, clip.scale
        self._tower: Any = getattr(clip.model, "text", clip.model)
        if getattr(self._tower, "attn_mask", None) is None:
            raise ConfigError(
                ["model: its text tower takes no learned tokens; use mini-clip or a CLIP of OpenAI's kind"]
            )
        clip.model.requires_grad_(False)
        self.width = int(self._tower.positional_embedding.shape[1])

    def tokens(self, prompts: Sequence[str]) -> torch.Tensor:
        """Token numbers int64 [P, L]."""
        tokens = self._clip.tokens(prompts)
        return tokens[:, : int(tokens.argmax(dim=1).max()) + 1]

    def embed(self, tokens: torch.Tensor) -> torch.Tensor:
        """Token embeddings [..., L, W] of token numbers [..., L]."""
        embeddings: torch.Tensor = self._tower.token_embedding(tokens)
        return embeddings

    def encode(self, embeddings: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
        """Unit text embeddings [P, D] of token embeddings [P, L, W], read at the ends of the texts `tokens` [P, L]."""
        tower, length = self._tower, embeddings.shape[1]
        hidden = embeddings + tower.positional_embedding[:length]
        hidden = tower.transformer(hidden, attn_mask=tower.attn_mask[:length, :length])
        last = tower.ln_final(hidden)[torch.arange(len(tokens), device=tokens.device), tokens.argmax(dim=1)]
        projection = tower.text_projection
        return functional.normalize(projection(last) if isinstance(projection, nn.Module) else last @ projection, dim=1)


class SharedContext(nn.Module):
    """The learned tokens in front of every class's name; called, it gives the classes' unit embeddings [C, D]."""

    def __init__(self, side: TextSide, names: Sequence[str]) -> None:
        super().__init__()
        self._side = side
        self.context = nn.Parameter(0.02 * torch.randn(CONTEXT, side.width))
        places = " ".join(["X"] * CONTEXT)
        tokens = side.tokens([f"{places} {name}." for name in names])
        self.tokens: torch.Tensor
        self.embeddings: torch.Tensor
        self.register_buffer("tokens", tokens)
        self.register_buffer("embeddings", side.embed(tokens))

    def forward(self) -> torch.Tensor:
        before, after = self.embeddings[:, :1], self.embeddings[:, 1 + CONTEXT :]
        context = self.context.expand(len(self.tokens), -1, -1)
        return self._side.encode(torch.cat([before, context, after], dim=1), self.tokens)


class CrossAttention(nn.Module):
    """Images look at a class's attributes, which have looked at each other: [C, B, D] and [C, A, D] -> [C, B, D].

    `hidden` bool [C, A]: the attributes that are none, where classes have fewer than others.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.among = nn.MultiheadAttention(width, 1, dropout=DROPOUT, batch_first=True)
        self.across = nn.MultiheadAttention(width, 1, dropout=DROPOUT, batch_first=True)
        self.last = nn.Linear(width, width)
        self.of_attributes, self.of_images, self.of_all = (nn.LayerNorm(width) for _ in range(3))

    def forward(self, images: torch.Tensor, attributes: torch.Tensor, hidden: torch.Tensor) -> torch.Tensor:
        seen, _ = self.among(attributes, attributes, attributes, key_padding_mask=hidden, need_weights=False)
        known = self.of_attributes(seen + attributes)
        found, _ = self.across(images, known, known, key_padding_mask=hidden, need_weights=False)
        moved = self.of_images(found + images)
        out: torch.Tensor = self.of_all(self.last(moved) + moved)
        return out


@dataclass(frozen=True, kw_only=True)
class Attributes:
    """Unit text embeddings `rows` [C, A, D] of what tells of each class, and which are none: `hidden` bool [C, A]."""

    rows: torch.Tensor
    hidden: torch.Tensor


class ImagePrompts(nn.Module):
    """Prompts that name domain and class, moved by an image; called, it gives unit embeddings [B, C, D].

    What the attention gives is added to each of the first tokens after the one that begins the text.
    """

    def __init__(self, side: TextSide, prompts: Sequence[Sequence[str]], attributes: Attributes) -> None:
        super().__init__()
        self._side, self._attributes = side, attributes
        domains, classes, width = len(prompts), len(prompts[0]), attributes.rows.shape[-1]
        tokens = side.tokens([prompt for of_domain in prompts for prompt in of_domain])
        self.tokens: torch.Tensor
        self.register_buffer("tokens", tokens.view(domains, classes, -1))
        self.projector = nn.Linear(width, width)
        self.attention = CrossAttention(width)
        self.to_tokens = nn.Identity() if width == side.width else nn.Linear(width, side.width)

    def forward(self, images: torch.Tensor, domains: torch.Tensor) -> torch.Tensor:
        classes = self.tokens.shape[1]
        looking = images.expand(classes, -1, -1)
        told = self.attention(looking, self.projector(self._attributes.rows), self._attributes.hidden)
        moves = self.to_tokens(told).transpose(0, 1)[:, :, None]  # [B, C, 1, W]
        tokens = self.tokens[domains]
        embeddings = self._side.embed(tokens)
        first, start, rest = embeddings[:, :, :1], embeddings[:, :, 1 : 1 + CONTEXT], embeddings[:, :, 1 + CONTEXT :]
        moved = torch.cat([first, start + moves, rest], dim=2)
        return self._side.encode(moved.flatten(0, 1), tokens.flatten(0, 1)).view(len(images), classes, -1)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """Unit embeddings of images [B, D] with labels and domains int64 [B], and of pseudo-open images [O, D]."""

    images: torch.Tensor
    labels: torch.Tensor
    domains: torch.Tensor
    open_images: torch.Tensor


def objective(
    texts: torch.Tensor, by_image: torch.Tensor, shown: Shown, *, unknown: int | None, scale: float, style: float
) -> torch.Tensor:
    """Cross-entropy, also of pseudo-open images as `unknown`, plus `style` times that of the images' own prompts, plus
    one minus the cosine between both kinds of prompts.

    texts [C, D] of all classes, of which `unknown` is the last; by_image [B, K, D] of the known ones.
    """
    images = torch.cat([shown.images, shown.open_images])
    labels = functional.pad(shown.labels, (0, len(shown.open_images)), value=unknown or 0)
    told = functional.cross_entropy(scale * images @ texts.T, labels)
    own = functional.cross_entropy(scale * torch.einsum("bd,bkd->bk", shown.images, by_image), shown.labels)
    apart = 1.0 - functional.cosine_similarity(texts[: by_image.shape[1]].expand_as(by_image), by_image, dim=-1)
    return told + style * own + apart.mean()


def between(images: torch.Tensor, labels: torch.Tensor, count: int) -> torch.Tensor:
    """Unit rows [count, D] halfway between images of two classes, drawn by torch; none where all are of one class."""
    first = torch.randint(len(labels), (count,), device=labels.device)
    others = (labels[first, None] != labels).float()
    if not bool(others.any(dim=1).all()):
        return images[:0]
    second = torch.multinomial(others, 1).squeeze(1)
    return functional.normalize(images[first] + images[second], dim=1)
