"""Context from class invariance, IRMCon-IPW (Qi et al. 2022, ECCV, arXiv 2208.03462)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from farfield import Batch, setting
from farfield_baselines.generalization.core import Algorithm, Config, Environment, Setup, cross_entropy, pooled
from farfield_baselines.generalization.declare import declare

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, kw_only=True)
class IRMConConfig(Config):
    """The four networks, in the order in which they learn, and the weights that follow."""

    irmcon_first: int = setting(
        1000, ge=0, le=1_000_000, help="Steps of the network whose mistakes choose the images that are compared."
    )
    irmcon_context: int = setting(1000, ge=0, le=1_000_000, help="Steps of the context network, after those.")
    irmcon_start: int = setting(2500, ge=0, le=1_000_000, help="Steps in all before the weights are used.")
    irmcon_hardest: int = setting(
        10, ge=0, le=4096, help="Images of a class in a step that are compared for their class seems least likely."
    )
    irmcon_others: int = setting(28, ge=0, le=4096, help="Images of the class beside these, by chance.")
    irmcon_dim: int = setting(64, ge=1, le=4096, help="Width of the context features.")
    irmcon_lambda: float = setting(0.1, ge=0.0, le=1e4, help="Weight of the context's invariance to the class.")
    irmcon_lr: float = setting(8e-4, ge=0.0, le=1.0, help="Learning rate of the context network.")
    irmcon_lr_bias: float = setting(5e-3, ge=0.0, le=1.0, help="Learning rate of the class from context alone.")
    irmcon_q: float = setting(0.7, ge=0.0, le=1.0, help="How far the class from context trusts what it knows.")
    irmcon_base: float = setting(0.5, ge=0.0, le=100.0, help="Added to every image's weight.")

    def __post_init__(self) -> None:
        super().__post_init__()
        learned = self.irmcon_first + self.irmcon_context
        if self.irmcon_start < learned:
            raise ValueError(
                f"irmcon_start: the weights need the context network, which learns until step {learned} "
                f"(irmcon_first and irmcon_context), so {self.irmcon_start} is too early"
            )


class IRMCon(Algorithm):
    """The loss with images weighted up whose class their context does not give away.

    As released (287cde2), a first network, plain ERM, learns, and then the context network on the images that it finds
    hardest and others; with that frozen, the class from context, whose errors weigh the classifier's. The classifier
    has no weights before `irmcon_start` and needs no other network till then, so it learns from the first step on.
    """

    def __init__(self, setup: Setup) -> None:
        from torch import nn

        if len(setup.shape) != 3:
            raise ValueError("irmcon compares two views of an image, so it takes images and not ready features")
        super().__init__(setup)
        config, dim = self.config, self.config.irmcon_dim
        self.first: Any = self.part("first", nn.Sequential(self.make_featurizer(), self.make_classifier()))
        tower = self.make_featurizer()
        self.context: Any = self.part("context", nn.Sequential(tower, nn.Linear(self.featurizer.width, dim)))
        head = nn.Sequential(nn.Linear(dim, 2 * dim), nn.LeakyReLU(0.2), nn.Linear(2 * dim, setup.classes))
        self.bias: Any = self.part("bias", head)
        self.first_optimizer = self.adam(self.first)
        self.context_optimizer = self.adam(self.context, lr=config.irmcon_lr, weight_decay=0.0)
        self.bias_optimizer = self.adam(self.bias, lr=config.irmcon_lr_bias, weight_decay=0.0)
        self._given: Sequence[Any] = ()  # the step's images before augmentation

    def prepare(self, minibatches: Sequence[Batch]) -> Sequence[Batch]:
        self._given = [batch.inputs for batch in minibatches]
        return minibatches

    def step(self, environments: Sequence[Environment]) -> dict[str, Any]:
        """One step of the classifier, and of that network whose turn it is."""
        inputs, labels = pooled(environments)
        context_errors: torch.Tensor | None = None
        own: dict[str, torch.Tensor] = {}
        if self.steps < self.config.irmcon_first:
            own["first"] = self.first_step(inputs, labels)
        elif self.steps < self.config.irmcon_first + self.config.irmcon_context:
            own["context"] = self.context_step(self.originals(inputs), labels)
        else:
            own["bias"], context_errors = self.bias_step(inputs, labels)
        errors = cross_entropy(self.logits(inputs), labels, reduction="none")
        if context_errors is not None and self.steps >= self.config.irmcon_start:
            loss = (balanced(errors.detach(), context_errors, self.config.irmcon_base) * errors).mean()
        else:
            loss = errors.mean()
        self.descend(loss)
        return {"loss": loss.detach(), **own}

    def first_step(self, inputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """One step of the first network; its loss."""
        loss = cross_entropy(self.first(inputs), labels)
        _move(self.first_optimizer, loss)
        return loss.detach()

    def context_step(self, images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """One step of the context network; its loss, zero when no class has two images."""
        rows = compared(self.doubts(images, labels), labels, self.config.irmcon_hardest, self.config.irmcon_others)
        first, second = (self.context(view) for view in views(images[rows]))
        loss = context_loss(first, second, labels[rows], self.setup.classes, self.config.irmcon_lambda)
        if loss.requires_grad:
            _move(self.context_optimizer, loss)
        return loss.detach()

    def bias_step(self, inputs: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """One step of the class from context: (its loss, the errors [B] before the step, without gradients)."""
        import torch

        self.context.eval()
        with torch.no_grad():
            context = self.context(inputs)
        from_context = self.bias(context)
        generous = generalised(from_context, labels, self.config.irmcon_q)
        _move(self.bias_optimizer, generous)
        return generous.detach(), cross_entropy(from_context, labels, reduction="none").detach()

    def doubts(self, images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """What the first network gives to other classes than an image's own, [B] in 0..1."""
        import torch

        self.first.eval()
        with torch.no_grad():
            likely = self.first(images).softmax(dim=1)
        own: torch.Tensor = likely[torch.arange(len(labels), device=labels.device), labels]
        return 1.0 - own

    def originals(self, inputs: torch.Tensor) -> torch.Tensor:
        """The step's images as they came, [B, C, H, W] in 0..1."""
        import torch

        from farfield_baselines.networks.inputs import to_inputs

        return torch.cat([to_inputs(given, self.setup.device) for given in self._given]) if self._given else inputs


def balanced(errors: torch.Tensor, context_errors: torch.Tensor, base: float) -> torch.Tensor:
    """context error / (context error + error) + base: near base where the context alone gives the class, [B]."""
    return context_errors / (context_errors + errors + 1e-8) + base


def views(images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Two random views of each image."""
    import torch

    from farfield_baselines.networks.augmentation import augment

    first, second = (torch.Generator().manual_seed(int(torch.randint(2**31, ()))) for _ in range(2))
    return augment(images, first), augment(images, second)


def compared(doubts: torch.Tensor, labels: torch.Tensor, hardest: int, others: int) -> torch.Tensor:
    """Row numbers [K], class by class: the `hardest` with the most doubts [B], then `others` of the rest by chance."""
    import torch

    rows: list[torch.Tensor] = []
    for label in sorted(set(labels.tolist())):
        mine = (labels == label).nonzero().flatten()
        mine = mine[doubts[mine].argsort(descending=True)]
        rest = mine[hardest:]
        rows += [mine[:hardest], rest[torch.randperm(len(rest))[:others].to(rest.device)]]
    return torch.cat(rows)


def context_loss(
    first: torch.Tensor, second: torch.Tensor, labels: torch.Tensor, classes: int, weight: float
) -> torch.Tensor:
    """Mean over all classes of telling an image's two views from other images of the class, and of its invariance.

    Views [B, D] each. A class is an environment, so what all classes share is learned, not the class. One with fewer
    than two images has nothing to tell apart, and counts as zero.
    """
    import torch

    total = torch.zeros((), device=first.device)
    for label in sorted(set(labels.tolist())):
        mine = labels == label
        if mine.sum() > 1:
            similarities = comparisons(first[mine], second[mine])
            total = total + contrast(similarities) + weight * invariance(similarities)
    return total / classes


def comparisons(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    """Similarities of 2n views, first to the other view of the same image, then to the views of all others in order.

    [n, D] twice -> [2 n, 2 n - 1].
    """
    import torch

    views = torch.cat([first, second])
    count = len(first)
    own = torch.arange(2 * count, device=views.device)
    partner = own.roll(count)
    others = torch.ones(2 * count, 2 * count, dtype=torch.bool, device=views.device)
    others[own, own] = others[own, partner] = False
    similarities = views @ views.T
    return torch.cat([similarities[own, partner, None], similarities[others].view(2 * count, -1)], dim=1)


def contrast(similarities: torch.Tensor) -> torch.Tensor:
    """Cross-entropy of `comparisons` [R, K], of which the first is right; a scalar."""
    import torch

    return cross_entropy(similarities, torch.zeros(len(similarities), dtype=torch.int64, device=similarities.device))


def invariance(similarities: torch.Tensor) -> torch.Tensor:
    """The release's form of IRMv1's penalty: mean size of the loss's derivatives by a scale on each column, at 1.

    [R, K] -> a scalar.
    """
    import torch

    scales = torch.ones(similarities.shape[1], device=similarities.device, requires_grad=True)
    return torch.autograd.grad(contrast(similarities * scales), scales, create_graph=True)[0].abs().mean()


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
    memory_gib=37.0,  # four networks, of which one compares two views of all images
)
