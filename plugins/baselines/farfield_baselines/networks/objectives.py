"""What robust fine-tuning minimises, a function each: pixels [B, 3, H, W] and labels [B] -> a scalar."""

import copy
from collections.abc import Iterable

import torch
from torch import nn
from torch.nn import functional

from farfield_baselines.networks.fine_tuning import ImageClassifier, Loss, cross_entropy

ZERO_SHOT_FIRST, TUNED_FIRST = "zero-shot-first", "tuned-first"


def l2_sp(network: nn.Module, strength: float) -> Loss:
    """Cross-entropy plus strength / 2 times the squared distance of all parameters from where they are now.

    L2-SP, Li et al. 2018, arXiv 1802.01483. The head has a start of its own here, the zero-shot
    classifier, and is drawn to it like the rest.
    """
    risk = cross_entropy(network)
    pairs = [(p, p.detach().clone()) for p in network.parameters()]

    def loss(pixels: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return risk(pixels, labels) + 0.5 * strength * squared_distance(pairs)

    return loss


def squared_distance(pairs: Iterable[tuple[torch.Tensor, torch.Tensor]]) -> torch.Tensor:
    """The sum of |a - b|^2 over pairs of tensors; a scalar."""
    return torch.stack([(a - b).square().sum() for a, b in pairs]).sum()


def context_aware(network: ImageClassifier, contexts: torch.Tensor, weight: float, direction: str) -> Loss:
    """Cross-entropy plus weight times the divergence between context distributions, CAR-FT.

    Mao et al. 2022, arXiv 2211.16175. `contexts` [K, D] are the logits' weights on unit embeddings (`context_weight`).
    The distributions are those of the network as it is now, frozen, and of the network being trained.
    """
    frozen = copy.deepcopy(network.tower).requires_grad_(False)

    def loss(pixels: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        embeddings = network.embed(pixels)
        with torch.no_grad():
            before = functional.normalize(frozen(pixels), dim=-1) @ contexts.T
        risk = functional.cross_entropy(network.head(embeddings), labels)
        return risk + weight * divergence(before, embeddings @ contexts.T, direction)

    return loss


def divergence(zero_shot: torch.Tensor, tuned: torch.Tensor, direction: str) -> torch.Tensor:
    """Mean over the batch of KL(P || Q) between softmaxes of logits [B, K], in nats.

    P is the zero-shot model's for "zero-shot-first", the tuned one's for "tuned-first".
    """
    p, q = (zero_shot, tuned) if direction == ZERO_SHOT_FIRST else (tuned, zero_shot)
    return functional.kl_div(q.log_softmax(1), p.log_softmax(1), reduction="batchmean", log_target=True)


def context_weight(embeddings: torch.Tensor, scale: float) -> torch.Tensor:
    """Unit embeddings [C, K, D] of the prompts of C classes in K contexts -> scale times their class means [K, D].

    The means are normalised again, as those over templates are for a class.
    """
    return scale * functional.normalize(embeddings.mean(dim=0), dim=-1)


def aligned(images: torch.Tensor, texts: torch.Tensor, scale: torch.Tensor, weight: float) -> torch.Tensor:
    """`contrastive` less the weighted mean log-sum-exp of the logits in both directions, CMA's (arXiv 2503.18817)."""
    logits = scale * images @ texts.T
    energy = 0.5 * (logits.logsumexp(dim=1).mean() + logits.logsumexp(dim=0).mean())
    return contrastive(images, texts, scale) - weight * energy


def contrastive(images: torch.Tensor, texts: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    """CLIP's own loss on unit embeddings [B, D] of images and of their captions: the mean over both directions.

    FLYP keeps it for fine-tuning as it is: two captions of one class count as each other's negatives
    (Goyal et al. 2023, arXiv 2212.00638).
    """
    logits = scale * images @ texts.T
    own = torch.arange(len(logits), device=logits.device)
    return 0.5 * (functional.cross_entropy(logits, own) + functional.cross_entropy(logits.T, own))
