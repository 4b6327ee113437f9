"""What long-tail methods minimise and how they read logits, a function each: tensors in, tensors out."""

import math
from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional

TINY = 1e-12
ABSENT = -1e4  # the logit of a class that has no training image: finite, and below any other


def log_prior(counts: torch.Tensor, power: float = 1.0) -> torch.Tensor:
    """log(prior^power + 1e-12) of the classes [C], from their training images [C].

    Menon et al. 2021, arXiv 2007.07314; the small number is that of Tang et al. 2022, arXiv 2207.09504.
    """
    prior = counts.double() / counts.sum()
    return torch.log(prior**power + TINY).float()


def without_prior(logits: torch.Tensor, counts: torch.Tensor, power: float = 1.0) -> torch.Tensor:
    """Logits [B, C] less the log prior: post-hoc logit adjustment (Menon et al. 2021, section 4.1).

    A class without training images gets ABSENT: by the formula it would win everywhere.
    """
    return present_only(logits - log_prior(counts, power), counts)


def present_only(logits: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
    """Logits [B, C] with ABSENT for the classes without training images."""
    return torch.where(counts > 0, logits, ABSENT)


def balanced_softmax(logits: torch.Tensor, labels: torch.Tensor, counts: torch.Tensor) -> torch.Tensor:
    """Cross-entropy of logits [B, C] + log n_c (Ren et al. 2020, arXiv 2007.10740); a scalar.

    A class without training images drops out of the sum.
    """
    return functional.cross_entropy(logits + counts.float().log(), labels)


def tau_normalised(weight: torch.Tensor, tau: float) -> torch.Tensor:
    """Rows w_c / |w_c|^tau of a classifier's weight [C, D] (Kang et al. 2020, arXiv 1910.09217, section 4).

    A row of zeros stays one.
    """
    lengths = weight.norm(dim=1, keepdim=True)
    return weight / torch.where(lengths > 0, lengths, 1.0) ** tau


def invariance_penalty(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """|d CE(s * logits) / d s|^2 at s = 1, with one scale a class: IRMv1 as H2E has it; a scalar.

    Arjovsky et al. 2019, arXiv 1907.02893, IRMv1; Yi et al. 2022, arXiv 2207.13378.
    """
    scale = torch.ones(1, logits.shape[1], device=logits.device, requires_grad=True)
    risk = functional.cross_entropy(logits * scale, labels)
    (slope,) = torch.autograd.grad(risk, [scale], create_graph=True)
    return slope.square().sum()


class Centres(nn.Module):
    """A centre for each class, and how far features are from theirs (Wen et al. 2016, ECCV).

    The centres start from N(0, 1), and move by gradient descent of their own on the same distance.
    """

    values: torch.Tensor

    def __init__(self, classes: int, width: int) -> None:
        super().__init__()
        self.register_buffer("values", torch.randn(classes, width))

    def forward(self, features: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """The mean squared distance of features [B, D] from the centres of their classes; a scalar.

        An image counts between 1e-12 and 1e12, and there is no factor of one half: Tang et al. 2022, arXiv 2207.09504.
        """
        return (features - self.values[labels]).square().sum(dim=1).clamp(TINY, 1.0 / TINY).mean()

    def follow(self, features: torch.Tensor, labels: torch.Tensor, rate: float) -> None:
        """One step of the centres down that distance, whatever it weighs in the loss."""
        apart = self.values[labels] - features.detach()
        self.values.index_add_(0, labels, apart, alpha=-2.0 * rate / len(labels))


class ScaledHead(nn.Module):
    """A linear head that stays as it is, and a learned scale on each class's logit, bias included.

    Learnable weight scaling, Kang et al. 2020, arXiv 1910.09217, section 4.
    """

    def __init__(self, head: nn.Module, classes: int) -> None:
        super().__init__()
        self.head = head.requires_grad_(False)
        self.scales = nn.Parameter(torch.ones(classes))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.head(features) * self.scales
        return logits


class CausalHead(nn.Module):
    """De-confounded training in K heads, and the total direct effect at test.

    Tang et al. 2020, arXiv 2009.12991: features [B, D] and weight [C, D] are split into K parts of
    D / K. A logit is tau / K times the sum over the parts of x_k/|x_k| . w_k/(|w_k| + gamma). At test, of each part's
    direction alpha times its share along the mean feature's direction c_k is taken away first.
    Raises ValueError when the heads do not divide the width.
    """

    mean: torch.Tensor
    alpha: torch.Tensor

    def __init__(self, width: int, classes: int, *, heads: int, tau: float, gamma: float, alpha: float) -> None:
        super().__init__()
        if width % heads:
            raise ValueError(f"heads: {heads} heads do not divide {width} features; give a divisor of {width}")
        self.heads, self.scale, self.gamma = heads, tau / heads, gamma
        edge = 1.0 / math.sqrt(width)
        self.weight = nn.Parameter(torch.empty(classes, width).uniform_(-edge, edge))
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("alpha", torch.tensor(alpha))

    def remember(self, features: torch.Tensor, momentum: float) -> None:
        """mean <- momentum mean + the batch's mean feature; its direction alone is used."""
        self.mean.mul_(momentum).add_(features.detach().mean(dim=0))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Training logits [B, C]: the effect of the mean feature stays in them."""
        return self._logits([functional.normalize(part, dim=1) for part in self._parts(features)])

    def effect(self, features: torch.Tensor) -> torch.Tensor:
        """Test logits [B, C]: the direct effect alone. Before any `remember` they are the training logits."""
        directions = [functional.normalize(part, dim=0) for part in self.mean.chunk(self.heads)]
        pairs = zip(self._parts(features), directions, strict=True)
        return self._logits([_less(functional.normalize(part, dim=1), c, self.alpha) for part, c in pairs])

    def _logits(self, directions: Sequence[torch.Tensor]) -> torch.Tensor:
        rows = [w / (w.norm(dim=1, keepdim=True) + self.gamma) for w in self._parts(self.weight)]
        return self.scale * torch.stack([x @ w.T for x, w in zip(directions, rows, strict=True)]).sum(dim=0)

    def _parts(self, rows: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return rows.chunk(self.heads, dim=1)


def _less(unit: torch.Tensor, direction: torch.Tensor, alpha: torch.Tensor) -> torch.Tensor:
    """Unit rows [B, D] less alpha times their part along a unit direction [D]."""
    return unit - alpha * (unit @ direction)[:, None] * direction
