"""What every trained method shares: its network, its batches and its stages, and the protocol around them.

A method is a `Recipe` that overrides what it does otherwise; by itself it is empirical risk minimisation. `Trained` is
what the runner holds. Classification and regression differ in the error of an example alone, so both come from here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from farfield import Batch, Labels, RunContext, TrainingSet
from farfield_baselines.trained import sampling

if TYPE_CHECKING:
    import torch
    from torch import nn

Ints = npt.NDArray[np.int64]
Logits = npt.NDArray[np.float32]
Array = npt.NDArray[Any]
Order = Callable[[TrainingSet, int, np.random.Generator], Iterator[Ints]]
EVALUATED_TOGETHER = 256


@dataclass(frozen=True, kw_only=True)
class TensorBatch:
    """Examples on the device: inputs [B, C, H, W] or [B, D]; labels, domains and positions int64 [B].

    positions: where they are in the training set. targets: float32 [B, T] in regression, None elsewhere.
    """

    inputs: torch.Tensor
    labels: torch.Tensor
    domains: torch.Tensor
    positions: torch.Tensor
    targets: torch.Tensor | None = None


@dataclass(frozen=True, kw_only=True)
class Setup:
    """What a recipe is built with. `shape` is one input's, (C, H, W) or (D,); `outputs` the classes or targets.

    `domains` is how many training domains there are. The splits are those of the benchmark; None where it has none.
    `labels` are those of the pool, on request. `base` is what was trained first, where the method declares that.
    """

    config: Any
    shape: tuple[int, ...]
    outputs: int
    domains: int
    train: TrainingSet
    val: TrainingSet | None = None
    unlabeled: TrainingSet | None = None
    target: TrainingSet | None = None
    target_val: TrainingSet | None = None
    pool: TrainingSet | None = None
    labels: Labels | None = None
    seed: int = 0
    device: str = "cpu"
    class_names: tuple[str, ...] = ()
    base: Mapping[str, Array] | None = None
    log: Callable[[str], None] = print

    @property
    def regression(self) -> bool:
        return self.train.targets is not None


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One phase of training.

    trained: the names of the parts that move, empty for all; the others stay as they are, in evaluation mode.
    lr: in place of the configuration's. order, loss: in place of the recipe's. before: called first, once. select: off
    keeps the last epoch, whatever validation says.
    """

    epochs: int
    name: str = "training"
    trained: tuple[str, ...] = ()
    lr: float | None = None
    order: Order | None = None
    loss: Callable[[TensorBatch], torch.Tensor] | None = None
    before: Callable[[], None] | None = None
    select: bool = True


class InBatches(Protocol):
    """Examples that can be read in batches, one after the other."""

    def batches(self, size: int, /) -> Iterator[Batch]: ...


class Recipe:
    """One fit: a featurizer, a classifier, and what is minimised. By itself it is ERM.

    `steps` counts the updates of the stage that runs, from 0; `optimizer` is that stage's.
    """

    optimizer: torch.optim.Optimizer

    def __init__(self, setup: Setup) -> None:
        from torch import nn

        self.setup, self.config, self.steps = setup, setup.config, 0
        self.parts = nn.ModuleDict()
        self.featurizer: Any = self.part("featurizer", self.make_featurizer())
        self.classifier: Any = self.part("classifier", self.make_classifier())

    def make_featurizer(self) -> nn.Module:
        network: nn.Module = self.config.network(self.setup.shape)
        return network

    def make_classifier(self) -> nn.Module:
        from farfield_baselines.networks.heads import classifier

        return classifier(self.featurizer.width, self.setup.outputs, self.config.nonlinear_classifier)

    def part(self, name: str, module: nn.Module) -> nn.Module:
        """Put a network on the device, among those that are trained, evaluated and kept together."""
        self.parts[name] = module.to(self.setup.device)
        return module

    def stages(self) -> Sequence[Stage]:
        """The phases of training, one after the other."""
        return [Stage(epochs=self.config.epochs)]

    def order(self, train: TrainingSet, epoch: int, rng: np.random.Generator) -> Iterator[Ints]:
        """The positions of each batch of an epoch."""
        return sampling.shuffled(len(train), self.config.batch, rng)

    def loss(self, batch: TensorBatch) -> torch.Tensor:
        """What is minimised; a scalar."""
        return self.errors(self.logits(batch.inputs), batch).mean()

    def errors(self, outputs: torch.Tensor, batch: TensorBatch) -> torch.Tensor:
        """The error of each example [B]: cross-entropy of logits [B, C], or mean squared error of values [B, T]."""
        from torch.nn import functional

        if batch.targets is None:
            return functional.cross_entropy(outputs, batch.labels, reduction="none")
        return (outputs - batch.targets).square().mean(dim=1)

    def logits(self, inputs: torch.Tensor) -> torch.Tensor:
        """Logits [B, C], or values [B, T], of prepared inputs; at test as well."""
        outputs: torch.Tensor = self.classifier(self.featurizer(inputs))
        return outputs

    def prepare(self, inputs: torch.Tensor, generator: torch.Generator | None = None) -> torch.Tensor:
        """What the network sees of inputs; those of training, which come with a generator, after augmentation."""
        config = self.config
        return config.prepared(inputs if generator is None else config.augmented(inputs, generator))  # type: ignore[no-any-return]

    def rate(self, part: str) -> float:
        """The learning rate of a part, where the stage has none of its own."""
        return float(self.config.lr)

    def validated(self, val: TrainingSet) -> float:
        """The figure on the validation split by which an epoch is kept; higher is better."""
        from farfield_baselines.trained import selection

        return selection.figure(self.config.select, self.outputs(val), val)

    def finish(self) -> None:
        """What comes after the last stage, with the epoch that was kept."""

    def outputs(self, part: TrainingSet) -> Logits:
        """Logits [N, C], or values [N, T], of a split, in its order."""
        return self.over(part, self.logits)

    def over(self, part: InBatches, look: Callable[[torch.Tensor], torch.Tensor]) -> Logits:
        """What `look` says of a split's prepared inputs, float32 [N, ...], in its order and without gradients."""
        return np.concatenate([self.evaluated(batch.inputs, look) for batch in part.batches(EVALUATED_TOGETHER)])

    def evaluated(self, inputs: npt.NDArray[Any], look: Callable[[torch.Tensor], torch.Tensor]) -> Logits:
        """What `look` says of inputs as the benchmark has them, in evaluation mode and without gradients."""
        import torch

        from farfield_baselines.networks.inputs import to_inputs

        self.parts.eval()
        with torch.no_grad():
            seen = look(self.prepare(to_inputs(inputs, self.setup.device)))
        return np.asarray(seen.float().cpu().numpy())

    def tensors(self, batch: Batch, positions: Ints, generator: torch.Generator) -> TensorBatch:
        """A training batch on the device, augmented and prepared."""
        import torch

        from farfield_baselines.networks.inputs import to_inputs, to_labels

        device = self.setup.device
        targets = None if batch.targets is None else torch.from_numpy(np.asarray(batch.targets, np.float32)).to(device)
        return TensorBatch(
            inputs=self.prepare(to_inputs(batch.inputs, device), generator),
            labels=to_labels(batch.labels, device),
            domains=to_labels(batch.domains, device),
            positions=to_labels(positions, device),
            targets=targets,
        )


class Trained:
    """What the runner holds: `fit` builds the recipe and runs its stages, `predict` asks it.

    Everything random comes from the run's seed, the stage and the epoch.
    """

    def __init__(self, recipe: type[Recipe], context: RunContext) -> None:
        self._kind, self._context = recipe, context
        self._recipe: Recipe | None = None

    def fit(self, train: TrainingSet, *, val: TrainingSet | None = None) -> None:
        self.learn(train, val=val)

    def learn(self, train: TrainingSet, labels: Labels | None = None, **parts: TrainingSet | None) -> None:
        """Build the recipe for this data, and train it; `parts` are the setup's, by name."""
        from farfield_baselines.trained.loop import run

        self._recipe = made(self._kind, self._context, train, parts, labels)
        run(self._recipe, self._context.progress)

    def predict(self, inputs: npt.NDArray[Any]) -> Logits:
        """Inputs [B, ...] -> logits [B, C], or values [B, T]. Raises ValueError before `fit`."""
        if self._recipe is None:
            raise ValueError("a trained method needs a benchmark with a training split; this one has none")
        return self._recipe.evaluated(inputs, self._recipe.logits)


class TrainedWithUnlabeled(Trained):
    """The same, with the benchmark's unlabeled examples where it has any."""

    def fit(self, train: TrainingSet, *, val: TrainingSet | None = None, unlabeled: TrainingSet | None = None) -> None:
        self.learn(train, val=val, unlabeled=unlabeled)


class NeedsUnlabeled(Trained):
    """The same, for what learns nothing without the benchmark's unlabeled examples."""

    def fit(self, train: TrainingSet, *, unlabeled: TrainingSet, val: TrainingSet | None = None) -> None:  # type: ignore[override]
        self.learn(train, val=val, unlabeled=unlabeled)


class NeedsTarget(Trained):
    """The same, for what adapts to a few labelled examples of what is tested on."""

    def fit(  # type: ignore[override]
        self,
        train: TrainingSet,
        *,
        target: TrainingSet,
        val: TrainingSet | None = None,
        target_val: TrainingSet | None = None,
    ) -> None:
        self.learn(train, val=val, target=target, target_val=target_val)


class AsksLabels(Trained):
    """The same, for what asks for labels of examples of its choice, and stops when the budget is spent."""

    def fit(  # type: ignore[override]
        self, train: TrainingSet, *, pool: TrainingSet, labels: Labels, val: TrainingSet | None = None
    ) -> None:
        self.learn(train, labels, val=val, pool=pool)


def made(
    kind: type[Recipe],
    context: RunContext,
    train: TrainingSet,
    parts: Mapping[str, TrainingSet | None],
    labels: Labels | None = None,
) -> Recipe:
    """The recipe for this data, not yet trained; its first weights come from the run's seed."""
    from farfield_baselines.networks.seeding import seeded

    with seeded(context.device, context.seed):
        return kind(_setup(context, train, labels, parts))


def _setup(
    context: RunContext, train: TrainingSet, labels: Labels | None, parts: Mapping[str, TrainingSet | None]
) -> Setup:
    from farfield_baselines.networks.inputs import shape_of

    first = train.take(np.zeros(1, np.int64))
    targets = train.targets
    return Setup(
        config=context.config.resolved(),
        shape=shape_of(first.inputs),
        outputs=context.class_count if targets is None else targets.shape[1],
        domains=max(len(context.domain_names), *(1 + int(p.domains.max()) for p in (train, *parts.values()) if p)),
        train=train,
        labels=labels,
        **parts,
        seed=context.seed,
        device=context.device,
        class_names=context.class_names,
        base=context.base,
        log=context.log,
    )
