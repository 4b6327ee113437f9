"""Source-free active adaptation: a source model, and rounds in which labels of chosen target examples are asked for.

The rounds, the losses and the schedule are those of Learn from the Learnt (Lyu et al. 2024, arXiv 2407.18899): what is
asked is a method's own. Once the source model is trained, no source example is looked at.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from farfield import TrainingSet, setting
from farfield_baselines.adaptation.querying import Floats
from farfield_baselines.adaptation.shot import ShotConfig, ShotModel, slowed
from farfield_baselines.trained import sampling
from farfield_baselines.trained.core import Ints, Setup

if TYPE_CHECKING:
    import torch

LFTL = "Lyu et al. 2024, arXiv 2407.18899"
APART = 5  # what keeps the chance of a round from that of the source model
EPSILON = 1e-5  # in the logarithms of entropies, as in the authors' code


@dataclass(frozen=True, kw_only=True)
class ActiveConfig(ShotConfig):
    """The source model's training, and what is learned in each round."""

    round_epochs: int = setting(15, ge=0, le=1000, help="Passes over the examples without labels in each round.")
    round_lr: float = setting(1e-3, ge=0.0, le=10.0, help="Learning rate of a round; a tenth in the featurizer.")
    round_batch: int = setting(64, ge=2, le=4096, help="Examples a step, with labels and as many without.")
    beta_im: float = setting(0.9, ge=0.0, le=100.0, help="Weight of information maximisation, without labels.")
    beta_vpa: float = setting(1.0, ge=0.0, le=100.0, help="Weight of the attention to what has labels.")
    memory_momentum: float = setting(0.9, ge=0.0, le=1.0, help="Share of new embeddings in those kept of it.")
    mixup_weight: float = setting(1.0, ge=0.0, le=100.0, help="Weight of mixup of what has labels, after each pass.")
    mixup_alpha: float = setting(0.75, ge=0.01, le=100.0, help="Parameter of mixup's beta distribution.")


class Active(ShotModel, ABC):
    """A source model that asks for labels. Raises ValueError without a pool or without labels.

    `known` [P] are the labels of the pool's examples, -1 where they are not known.
    """

    def __init__(self, setup: Setup) -> None:
        super().__init__(setup)
        if setup.pool is None or setup.labels is None:
            raise ValueError("this method asks for labels of a pool of examples, and this benchmark has none")
        self.pool, self.labels = setup.pool, setup.labels
        self.known = np.full(len(self.pool), -1, np.int64)
        self.memory: torch.Tensor = self._empty()

    @abstractmethod
    def scores(self, unknown: Ints, rng: np.random.Generator) -> Floats:
        """Of the examples at these positions [N] of the pool: those with the smallest [N] are asked first."""

    def finish(self) -> None:
        """Round after round, as long as there are any: ask, and learn."""
        for number in range(self.labels.budget.rounds):
            unknown = np.flatnonzero(self.known < 0)
            if not len(unknown):
                break
            rng = np.random.default_rng([self.setup.seed, APART, number])
            order = np.argsort(self.scores(unknown, rng), kind="stable")
            asked = unknown[order[: self.labels.budget.per_round]]
            self.known[asked] = self.labels.ask(asked)
            Round(self, number, rng).learn()
        self.parts.eval()

    def probabilities(self, positions: Ints) -> Floats:
        """Of the pool's examples at these positions [N], float32 [N, C]."""
        return self.over(Chosen(self.pool, positions), lambda inputs: self.logits(inputs).softmax(dim=1))

    def _empty(self) -> torch.Tensor:
        import torch

        return torch.zeros(len(self.pool), self.config.bottleneck, device=self.setup.device)


class Chosen:
    """Some examples of a set, in batches and in their order."""

    def __init__(self, whole: TrainingSet, positions: Ints) -> None:
        self._whole, self._positions = whole, positions

    def batches(self, size: int) -> Iterator[Any]:
        for start in range(0, len(self._positions), size):
            yield self._whole.take(self._positions[start : start + size])


class Round:
    """What is learned after labels were given: from these, and from what has none."""

    def __init__(self, recipe: Active, number: int, rng: np.random.Generator) -> None:
        self._recipe, self._config, self._number, self._rng = recipe, recipe.config, number, rng
        self._labeled, self._unlabeled = np.flatnonzero(recipe.known >= 0), np.flatnonzero(recipe.known < 0)
        self._done = 0

    def learn(self) -> None:
        """All passes over the examples without labels; over those with labels where hardly one is without."""
        from farfield_baselines.networks.seeding import seeded

        if len(self._labeled) < 2:  # nothing that BatchNorm could learn from
            return
        setup, epochs = self._recipe.setup, self._config.round_epochs
        without = self._unlabeled if len(self._unlabeled) > 1 else self._labeled
        with_labels = self._endless(self._labeled)
        with seeded(setup.device, setup.seed, APART, self._number) as self._generator:
            self._optimizer = self._made_optimizer()
            for _ in range(epochs):
                batches = list(self._batches(without))
                self._remember()
                self._epoch(batches, with_labels, epochs * len(batches))

    def _epoch(self, batches: list[Ints], with_labels: Iterator[Ints], steps: int) -> None:
        seen = []
        for unlabeled in batches:
            labeled = next(with_labels)
            self._done += 1
            self._set_rate(steps)
            seen.append((self._inputs(labeled), self._known(labeled)))
            self._step(self._inputs(unlabeled), labeled, *seen[-1])
        if self._config.mixup_weight > 0 and len(self._labeled) > 1:
            self._mix(seen)

    def _step(self, unlabeled: torch.Tensor, positions: Ints, inputs: torch.Tensor, labels: torch.Tensor) -> None:
        """One step on inputs without labels, and on the examples at these positions with labels."""
        from torch.nn import functional

        recipe, config = self._recipe, self._config
        recipe.parts.train()
        others, own = recipe.embeddings(unlabeled), recipe.embeddings(inputs)
        loss = functional.cross_entropy(recipe.classifier(own), labels)
        loss = loss + config.beta_im * information(recipe.classifier(others))
        self._keep(positions, own.detach())
        loss = loss + config.beta_vpa * attention(others, recipe.memory[self._labeled])
        self._descend(loss)

    def _mix(self, seen: list[tuple[torch.Tensor, torch.Tensor]]) -> None:
        """A pass over all labelled inputs of an epoch, each mixed with another of them (Zhang et al. 2018)."""
        import torch
        from torch.nn import functional

        recipe, config = self._recipe, self._config
        inputs, labels = (torch.cat([pair[place] for pair in seen]) for place in range(2))
        shares = self._rng.beta(config.mixup_alpha, config.mixup_alpha, len(labels))
        share = torch.as_tensor(np.maximum(shares, 1 - shares), dtype=torch.float32, device=inputs.device)
        partners = torch.from_numpy(self._rng.permutation(len(labels))).to(inputs.device)
        recipe.parts.train()
        for rows in sampling.shuffled(len(labels), config.round_batch, self._rng):
            own = share[rows].reshape(-1, *[1] * (inputs.ndim - 1))
            outputs = recipe.logits(own * inputs[rows] + (1 - own) * inputs[partners[rows]])
            errors = share[rows] * functional.cross_entropy(outputs, labels[rows], reduction="none")
            others = functional.cross_entropy(outputs, labels[partners[rows]], reduction="none")
            self._descend(config.mixup_weight * (errors + (1 - share[rows]) * others).mean())

    def _remember(self) -> None:
        """The embeddings of what has labels, as they are before a pass, into the memory."""
        import torch

        recipe = self._recipe
        seen = recipe.over(Chosen(recipe.pool, self._labeled), recipe.embeddings)
        self._keep(self._labeled, torch.from_numpy(seen).to(recipe.memory.device))

    def _keep(self, positions: Ints, embeddings: torch.Tensor) -> None:
        share: float = self._config.memory_momentum
        memory = self._recipe.memory
        memory[positions] = (1 - share) * memory[positions] + share * embeddings

    def _made_optimizer(self) -> torch.optim.Optimizer:
        import torch

        from farfield_baselines.networks.heads import parameters_of

        rates = {name: slowed(self._config.round_lr, name) for name in self._recipe.parts}
        groups = [
            {"params": own, "lr": rates[name], "initial_lr": rates[name]}
            for name, part in self._recipe.parts.items()
            if (own := parameters_of(part))
        ]
        decay, momentum = self._config.weight_decay, self._config.momentum
        return torch.optim.SGD(groups, momentum=momentum, weight_decay=decay, nesterov=momentum > 0)

    def _set_rate(self, steps: int) -> None:
        for group in self._optimizer.param_groups:
            group["lr"] = group["initial_lr"] * (1 + 10 * self._done / steps) ** -0.75

    def _descend(self, loss: torch.Tensor) -> None:
        from farfield_baselines.trained.loop import descend

        descend(self._optimizer, loss)

    def _inputs(self, positions: Ints) -> torch.Tensor:
        recipe = self._recipe
        return recipe.tensors(recipe.pool.take(positions), positions, self._generator).inputs

    def _known(self, positions: Ints) -> torch.Tensor:
        from farfield_baselines.networks.inputs import to_labels

        return to_labels(self._recipe.known[positions], self._recipe.setup.device)

    def _batches(self, members: Ints) -> Iterator[Ints]:
        """Those positions in batches, in another order each time; none of one, from which BatchNorm cannot learn."""
        return (members[rows] for rows in sampling.shuffled(len(members), self._config.round_batch, self._rng))

    def _endless(self, members: Ints) -> Iterator[Ints]:
        while True:
            yield from self._batches(members)


def entropy(probabilities: torch.Tensor) -> torch.Tensor:
    """That of each row of [B, C]: [B]."""
    return -(probabilities * (probabilities + EPSILON).log()).sum(dim=1)


def information(logits: torch.Tensor) -> torch.Tensor:
    """What is minimised to predict each example [B, C] surely, and all classes evenly."""
    probabilities = logits.softmax(dim=1)
    return entropy(probabilities).mean() - entropy(probabilities.mean(dim=0, keepdim=True))[0]


def attention(embeddings: torch.Tensor, memory: torch.Tensor) -> torch.Tensor:
    """The mean entropy of each embedding's [B, D] attention to what has labels [L, D], by their cosines."""
    from torch.nn import functional

    cosines = functional.normalize(embeddings, dim=1) @ functional.normalize(memory, dim=1).T
    return entropy(cosines.softmax(dim=1)).mean()
