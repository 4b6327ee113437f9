"""Losses of detectors that learn from likeness: of a batch's examples to each other, or to prototypes.

B examples of unit length [B, D], C classes, labels int64 [B]; each loss is a scalar, as OpenOOD's trainers have it.
"""

import torch
from torch.nn import functional

SMALL = 1e-8
PROTOTYPES_APART = 0.5  # the temperature of PALM's contrast between prototypes


def reweighted(
    rows: torch.Tensor,
    labels: torch.Tensor,
    temperature: float,
    *,
    same: tuple[float, float],
    other: tuple[float, float],
) -> torch.Tensor:
    """All cosines of one class against all of two, those that are wrong by more counting more (ReweightOOD).

    same, other: slope and shift of the weights sigmoid(slope cosine - shift), of the opposite sign within a class.
    """
    alike = labels[:, None] == labels
    first = torch.ones_like(alike).triu(diagonal=1)
    cosines = rows @ rows.T
    within, between = cosines[alike & first], cosines[~alike & first]
    pull = (same[1] - same[0] * within.detach()).sigmoid()
    push = (other[0] * between.detach() - other[1]).sigmoid()
    total = (-pull * within / temperature).logsumexp(dim=0) + (push * between / temperature).logsumexp(dim=0)
    return functional.elu(total)


def supervised(rows: torch.Tensor, labels: torch.Tensor, temperature: float) -> torch.Tensor:
    """Each example's likeness to those of its label against that to all others (Khosla et al. 2020, in CSI's form).

    An example counts among those of its label, as in CSI's code: its own term is constant.
    """
    cosines = rows @ rows.T
    likeness = ((cosines - cosines.detach().amax(dim=1, keepdim=True)) / temperature).exp()
    likeness = likeness * ~torch.eye(len(rows), dtype=torch.bool, device=rows.device)
    losses = -(likeness / (likeness.sum(dim=1, keepdim=True) + SMALL) + SMALL).log()
    alike = (labels[:, None] == labels).float()
    return (losses * alike / (alike.sum(dim=1, keepdim=True) + SMALL)).sum() / len(rows)


def owned(count: int, classes: int, device: torch.device) -> torch.Tensor:
    """The class of each of so many prototypes, which take turns: int64 [count]."""
    return torch.arange(count, device=device) % classes


def assigned(likeness: torch.Tensor, epsilon: float, rounds: int) -> torch.Tensor:
    """Shares of examples in prototypes by Sinkhorn's iteration, the prototypes equally full: [B, K] both.

    Cuturi 2013 (arXiv 1306.0895); each example's shares sum to one, and no gradient passes.
    """
    shares = (likeness.detach() / epsilon).exp().T
    shares = shares / shares.sum()
    for _ in range(rounds):
        shares = functional.normalize(shares, dim=1, p=1) / len(shares)
        shares = functional.normalize(shares, dim=0, p=1) / shares.shape[1]
    return (shares * shares.shape[1]).T


def mixtures(
    rows: torch.Tensor,
    prototypes: torch.Tensor,
    labels: torch.Tensor,
    classes: int,
    temperature: float,
    *,
    momentum: float,
    nearest: int,
    epsilon: float,
    rounds: int,
) -> tuple[torch.Tensor, torch.Tensor]:
    """(loss, prototypes [K, D] after they have moved) of classes as mixtures (Lu et al. 2024, arXiv 2402.02653).

    Each example moves the `nearest` prototypes of its class that it has most of, and is pulled to the same. A gradient
    reaches the examples by the prototypes, too.
    """
    own = (labels[:, None] == owned(len(prototypes), classes, rows.device)).float()
    shares = _of_nearest(own * assigned(rows @ prototypes.T, epsilon, rounds), nearest)
    moving = functional.normalize(shares, dim=0, p=1)
    moved = functional.normalize(momentum * prototypes + (1 - momentum) * moving.T @ rows, dim=1)
    after = own * assigned(rows @ moved.detach().T, epsilon, rounds)
    # Which count is said by the shares that moved the prototypes, how much by those after it, as in OpenOOD.
    weights = functional.normalize(after * _chosen(moving, nearest), dim=1, p=1)
    logits = rows @ moved.detach().T / temperature
    return (logits.logsumexp(dim=1) - (weights * logits).sum(dim=1)).mean(), moved


def prototypes_apart(prototypes: torch.Tensor, classes: int) -> torch.Tensor:
    """The contrast between prototypes [K, D]: near those of their class, far from all others (Lu et al. 2024)."""
    owners = owned(len(prototypes), classes, prototypes.device)
    itself = torch.eye(len(prototypes), dtype=torch.bool, device=prototypes.device)
    alike = functional.normalize(((owners[:, None] == owners) & ~itself).float(), dim=1, p=1)
    logits = prototypes @ prototypes.T / PROTOTYPES_APART
    against = logits.masked_fill(itself, -torch.inf).logsumexp(dim=1)
    return (against - (alike * logits).sum(dim=1)).mean()


def _of_nearest(shares: torch.Tensor, nearest: int) -> torch.Tensor:
    return functional.normalize(shares * _chosen(shares, nearest), dim=1, p=1)


def _chosen(shares: torch.Tensor, nearest: int) -> torch.Tensor:
    return torch.zeros_like(shares).scatter(1, shares.topk(nearest, dim=1).indices, 1.0)
