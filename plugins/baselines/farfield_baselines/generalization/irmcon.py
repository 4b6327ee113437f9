"""Context from class invariance, IRMCon-IPW (Qi et al. 2022, ECCV, arXiv 2208.03462)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from farfield import setting
from farfield_baselines.generalization.core import Algorithm, Config, Environment, Setup, cross_entropy, pooled
from farfield_baselines.generalization.declare import declare

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class IRMConConfig(Config):
    """The context network, and the weights that follow from it."""

    irmcon_dim: int = setting(64, ge=1, le=4096, help="Width of the context features.")
    irmcon_lambda: float = setting(0.1, ge=0.0, le=1e4, help="Weight of the context's invariance to the class.")
    irmcon_lr: float = setting(8e-4, ge=0.0, le=1.0, help="Learning rate of the context network.")
    irmcon_lr_bias: float = setting(5e-3, ge=0.0, le=1.0, help="Learning rate of the class from context alone.")
    irmcon_q: float = setting(0.7, ge=0.0, le=1.0, help="How far the class from context trusts what it knows.")
    irmcon_base: float = setting(0.5, ge=0.0, le=100.0, help="Added to every image's weight.")
    irmcon_start: int = setting(500, ge=0, le=1_000_000, help="Steps before the weights are used.")


class IRMCon(Algorithm):
    """The loss with images weighted up whose class their context does not give away.

    The paper trains the context network, the class from context and the classifier one after another; here all three
    take a step in every update, for the runner owns the steps.
    """

    def __init__(self, setup: Setup) -> None:
        from torch import nn

        if len(setup.shape) != 3:
            raise ValueError("irmcon compares two views of an image, so it takes images and not ready features")
        super().__init__(setup)
        dim = self.config.irmcon_dim
        tower = self.make_featurizer()
        self.context: Any = self.part("context", nn.Sequential(tower, nn.Linear(self.featurizer.width, dim)))
        head = nn.Sequential(nn.Linear(dim, 2 * dim), nn.LeakyReLU(0.2), nn.Linear(2 * dim, setup.classes))
        self.bias: Any = self.part("bias", head)
        self.context_optimizer = self.adam(self.context, lr=self.config.irmcon_lr)
        self.bias_optimizer = self.adam(self.bias, lr=self.config.irmcon_lr_bias)

    def step(self, environments: Sequence[Environment]) -> dict[str, Any]:
        inputs, labels = pooled(environments)
        context = self.context_step(inputs, labels)
        from_context = self.bias(self.context(inputs).detach())
        generous = generalised(from_context, labels, self.config.irmcon_q)
        _move(self.bias_optimizer, generous)
        errors = cross_entropy(self.logits(inputs), labels, reduction="none")
        weights = self.weights(errors, cross_entropy(from_context, labels, reduction="none"))
        loss = (weights * errors).mean()
        self.descend(loss)
        return {"loss": loss.detach(), "context": context, "bias": generous.detach()}

    def context_step(self, inputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """One step of the context network; its loss, zero when no class has two images."""
        views = [self.context(second_view(inputs)) for _ in range(2)]
        loss = context_loss(views[0], views[1], labels, self.config.irmcon_lambda)
        if loss.requires_grad:
            _move(self.context_optimizer, loss)
        return loss.detach()

    def weights(self, errors: torch.Tensor, context_errors: torch.Tensor) -> torch.Tensor:
        """Ones at first, then `balanced` weights [B]."""
        import torch

        if self.steps < self.config.irmcon_start:
            return torch.ones_like(errors)
        return balanced(errors.detach(), context_errors.detach(), self.config.irmcon_base)


def balanced(errors: torch.Tensor, context_errors: torch.Tensor, base: float) -> torch.Tensor:
    """context error / (context error + error) + base: near base where the context alone gives the class, [B]."""
    return context_errors / (context_errors + errors + 1e-8) + base


def second_view(inputs: torch.Tensor) -> torch.Tensor:
    """Another random view of each image."""
    import torch

    from farfield_baselines.networks.augmentation import augment

    seed = int(torch.randint(2**31, ()))
    return augment(inputs, torch.Generator().manual_seed(seed))


def context_loss(first: torch.Tensor, second: torch.Tensor, labels: torch.Tensor, weight: float) -> torch.Tensor:
    """Mean over classes of telling an image's two views from other images of the class, and of its invariance.

    Views [B, D] each. A class is an environment, so what all classes share is learned, not the class.
    """
    import torch

    losses = []
    for label in sorted(set(labels.tolist())):
        mine = labels == label
        if mine.sum() > 1:
            similarities, targets = comparisons(first[mine], second[mine])
            losses.append(cross_entropy(similarities, targets) + weight * invariance(similarities, targets))
    return torch.stack(losses).mean() if losses else torch.zeros((), device=first.device)


def comparisons(first: torch.Tensor, second: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Similarities of 2n views to one another, its own left out, and which is the other view of the same image.

    [n, D] twice -> ([2 n, 2 n], [2 n]).
    """
    import torch

    views = torch.cat([first, second])
    count = len(first)
    alone = torch.eye(2 * count, dtype=torch.bool, device=views.device)
    similarities = (views @ views.T).masked_fill(alone, -torch.inf)
    return similarities, torch.arange(2 * count, device=views.device).roll(count)


def invariance(similarities: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """IRMv1's penalty: the squared derivative of the loss by a scale on the similarities, at scale 1; a scalar."""
    import torch

    scale = torch.ones((), device=similarities.device, requires_grad=True)
    apart = similarities.isinf()
    scaled = (similarities.masked_fill(apart, 0.0) * scale).masked_fill(apart, -torch.inf)
    slope = torch.autograd.grad(cross_entropy(scaled, targets), scale, create_graph=True)[0]
    return slope.square()


def generalised(logits: torch.Tensor, labels: torch.Tensor, q: float) -> torch.Tensor:
    """Generalised cross-entropy (Zhang & Sabuncu 2018, arXiv 1805.07836), as weights q p^q on the cross-entropy.

    Its gradient is that of -p^q, so what is already believed counts more. With q = 0 it is the cross-entropy.
    """
    errors = cross_entropy(logits, labels, reduction="none")
    if q == 0.0:
        return errors.mean()
    return (q * (-q * errors.detach()).exp() * errors).mean()


def _move(optimizer: Any, loss: torch.Tensor) -> None:
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()


SPEC = declare(
    "irmcon",
    IRMCon,
    "IRMCon-IPW: images weighted up whose context, learned to be invariant to the class, does not give it away.",
    ("Qi et al. 2022, ECCV, arXiv 2208.03462", "Arjovsky et al. 2019, arXiv 1907.02893"),
    config=IRMConConfig,
    images_only=True,
)
