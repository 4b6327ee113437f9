"""Transfer risk minimisation (Xu & Jaakkola 2021, arXiv 2110.09940)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from farfield import setting
from farfield_baselines.generalization.core import Algorithm, Config, Environment, Setup, cross_entropy, pooled, split
from farfield_baselines.generalization.declare import declare

if TYPE_CHECKING:
    import torch
    from torch import nn

OWN_STEPS, OWN_RATE = 30, 0.1
TERMS, LARGEST = 10, 10.0


@dataclass(frozen=True, kw_only=True)
class TRMConfig(Config):
    """From when on transfer counts, and how."""

    cos_lambda: float = setting(1e-4, ge=0.0, le=1e4, help="Weight of the change of the domains' own classifiers.")
    iters: int = setting(200, ge=0, le=1_000_000, help="Steps before that, on the pooled risk alone.")
    groupdro_eta: float = setting(1e-2, ge=0.0, le=10.0, help="Step size of the weights of pairs of domains.")


class TRM(Algorithm):
    """The pooled risk, and the risk in each domain of the linear classifiers that are trained on the others."""

    def __init__(self, setup: Setup) -> None:
        import torch
        from torch import nn

        super().__init__(setup)
        own = nn.ModuleList(self.make_classifier() for _ in range(setup.domains))
        self.own: Any = self.part("own_classifiers", own)
        self.own_optimizer = torch.optim.SGD(self.own.parameters(), lr=OWN_RATE)
        self.weights = 1.0 - torch.eye(setup.domains, device=setup.device)

    def make_classifier(self) -> nn.Module:
        """Always linear, as in DomainBed: the second derivatives are those of one layer."""
        from farfield_baselines.networks.heads import classifier

        return classifier(self.featurizer.width, self.setup.classes, nonlinear=False)

    def step(self, environments: Sequence[Environment]) -> dict[str, Any]:
        inputs, labels = pooled(environments)
        features = self.featurizer(inputs)
        risk = cross_entropy(self.classifier(features), labels)
        loss = risk
        if self.steps >= self.config.iters and len(environments) > 1:
            rows, targets = split(features, environments), [e.labels for e in environments]
            self.train_own([r.detach() for r in rows], targets)
            loss = risk + self.transfer_risk(rows, targets)
        self.descend(loss)
        return {"nll": risk.detach(), "trm_loss": (loss - risk).detach()}

    def train_own(self, rows: Sequence[torch.Tensor], targets: Sequence[torch.Tensor]) -> None:
        """A few steps of each domain's own classifier on its features [B, D]."""
        import torch

        for _ in range(OWN_STEPS):
            losses = [cross_entropy(head(r), y) for head, r, y in zip(self.own, rows, targets, strict=True)]
            self.own_optimizer.zero_grad()
            torch.stack(losses).sum().backward()  # type: ignore[no-untyped-call]
            self.own_optimizer.step()

    def transfer_risk(self, rows: Sequence[torch.Tensor], targets: Sequence[torch.Tensor]) -> torch.Tensor:
        """The mean over domains of the weighted risk of its classifier in the others; the weights move on.

        To it comes how the classifier would change with what the others ask of it, by the inverse of its Hessian.
        """
        import torch

        config: TRMConfig = self.config
        self.weights = self.weights / self.weights.sum(1, keepdim=True)
        total = []
        for here, head in enumerate(self.own):
            own = cross_entropy(head(rows[here]), targets[here])
            slope = torch.autograd.grad(own, head.weight, create_graph=True)[0]
            others = [n for n in range(len(rows)) if n != here]
            losses = torch.stack([cross_entropy(head(rows[n]), targets[n]) for n in others])
            before = self.weights[here, others]
            swapped = losses @ before
            wanted = torch.autograd.grad(swapped, head.weight, retain_graph=True)[0]
            change = inverse_hessian_times(wanted, head, rows[here].detach(), targets[here])
            after = before * (config.groupdro_eta * before * losses.detach()).exp()
            self.weights[here, others] = after
            # DomainBed's weights change in place under the sum: its gradient is that of the weights after the change.
            swapped = losses @ after + losses.detach() @ (before - after)
            total.append(swapped - config.cos_lambda * (change * slope).sum())
        return torch.stack(total).mean()


def inverse_hessian_times(vector: torch.Tensor, head: Any, rows: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """The Neumann series of the risk's inverse Hessian by the head's weight [C, D], times a vector of that shape.

    As DomainBed sums it: 2 v1 + v2 + v3 + ... with v(k) = (1 - H) v(k - 1) and v0 the vector, which itself is left out;
    for ten terms, or until an entry is above ten.
    """
    import torch

    total = torch.zeros_like(vector)
    for number in range(TERMS):
        slope = torch.autograd.grad(cross_entropy(head(rows), labels), head.weight, create_graph=True)[0]
        curved = torch.autograd.grad((slope * vector).sum(), head.weight)[0]
        vector = vector - curved
        total = total + (vector if number else 2.0 * vector)
        if float(total.abs().max()) > LARGEST:
            break
    return total


SPEC = declare(
    "trm",
    TRM,
    "TRM: the risk, and the risk of classifiers of single training domains in the others.",
    ("Xu & Jaakkola 2021, arXiv 2110.09940",),
    config=TRMConfig,
)
