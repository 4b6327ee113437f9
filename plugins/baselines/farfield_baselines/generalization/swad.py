"""Dense weight averaging over a valley of the validation loss, SWAD (Cha et al. 2021, arXiv 2102.08604)."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from farfield import Batch, MethodSpec, setting
from farfield_baselines.generalization import core
from farfield_baselines.generalization.core import Algorithm, Config, Environment, Setup
from farfield_baselines.generalization.declare import declare
from farfield_baselines.generalization.inductive import INDUCTIVE

if TYPE_CHECKING:
    import torch

INNER: Mapping[str, MethodSpec] = {spec.name: spec for spec in INDUCTIVE}
VALIDATION_BATCH = 64


@dataclass(frozen=True, kw_only=True)
class SWADConfig(Config):
    """What is trained, and how the valley is found. The inner algorithm's own settings are at their defaults."""

    algorithm: str = setting("erm", choices=tuple(INNER), help="What is trained, with its own defaults.")
    swad_every: int = setting(100, ge=1, le=100_000, help="Steps between two looks at the validation loss.")
    swad_converge: int = setting(3, ge=1, le=100, help="Looks without a better loss before the valley starts.")
    swad_tolerance: int = setting(6, ge=1, le=100, help="Looks above the valley's rim before it ends.")
    swad_ratio: float = setting(1.3, ge=1.0, le=100.0, help="Height of the rim, in units of the loss at the start.")
    swad_held_out: float = setting(0.1, ge=0.0, le=0.5, help="Share of the training images kept for validation.")
    swad_images: int = setting(512, ge=1, le=65_536, help="Validation images kept at most.")


class SWAD(Algorithm):
    """Trains another algorithm, and predicts with the mean of its weights over the valley.

    A method sees no validation split, so some training images, chosen by their content, are never trained on. Until
    the valley has started, the current weights predict; when it has ended, training goes on without effect.
    """

    def __init__(self, setup: Setup) -> None:
        self.setup, self.config, self.steps = setup, setup.config, 0
        inner: Any = INNER[self.config.algorithm]
        self.inner: Algorithm = inner.build.algorithm(_inner_setup(setup, setup.config.alike(inner.config)))
        self.parts = self.inner.parts
        self.held_out = HeldOut(share=self.config.swad_held_out, most=self.config.swad_images)
        self.average = ValleyAverage(
            converge=self.config.swad_converge, tolerance=self.config.swad_tolerance, ratio=self.config.swad_ratio
        )

    def prepare(self, minibatches: Sequence[Batch]) -> Sequence[Batch]:
        return [self.held_out.split(batch) for batch in minibatches]

    def update(self, environments: Sequence[Environment]) -> dict[str, float]:
        losses = self.inner.update(environments)
        self.steps += 1
        self.average.add(self.parts.state_dict())
        if self.steps % self.config.swad_every == 0 and self.held_out.count:
            self.average.look(self.validation_loss())
        return losses

    def validation_loss(self) -> float:
        """Mean cross-entropy of the current weights on the images held out."""
        from farfield_baselines.networks.inputs import to_inputs, to_labels

        total = 0.0
        for images, labels in self.held_out.batches(VALIDATION_BATCH):
            logits = self.inner.predict(to_inputs(images, self.setup.device))
            targets = to_labels(labels, self.setup.device)
            total += float(core.cross_entropy(logits, targets, reduction="none").sum())
        return total / self.held_out.count

    def predict(self, inputs: torch.Tensor) -> torch.Tensor:
        with swapped(self.parts, self.average.mean()):
            return self.inner.predict(inputs)


def _inner_setup(setup: Setup, settings: type) -> Setup:
    """The same run with the inner algorithm's configuration: what both have in common, and its defaults."""
    own = {f.name for f in fields(settings)}
    shared = {f.name: getattr(setup.config, f.name) for f in fields(setup.config) if f.name in own}
    if "lr_g" in own:
        shared |= {"lr_g": setup.config.lr, "lr_d": setup.config.lr, "weight_decay_g": setup.config.weight_decay}
    return Setup(
        config=settings(**shared),
        shape=setup.shape,
        classes=setup.classes,
        domains=setup.domains,
        device=setup.device,
    )


class HeldOut:
    """Training images that are kept for validation: the same ones in every minibatch, for their content decides."""

    def __init__(self, *, share: float, most: int) -> None:
        self._share, self._most = share, most
        self._kept: dict[bytes, tuple[npt.NDArray[Any], int]] = {}

    @property
    def count(self) -> int:
        return len(self._kept)

    def split(self, batch: Batch) -> Batch:
        """The part to train on; the rest is kept as long as there is room.

        A minibatch of which nothing would be left is trained on whole.
        """
        digests = [hashlib.blake2b(np.ascontiguousarray(image).tobytes()).digest() for image in batch.inputs]
        chosen = np.array([int.from_bytes(d[:4], "big") < self._share * 2**32 for d in digests])
        if chosen.all():
            return batch
        for row in np.flatnonzero(chosen):
            if len(self._kept) < self._most:
                self._kept.setdefault(digests[row], (batch.inputs[row], int(batch.labels[row])))
        rest = ~chosen
        return Batch(inputs=batch.inputs[rest], labels=batch.labels[rest], domains=batch.domains[rest])

    def batches(self, size: int) -> Iterator[tuple[npt.NDArray[Any], npt.NDArray[np.int64]]]:
        """(images, labels) of all that is kept."""
        kept = list(self._kept.values())
        for start in range(0, len(kept), size):
            part = kept[start : start + size]
            yield np.stack([image for image, _ in part]), np.array([label for _, label in part], np.int64)


def valley(losses: Sequence[float], converge: int, tolerance: int, ratio: float) -> tuple[int | None, int | None]:
    """(first, last) look of the valley, None where it has not started or ended (algorithm 1 of the paper).

    It starts at the first loss that none of the next converge - 1 undercuts. Its rim is `ratio` times the mean of
    these `converge` losses; it has ended before the first `tolerance` losses in a row, after those, above the rim.
    """
    for start in range(len(losses) - converge + 1):
        window = losses[start : start + converge]
        if losses[start] == min(window):
            rim = ratio * math.fsum(window) / converge
            return start, _end(losses, start + converge, tolerance, rim)
    return None, None


def _end(losses: Sequence[float], begin: int, tolerance: int, rim: float) -> int | None:
    for first in range(begin, len(losses) - tolerance + 1):
        if min(losses[first : first + tolerance]) > rim:
            return first - 1
    return None


class Sum:
    """A sum of states and how many there are; whole numbers in a state (counters) are left out."""

    def __init__(self) -> None:
        self.count = 0
        self._total: dict[str, torch.Tensor] = {}

    def add(self, state: Mapping[str, torch.Tensor]) -> None:
        """One more state."""
        numbers = {name: value.detach() for name, value in state.items() if value.is_floating_point()}
        self._take(numbers, 1)

    def merge(self, other: Sum) -> None:
        """All the states of another sum."""
        self._take(other._total, other.count)

    def mean(self) -> dict[str, torch.Tensor]:
        return {name: value / self.count for name, value in self._total.items()}

    def _take(self, numbers: Mapping[str, torch.Tensor], count: int) -> None:
        self.count += count
        for name, value in numbers.items():
            if name in self._total:
                self._total[name].add_(value)
            else:
                self._total[name] = value.clone()


class ValleyAverage:
    """The mean of all iterates from the look at which the valley starts to the one at which it ends.

    The iterates between two looks are summed as they come, and belong to the look that follows them. Only the sums
    that may still be outside the valley are kept apart.
    """

    def __init__(self, *, converge: int, tolerance: int, ratio: float) -> None:
        self._shape = (converge, tolerance, ratio)
        self.losses: list[float] = []
        self.span: tuple[int | None, int | None] = (None, None)
        self._open, self._sure = Sum(), Sum()
        self._recent: dict[int, Sum] = {}

    def add(self, state: Mapping[str, torch.Tensor]) -> None:
        if self.span[1] is None:
            self._open.add(state)

    def look(self, loss: float) -> None:
        """The validation loss after the iterates added since the last look."""
        if self.span[1] is not None:
            return
        self._recent[len(self.losses)] = self._open
        self._open = Sum()
        self.losses.append(loss)
        self.span = valley(self.losses, *self._shape)
        self._settle()

    def mean(self) -> dict[str, torch.Tensor]:
        """The mean so far; empty before the valley has started."""
        if self.span[0] is None:
            return {}
        everything = Sum()
        for part in (self._sure, *self._recent.values()):
            everything.merge(part)
        return everything.mean()

    def _settle(self) -> None:
        """Forget what lies outside, and merge what surely lies inside."""
        (start, end), last = self.span, len(self.losses) - 1
        converge, tolerance, _ = self._shape
        first = last - converge + 2 if start is None else start
        self._recent = {n: s for n, s in self._recent.items() if n >= first and (end is None or n <= end)}
        if start is not None:
            for number in [n for n in self._recent if n <= last - tolerance]:
                self._sure.merge(self._recent.pop(number))


@contextmanager
def swapped(parts: Any, state: Mapping[str, torch.Tensor]) -> Iterator[None]:
    """The parts with these tensors in place of their own inside, and as they were outside."""
    before = {k: v.detach().clone() for k, v in parts.state_dict().items() if k in state}
    parts.load_state_dict(state, strict=False)
    try:
        yield
    finally:
        parts.load_state_dict(before, strict=False)


SPEC = declare(
    "swad",
    SWAD,
    "SWAD: another algorithm's weights, averaged at every step over a valley of the validation loss.",
    ("Cha et al. 2021, arXiv 2102.08604",),
    config=SWADConfig,
)
