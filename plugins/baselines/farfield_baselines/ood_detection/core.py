"""What every post-hoc detector shares: what a model says of images, its last layer, and the method around a rule.

A detector is a `Rule`: a pure function from what is known of the ID training images to a score. It sees features and
logits, so it works on any model that has them; a rule that looks inside of a network says what it looks at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from farfield import Batch, RunContext, TrainingSet
from farfield.errors import ProtocolError
from farfield_baselines.imagenet import ClassMap
from farfield_baselines.lite0_file import imagenet_head

if TYPE_CHECKING:
    import torch

    from farfield_baselines.ood_detection.models import Network

Floats = npt.NDArray[np.floating[Any]]
Ints = npt.NDArray[np.int64]
BATCH = 256


@dataclass(frozen=True, kw_only=True)
class Head:
    """The last layer: the logit of class c is the highest of `weight @ x + bias` over the rows in `members[c]`.

    weight [K, D], bias [K]; an ImageNet model's K is 1,000, and a class may be several of them. `scale` is what a
    CLIP model multiplies cosines by; 1 for a classifier.
    """

    weight: Floats
    bias: Floats
    members: tuple[Ints, ...]
    scale: float = 1.0

    def __call__(self, features: Floats) -> npt.NDArray[np.float32]:
        """Features [B, D] -> class logits float32 [B, C]."""
        return self.grouped(features @ self.weight.T + self.bias)

    def rows(self, features: Floats) -> Ints:
        """The row of the layer that each class's logit comes from: [B, D] -> [B, C]."""
        outputs = features @ self.weight.T + self.bias
        return np.stack([rows[outputs[:, rows].argmax(axis=1)] for rows in self.members], axis=1)

    def grouped(self, outputs: Floats) -> npt.NDArray[np.float32]:
        """The layer's outputs [B, K] -> class logits float32 [B, C]."""
        return np.stack([outputs[:, rows].max(axis=1) for rows in self.members], axis=1).astype(np.float32)

    def restricted(self, classes: Ints) -> Head:
        """The same layer for some of the classes, numbered anew in this order."""
        members = tuple(self.members[int(c)] for c in classes)
        return Head(weight=self.weight, bias=self.bias, members=members, scale=self.scale)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a model says of B images: features [B, D] and class logits [B, C].

    inside: what a rule that looks inside of the network has looked at, each [B, ...]; nothing for the others.
    """

    features: Floats
    logits: Floats
    inside: tuple[Floats, ...] = ()

    def __len__(self) -> int:
        return len(self.features)

    def take(self, rows: Ints) -> Seen:
        """The images at these positions."""
        inside = tuple(part[rows] for part in self.inside)
        return Seen(features=self.features[rows], logits=self.logits[rows], inside=inside)


@dataclass(frozen=True, kw_only=True)
class Known:
    """What a rule may learn from: the last layer, and the ID training images with their labels [N].

    outside: the benchmark's OOD validation images, for a rule that asks for them.
    """

    head: Head
    seen: Seen
    labels: Ints
    outside: Seen | None = None

    def take(self, rows: Ints) -> Known:
        """The training images at these positions."""
        return replace(self, seen=self.seen.take(rows), labels=self.labels[rows])


Score = Callable[[Seen], Floats]  # -> [B], higher = more in-distribution
Look = Callable[["Network", "torch.Tensor", Any], Seen]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A detector: `make(known, config)` gives its score; `fits` says whether it needs training images.

    look: what a network on images says, for a rule that looks inside of it: (network, its input, config) -> Seen.
    maps: whether it looks at feature maps, which not every model has. grid: settings to choose from by validation
    images, OpenOOD's; seen_by: the settings on which it depends what is seen. outside: whether a configuration learns
    from OOD validation images.
    """

    make: Callable[[Known, Any], Score]
    fits: bool
    look: Look | None = None
    maps: bool = False
    grid: tuple[Mapping[str, Any], ...] = ()
    seen_by: tuple[str, ...] = ()
    outside: Callable[[Any], bool] = lambda _: False


class Model(Protocol):
    """What a detector wraps."""

    @property
    def head(self) -> Head: ...

    def see(self, inputs: npt.NDArray[Any]) -> Seen:
        """A batch of the declared kind -> its features and class logits."""


@dataclass(frozen=True, kw_only=True)
class OnFeatures:
    """A model whose features the platform has computed."""

    head: Head

    def see(self, inputs: npt.NDArray[Any]) -> Seen:
        """float32 [B, D]."""
        return Seen(features=inputs, logits=self.head(inputs))


@dataclass(frozen=True, kw_only=True)
class OpenedForImages:
    """A model whose features the platform may have computed: `opened` makes it once images come."""

    head: Head
    opened: Callable[[], Model]

    def see(self, inputs: npt.NDArray[Any]) -> Seen:
        """Images of the declared kind, or features float32 [B, D]."""
        if inputs.ndim == 2:
            return Seen(features=inputs, logits=self.head(inputs))
        return self._model.see(inputs)

    @cached_property
    def _model(self) -> Model:
        return self.opened()


@dataclass(frozen=True, kw_only=True)
class Beside:
    """One of several models: of features that the platform has of all of them, [B, sum of D], it sees its columns."""

    model: Model
    columns: slice

    @property
    def head(self) -> Head:
        return self.model.head

    def see(self, inputs: npt.NDArray[Any]) -> Seen:
        """Images of the declared kind, or all features."""
        return self.model.see(inputs[:, self.columns] if inputs.ndim == 2 else inputs)


def side_by_side(models: Sequence[Model]) -> list[Model]:
    """Each with its columns, in this order."""
    ends = np.cumsum([model.head.weight.shape[1] for model in models]).tolist()
    parts = [slice(start, end) for start, end in zip([0, *ends], ends, strict=False)]
    return [Beside(model=model, columns=part) for model, part in zip(models, parts, strict=True)]


class PostHoc:
    """A rule that needs no training image, on a model. The classification stays the model's own."""

    def __init__(self, rule: Rule, model: Model, config: Any) -> None:
        self.rule, self.model, self.config = rule, model, config
        self._score: Score | None = None if rule.fits else rule.make(nothing_known(model.head), config)

    def score(self, inputs: npt.NDArray[Any]) -> tuple[Floats, Floats]:
        """(score [B], logits [B, C]). Raises ProtocolError before the training images that the rule needs."""
        if self._score is None:
            raise ProtocolError("this detector learns from ID training images, and the benchmark gives none")
        seen = self.model.see(inputs)
        return self._score(seen), seen.logits


class FittedPostHoc(PostHoc):
    """A rule that learns from the ID training images."""

    def fit(self, train: TrainingSet) -> None:
        self._score = self.rule.make(known_of(train, self.model, self.config), self.config)


class FittedByBothKinds(PostHoc):
    """A rule that learns from OOD validation images, too."""

    def fit(self, train: TrainingSet, *, ood_val: TrainingSet) -> None:
        outside = joined([self.model.see(batch.inputs) for batch in ood_val.batches(BATCH)])
        known = replace(known_of(train, self.model, self.config), outside=outside)
        self._score = self.rule.make(known, self.config)


def post_hoc(rule: Rule, model: Model, config: Any) -> PostHoc:
    """The method. Its `fit` is there only where it is needed, for it looks at every training image."""
    if rule.outside(config):
        return FittedByBothKinds(rule, model, config)
    return FittedPostHoc(rule, model, config) if rule.fits else PostHoc(rule, model, config)


def known_of(train: TrainingSet, model: Model, config: Any) -> Known:
    """What the model says of the training images, of as many as the configuration wants."""
    [known] = known_by([model], learned_from(train, getattr(config, "per_class", 0)))
    return known


def learned_from(train: TrainingSet, per_class: int = 0) -> Iterator[Batch]:
    """The training images, in their order; with `per_class` at most that many of each class, always the same.

    Then the split is read shuffled, and no further than it must be.
    """
    if not per_class:
        yield from train.batches(BATCH)
        return
    wanted = np.minimum(np.bincount(train.labels), per_class)
    seen = np.zeros_like(wanted)
    for batch in train.batches(BATCH, shuffle=True, seed=0):
        rows = _first_of_each(batch.labels, seen, per_class)
        if len(rows):
            yield Batch(inputs=batch.inputs[rows], labels=batch.labels[rows], domains=batch.domains[rows])
        if (seen >= wanted).all():
            return


def known_by(models: Sequence[Model], batches: Iterable[Batch]) -> list[Known]:
    """What each model says of the images, in one pass over them."""
    labels: list[Ints] = []
    said: list[list[Seen]] = [[] for _ in models]
    for batch in batches:
        labels.append(batch.labels)
        for model, parts in zip(models, said, strict=True):
            parts.append(model.see(batch.inputs))
    numbers = np.concatenate(labels)
    return [Known(head=m.head, seen=joined(parts), labels=numbers) for m, parts in zip(models, said, strict=True)]


def nothing_known(head: Head) -> Known:
    """The last layer alone."""
    seen = Seen(features=np.empty((0, head.weight.shape[1])), logits=np.empty((0, len(head.members))))
    return Known(head=head, seen=seen, labels=np.empty(0, np.int64))


def imagenet_rows(context: RunContext) -> tuple[Ints, ...]:
    """For each class of the run, the numbers of its ImageNet classes. Raises ValueError for one that has none."""
    return tuple(np.asarray(rows, np.int64) for rows in ClassMap(context).members)


def lite0_head(context: RunContext) -> Head:
    """EfficientNet-Lite0's last layer, restricted to the classes of the run."""
    weight, bias = imagenet_head()
    return Head(weight=weight, bias=bias, members=imagenet_rows(context))


def zero_shot_head(classes: npt.NDArray[np.float32], scale: float) -> Head:
    """CLIP's classifier on unit image embeddings: `classes` are the unit text embeddings [C, D]."""
    bias, weight = np.zeros(len(classes), np.float32), np.float32(scale) * classes
    return Head(weight=weight, bias=bias, members=each_its_own(len(classes)), scale=scale)


def each_its_own(count: int) -> tuple[Ints, ...]:
    """A row for each class."""
    return tuple(np.array([number]) for number in range(count))


def _first_of_each(labels: Ints, seen: Ints, per_class: int) -> Ints:
    """Positions of the images whose class has not been seen `per_class` times; `seen` [C] is counted up in place."""
    rows = []
    for row, label in enumerate(labels):
        if seen[label] < per_class:
            rows.append(row)
        seen[label] += 1
    return np.array(rows, np.int64)


def joined(parts: Sequence[Seen]) -> Seen:
    """What was said of several batches, as of one."""
    return Seen(
        features=np.concatenate([part.features for part in parts]),
        logits=np.concatenate([part.logits for part in parts]),
        inside=tuple(np.concatenate(of_one) for of_one in zip(*(part.inside for part in parts), strict=True)),
    )
