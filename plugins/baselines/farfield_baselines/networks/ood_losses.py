"""What networks that detect are trained with: losses as pure functions of tensors.

B examples, C classes; logits [B, C], labels int64 [B]; each loss is a scalar. OpenOOD's trainers have them so, but
where a function says otherwise.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch.nn import functional

SMALL = 1e-12


def logit_norm(logits: torch.Tensor, labels: torch.Tensor, tau: float) -> torch.Tensor:
    """Cross-entropy of logits of length 1 / tau (Wei et al. 2022, arXiv 2205.09310, equation 4)."""
    lengths = logits.norm(dim=1, keepdim=True) + 1e-7
    return functional.cross_entropy(logits / lengths / tau, labels)


def hinted(
    logits: torch.Tensor, confidence: torch.Tensor, labels: torch.Tensor, hinted_at: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """(task loss, confidence loss) where an unsure network may look at the label (DeVries & Taylor 2018).

    confidence: its logit [B]. hinted_at: which examples may be looked at, bool [B]; the others count as sure.
    """
    chances = logits.softmax(dim=1).clamp(SMALL, 1 - SMALL)
    sure = confidence.sigmoid().clamp(SMALL, 1 - SMALL)
    trusted = torch.where(hinted_at, sure, 1.0)[:, None]
    known = functional.one_hot(labels, logits.shape[1])
    told = (chances * trusted + known * (1 - trusted)).log()
    return functional.nll_loss(told, labels), -sure.log().mean()


def to_uniform(logits: torch.Tensor) -> torch.Tensor:
    """Cross-entropy with the uniform distribution (Hendrycks et al. 2019, arXiv 1812.04606)."""
    return (logits.logsumexp(dim=1) - logits.mean(dim=1)).mean()


def soft_cross_entropy(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Cross-entropy with distributions [B, C]."""
    return -(targets * logits.log_softmax(dim=1)).sum(dim=1).mean()


def discrepancy(first: torch.Tensor, second: torch.Tensor, margin: float) -> torch.Tensor:
    """How far the first head's entropy is from exceeding the second's by the margin (Yu & Aizawa 2019, equation 4).

    Over classes, as the paper has it; OpenOOD's code takes the softmax over the examples of a batch.
    """
    return (margin - (_entropy(first) - _entropy(second)).mean()).relu()


def compactness(
    features: torch.Tensor, prototypes: torch.Tensor, labels: torch.Tensor, temperature: float
) -> torch.Tensor:
    """Cross-entropy of cosines with class prototypes [C, D], both unit (Ming et al. 2023, equation 5).

    OpenOOD has a factor of temperature / 0.07 before it.
    """
    return functional.cross_entropy(features @ functional.normalize(prototypes, dim=1).T / temperature, labels)


def dispersion(prototypes: torch.Tensor, temperature: float) -> torch.Tensor:
    """The mean log of each prototype's mean likeness to the others (Ming et al. 2023, equation 6), of unit [C, D].

    OpenOOD has a factor of temperature / 0.1 before it.
    """
    likeness = (prototypes @ prototypes.T / temperature).exp()
    others = ~torch.eye(len(prototypes), dtype=torch.bool, device=prototypes.device)
    return ((likeness * others).sum(dim=1) / others.sum(dim=1)).log().mean()


def moved(prototypes: torch.Tensor, features: torch.Tensor, labels: torch.Tensor, momentum: float) -> torch.Tensor:
    """Unit prototypes [C, D] after each feature, in turn, has moved its class's; a gradient reaches the features."""
    rows = list(prototypes.detach())
    for feature, label in zip(features, labels.tolist(), strict=True):
        rows[label] = functional.normalize(momentum * rows[label] + (1 - momentum) * feature, dim=0)
    return torch.stack(rows)


def random_temperature(
    logits: torch.Tensor, variance: torch.Tensor, labels: torch.Tensor, noise: torch.Tensor, weight: float
) -> torch.Tensor:
    """Cross-entropy at a temperature drawn with learned variances [B, F], and their weighted divergence from 1.

    noise: standard normal [B, F].
    """
    temperature = (variance * noise.square()).sum(dim=1, keepdim=True) / (variance.shape[1] - 2)
    divergence = 0.5 * (variance - (variance + 1e-8).log() - 1).mean()
    return functional.cross_entropy(logits / temperature, labels) + weight * divergence


def in_groups(outputs: torch.Tensor, groups: Sequence[Sequence[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Log-probabilities in groups of classes, each with a place for all others: ("others" [B, G], classes [B, C]).

    outputs: [B, G + C], of each group that place first and then its classes (Huang & Li 2021, arXiv 2105.01879).
    """
    of_groups = [part.log_softmax(dim=1) for part in torch.split(outputs, [1 + len(group) for group in groups], dim=1)]
    order = torch.tensor([label for group in groups for label in group], device=outputs.device)
    classes = torch.cat([part[:, 1:] for part in of_groups], dim=1)
    return torch.stack([part[:, 0] for part in of_groups], dim=1), classes[:, order.argsort()]


def group_softmax(outputs: torch.Tensor, labels: torch.Tensor, groups: Sequence[Sequence[int]]) -> torch.Tensor:
    """Cross-entropy in each group, where the label of an image of no class of it is "others"; their sum over groups."""
    others, classes = in_groups(outputs, groups)
    number = {label: place for place, group in enumerate(groups) for label in group}
    own = functional.one_hot(torch.tensor([number[label] for label in labels.tolist()]), len(groups)).to(outputs.device)
    return -(classes.gather(1, labels[:, None])[:, 0] + (others * (1 - own)).sum(dim=1)).mean()


def dual_grouping(
    logits: torch.Tensor,
    labels: torch.Tensor,
    weights: torch.Tensor,
    cluster_logits: torch.Tensor,
    clusters: torch.Tensor,
    cluster_weights: torch.Tensor,
    shares: tuple[float, float],
) -> torch.Tensor:
    """Cross-entropy where there is a label, that with uniform where it is -1, and that of clusters (UDG).

    weights, cluster_weights [B]: of the second and the third; shares: how much these two count. Each is the mean over
    its own examples, 0 without any (Yang et al. 2021, arXiv 2108.11941, section 4).
    """
    known, unknown = labels >= 0, labels < 0
    told = functional.cross_entropy(logits[known], labels[known], reduction="sum") / max(1, int(known.sum()))
    foreign = logits[unknown]
    uniform = ((foreign.logsumexp(dim=1) - foreign.mean(dim=1)) * weights[unknown]).sum() / max(1, len(foreign))
    grouped = (functional.cross_entropy(cluster_logits, clusters, reduction="none") * cluster_weights).mean()
    return told + shares[0] * uniform + shares[1] * grouped


@dataclass(frozen=True, kw_only=True)
class Density:
    """A Gaussian mixture with one precision [R, R] in some directions [D, R]: weights [K], means [K, R]."""

    weights: torch.Tensor
    means: torch.Tensor
    precision: torch.Tensor
    basis: torch.Tensor

    def __call__(self, rows: torch.Tensor) -> torch.Tensor:
        """The density over that at a mean of weight one, 0 to 1: [B, D] -> [B]; a gradient passes."""
        away = (rows @ self.basis)[:, None] - self.means
        return (-0.5 * torch.einsum("bkr,rs,bks->bk", away, self.precision, away)).exp() @ self.weights


def rotated(inputs: torch.Tensor) -> torch.Tensor:
    """Images [B, C, S, S] turned by 0, 90, 180 and 270 degrees, one after the other: [4B, C, S, S]."""
    return torch.cat([torch.rot90(inputs, turns, (2, 3)) for turns in range(4)])


def rotations(count: int, device: torch.device) -> torch.Tensor:
    """The numbers of the quarter turns that `rotated` has made of so many images: int64 [4 count]."""
    return torch.arange(4, device=device).repeat_interleave(count)


def rotation_score(logits: torch.Tensor, rotation_logits: torch.Tensor) -> torch.Tensor:
    """The divergence of the prediction from uniform less the mean loss of telling rotations, in bits: [B].

    logits [B, C] of the images as they are, rotation_logits [4B, 4] of the turned ones (Hendrycks et al. 2019,
    arXiv 1906.12340, in OpenOOD's form).
    """
    classes = logits.shape[1]
    uniform = -(logits.log_softmax(dim=1) + torch.tensor(classes).log()).mean(dim=1)
    turns = rotations(len(logits), logits.device)
    lost = functional.cross_entropy(rotation_logits, turns, reduction="none").view(4, -1).mean(dim=0)
    return (uniform - lost) / torch.tensor(2.0).log()


def _entropy(logits: torch.Tensor) -> torch.Tensor:
    return -(logits.softmax(dim=1) * logits.log_softmax(dim=1)).sum(dim=1)
