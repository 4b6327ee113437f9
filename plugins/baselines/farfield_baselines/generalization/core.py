"""What every algorithm shares: its settings, its network, and DomainBed's contract around both.

DomainBed: Gulrajani & Lopez-Paz 2021, arXiv 2007.01434. An algorithm is an `Algorithm` that says in `objective` what
it minimises on one minibatch per training domain; `Generalizer` is what the runner holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from farfield import Batch, RunContext, setting

if TYPE_CHECKING:
    import torch
    from torch import nn

Logits = npt.NDArray[np.float32]
KNOWN = ("mnist-cnn", "mnist-cnn-half", "resnet18", "resnet50", "dinov2", "lite0", "mlp-on-lite0")
WITHOUT_WEIGHTS = ("mnist-cnn", "mnist-cnn-half", "lite0", "mlp-on-lite0")
SMALLEST_AUGMENTED = 64  # pixels of the shorter side: DomainBed never augments its digits, whatever is set


@dataclass(frozen=True, kw_only=True)
class FeaturizerConfig:
    """The settings of the network, with DomainBed's names and defaults for large images."""

    featurizer: str = setting(
        "resnet50",
        help="mnist-cnn, mnist-cnn-half, resnet18, resnet50, dinov2, lite0, mlp-on-lite0, timm:NAME or open_clip:NAME.",
    )
    weights: str = setting("", help="File of ImageNet-1k weights for the featurizer; empty starts from scratch.")
    train_featurizer: bool = setting(True, help="Off trains only what comes after the featurizer.")
    freeze_bn: bool = setting(True, help="Keep the BatchNorm statistics that came with the weights.")
    resnet_dropout: float = setting(
        0.0, ge=0.0, le=0.9, help="Dropout after the featurizer; mnist-cnn and mnist-cnn-half have none."
    )
    nonlinear_classifier: bool = setting(False, help="A classifier of three layers instead of one.")

    UNTRAINED: ClassVar[str] = "train_featurizer: this algorithm needs a featurizer that is trained; switch it on"

    def __post_init__(self) -> None:
        if self.featurizer not in KNOWN and not self.featurizer.startswith(("timm:", "open_clip:")):
            listed = ", ".join(KNOWN)
            raise ValueError(f"featurizer: {self.featurizer!r} is not one of {listed}, timm:NAME, open_clip:NAME")
        if self.weights and self.featurizer in WITHOUT_WEIGHTS:
            raise ValueError(f"weights: the featurizer {self.featurizer} takes no file; leave the setting empty")

    def network(self, shape: tuple[int, ...]) -> nn.Module:
        """The featurizer for inputs of this shape, (C, H, W) or (D,)."""
        from farfield_baselines.networks import featurizers

        wanted = featurizers.Wanted(
            name=self.featurizer,
            shape=shape,
            weights=self.weights,
            dropout=self.resnet_dropout,
            freeze_bn=self.freeze_bn,
            trainable=self.train_featurizer,
        )
        return featurizers.featurizer(wanted)


@dataclass(frozen=True, kw_only=True)
class NetworkConfig(FeaturizerConfig):
    """The network, and what happens to its input."""

    data_augmentation: bool = setting(True, help="Random crop, mirror, colour jitter and grey, from 64 pixels on.")
    random_crop: bool = setting(True, help="Off leaves the crop out of the augmentation, as DomainBed has Spawrious.")

    @classmethod
    def alike(cls, config: type) -> type:
        """Another algorithm's configuration for inputs of this kind."""
        return config


@dataclass(frozen=True, kw_only=True)
class Config(NetworkConfig):
    """The network, and Adam over all of it."""

    lr: float = setting(5e-5, ge=0.0, le=1.0, help="Learning rate of Adam.")
    weight_decay: float = setting(0.0, ge=0.0, le=1.0, help="L2 penalty in Adam.")


@dataclass(frozen=True, kw_only=True)
class Setup:
    """What an algorithm is built with: `shape` is one input's, (C, H, W) or (D,); `class_names` are for prompts.

    `batch` is the length of a domain's minibatch, 0 where it was not seen.
    """

    config: Any
    shape: tuple[int, ...]
    classes: int
    domains: int
    batch: int = 0
    device: str = "cpu"
    class_names: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Environment:
    """One training domain's minibatch: inputs [B, C, H, W] in 0..1 or [B, D], labels int64 [B]."""

    inputs: torch.Tensor
    labels: torch.Tensor


class Algorithm:
    """A featurizer, a classifier and Adam. Subclasses say what is minimised; by itself it is ERM."""

    LOSS: ClassVar[str] = "loss"  # what is minimised is called so in records
    ADAPTS: ClassVar[bool] = False  # whether it looks at unlabeled images of the domain that it is tested on

    def __init__(self, setup: Setup) -> None:
        from torch import nn

        self.setup, self.config, self.steps = setup, setup.config, 0
        self.targets: Sequence[torch.Tensor] = ()  # inputs [B, ...] of each unlabeled domain in this step
        self.parts = nn.ModuleDict()
        self.featurizer: Any = self.part("featurizer", self.make_featurizer())
        self.classifier: Any = self.part("classifier", self.make_classifier())
        self.optimizer = self.make_optimizer()

    def make_featurizer(self, extra_channels: int = 0) -> nn.Module:
        first, *rest = self.setup.shape
        network: nn.Module = self.config.network((first + extra_channels, *rest))
        return network

    def make_classifier(self) -> nn.Module:
        from farfield_baselines.networks.heads import classifier

        return classifier(self.featurizer.width, self.setup.classes, self.config.nonlinear_classifier)

    def make_optimizer(self) -> Any:
        return self.adam(self.parts)

    def part(self, name: str, module: nn.Module) -> nn.Module:
        """Put a network on the device, among those that are trained or evaluated together."""
        self.parts[name] = module.to(self.setup.device)
        return module

    def adam(self, *modules: nn.Module, lr: float | None = None, weight_decay: float | None = None, **more: Any) -> Any:
        """Adam over the modules, with the configuration's rate and decay unless others are given.

        Raises ValueError when none of them is trained.
        """
        import torch

        from farfield_baselines.networks.heads import parameters_of

        rate = self.config.lr if lr is None else lr
        decay = self.config.weight_decay if weight_decay is None else weight_decay
        trained = parameters_of(*modules)
        if not trained:
            raise ValueError(self.config.UNTRAINED)
        return torch.optim.Adam(trained, lr=rate, weight_decay=decay, **more)

    def parameters(self) -> list[nn.Parameter]:
        """What the main optimizer trains."""
        return [p for group in self.optimizer.param_groups for p in group["params"]]

    def prepare(self, minibatches: Sequence[Batch]) -> Sequence[Batch]:
        """The minibatches to train on, still as they came."""
        return minibatches

    def update(self, environments: Sequence[Environment]) -> dict[str, float]:
        """One training step; returns named losses."""
        self.parts.train()
        losses = self.step(environments)
        self.steps += 1
        return {name: float(value) for name, value in losses.items()}

    def step(self, environments: Sequence[Environment]) -> dict[str, Any]:
        loss, terms = self.objective(environments)
        self.descend(loss)
        return {self.LOSS: loss.detach(), **{name: term.detach() for name, term in terms.items()}}

    def objective(self, environments: Sequence[Environment]) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """(what is minimised, terms for the record by DomainBed's names: one called "loss" stands in its place)."""
        inputs, labels = pooled(environments)
        return cross_entropy(self.logits(inputs), labels), {}

    def descend(self, loss: torch.Tensor) -> None:
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()

    def logits(self, inputs: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.classifier(self.featurizer(inputs))
        return logits

    def predict(self, inputs: torch.Tensor) -> torch.Tensor:
        """Logits [B, C] of evaluation mode, without gradients."""
        import torch

        self.parts.eval()
        # Not inference mode: a frozen trunk may remember what it computes here, and training goes on with it.
        with torch.no_grad():
            return self.logits(inputs)


class Generalizer:
    """DomainBed's contract: `update` on a minibatch per training domain, `predict` for any image.

    The network is built on the first minibatches, whose images say how many channels there are. Everything random
    comes from the run's seed and the step's number.
    """

    def __init__(self, algorithm: type[Algorithm], context: RunContext) -> None:
        self._kind, self._context = algorithm, context
        self._step, self._predicted = 0, 0
        self._algorithm: Algorithm | None = None

    def update(self, minibatches: Sequence[Batch], unlabeled: Sequence[Any] | None = None) -> dict[str, float]:
        """One training step; unlabeled inputs of a test domain are there for an algorithm that looks at them."""
        from farfield_baselines.networks.seeding import seeded

        algorithm = self.algorithm(minibatches[0].inputs, len(minibatches), len(minibatches[0].labels))
        self._step, self._predicted = self._step + 1, 0
        with seeded(self._context.device, self._context.seed, self._step) as generator:
            environments = [self._environment(batch, generator) for batch in algorithm.prepare(minibatches)]
            algorithm.targets = (
                [self._inputs(given, generator) for given in unlabeled or ()] if algorithm.ADAPTS else ()
            )
            return algorithm.update(environments)

    def predict(self, images: npt.NDArray[Any]) -> Logits:
        """uint8 [B, H, W, C] or float32 [B, D] -> logits float32 [B, classes]."""
        from farfield_baselines.networks.inputs import to_inputs
        from farfield_baselines.networks.seeding import seeded

        algorithm = self.algorithm(images, max(1, len(self._context.domain_names)))
        self._predicted += 1
        with seeded(self._context.device, self._context.seed, self._step, self._predicted):
            logits = algorithm.predict(to_inputs(images, self._context.device))
        return np.asarray(logits.cpu().numpy())

    def algorithm(self, images: npt.NDArray[Any], domains: int, batch: int = 0) -> Algorithm:
        """The algorithm, built at the first call for inputs like these."""
        if self._algorithm is None:
            self._algorithm = self._build(images, domains, batch)
        return self._algorithm

    def _build(self, images: npt.NDArray[Any], domains: int, batch: int) -> Algorithm:
        from farfield_baselines.networks.inputs import shape_of
        from farfield_baselines.networks.seeding import seeded

        context = self._context
        setup = Setup(
            config=context.config,
            shape=shape_of(images),
            classes=context.class_count,
            domains=domains,
            batch=batch,
            device=context.device,
            class_names=context.class_names,
        )
        with seeded(context.device, context.seed):
            return self._kind(setup)

    def _environment(self, batch: Batch, generator: torch.Generator) -> Environment:
        from farfield_baselines.networks.inputs import to_labels

        inputs = self._inputs(batch.inputs, generator)
        return Environment(inputs=inputs, labels=to_labels(batch.labels, self._context.device))

    def _inputs(self, given: npt.NDArray[Any], generator: torch.Generator) -> torch.Tensor:
        """On the device, and augmented where that is set."""
        from farfield_baselines.networks.augmentation import augment
        from farfield_baselines.networks.inputs import to_inputs

        inputs = to_inputs(given, self._context.device)
        if self._context.config.data_augmentation and min(inputs.shape[2:], default=0) >= SMALLEST_AUGMENTED:
            inputs = augment(inputs, generator, crop=self._context.config.random_crop)
        return inputs


def pooled(environments: Sequence[Environment]) -> tuple[torch.Tensor, torch.Tensor]:
    """(inputs, labels) of all environments together."""
    import torch

    return torch.cat([e.inputs for e in environments]), torch.cat([e.labels for e in environments])


def cross_entropy(logits: torch.Tensor, labels: torch.Tensor, reduction: str = "mean") -> torch.Tensor:
    """Mean over the batch, or one value an image with reduction="none"."""
    from torch.nn import functional

    return functional.cross_entropy(logits, labels, reduction=reduction)


def split(pooled_rows: torch.Tensor, environments: Sequence[Environment]) -> list[torch.Tensor]:
    """Rows that were computed on the pooled environments, back by environment."""
    import torch

    return list(torch.split(pooled_rows, [len(e.labels) for e in environments]))


def risks(algorithm: Algorithm, environments: Sequence[Environment], *, apart: bool = False) -> torch.Tensor:
    """The cross-entropy of each environment [E]: from one pass, or `apart`, as BatchNorm sees it."""
    import torch

    logits = (
        [algorithm.logits(e.inputs) for e in environments]
        if apart
        else split(algorithm.logits(pooled(environments)[0]), environments)
    )
    return torch.stack([cross_entropy(z, e.labels) for z, e in zip(logits, environments, strict=True)])
