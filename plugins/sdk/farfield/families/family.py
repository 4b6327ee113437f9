"""What a family says of itself, and what its loop is given: the contract between families and whoever runs them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from farfield.labels import Labels
from farfield.method import Inputs as Declared
from farfield.method import MethodSpec
from farfield.protocols import AnnotatedSet
from farfield.runtime.base_phase import BasePhase
from farfield.runtime.dataset import LabeledSet, Source
from farfield.runtime.rows import Out
from farfield.runtime.rules import Array, ArrayRule, Size

__all__ = ["ArrayRule", "Build", "Evaluated", "Family", "Inputs", "Schedule", "Size", "Tell", "WithBasePhase"]


class Evaluated(Protocol):
    """The predictions of a method at its checkpoints."""

    def checkpoint(self, number: int, method: Any, train: LabeledSet) -> None:
        """The method has reached a checkpoint, counted from 0."""

    def finish(self, progress: Callable[[str, int, int], None]) -> Array:
        """The classes predicted at each, int32 [K, N]."""


class Inputs(Protocol):
    """What a run is given: the method's specification, its data, and how large it is.

    `test` is there once the method has learned: a loop asks for it after that, and not before. `base_model` is the
    folder with what the method saved in its base phase, to be read; None where that is not over yet. `captions` are
    those of all test images together, of retrieval alone.
    """

    @property
    def spec(self) -> MethodSpec: ...
    @property
    def size(self) -> Size: ...
    @property
    def seed(self) -> int: ...
    @property
    def test(self) -> Source: ...
    @property
    def base_model(self) -> Path | None: ...
    @property
    def captions(self) -> tuple[str, ...]: ...

    def evaluation(self, output: Path, steps: Sequence[int]) -> "Evaluated":
        """The predictions of a method at these steps of its training; states may be kept below `output` meanwhile."""

    def part(self, name: str) -> LabeledSet | None:
        """Training data of this name, "train" or one of `loops.PARTS`; None where the benchmark has none."""

    @property
    def labels(self) -> Labels | None:
        """Those of the part "pool", on request and within the benchmark's budget; None where there is none."""

    def scenes(self, name: str) -> AnnotatedSet:
        """Annotated images of this name ("base", "train"), read when they are asked for; empty without any."""


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """What a run is asked for beside the predictions of all test inputs.

    steps: those of training, for families that train step by step; of few-shot classification the shape of episodes, of
    data selection how many examples are chosen at most.
    probe: whether a slice is predicted again. curve: how many points of a method's curve there is room for.
    """

    steps: Mapping[str, Any] = field(default_factory=dict)
    probe: bool = False
    curve: int = 0


class Build(Protocol):
    """Builds the method anew, always with the same context; has its specification and what it takes."""

    @property
    def spec(self) -> MethodSpec: ...
    @property
    def inputs(self) -> Declared: ...
    def __call__(self) -> Any: ...


class Family(Protocol):
    """One family of benchmarks.

    name: as in a method's specification; title: on pages. members: what a method must have, by `protocol`; optional:
    what it may have. annotated: the parts that are images with boxes, besides "base" and "support". curves: whether its
    methods may be one of a line of models (`farfield.runtime.curve`), which is drawn in the plot of OOD against ID
    accuracy. asks: whether its methods may ask for labels of a pool. bases: whether they may declare what they train
    first. probes: whether a slice of the predictions is made again (`farfield.runtime.probes`).
    """

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def protocol(self) -> type: ...
    @property
    def members(self) -> tuple[str, ...]: ...
    @property
    def optional(self) -> tuple[str, ...]: ...
    @property
    def annotated(self) -> tuple[str, ...]: ...
    @property
    def curves(self) -> bool: ...
    @property
    def asks(self) -> bool: ...
    @property
    def bases(self) -> bool: ...
    @property
    def probes(self) -> bool: ...

    def problems(self, inputs: Declared) -> list[str]:
        """Why a method of this family cannot take these inputs; empty when it can."""

    def outputs(self, size: Size) -> Mapping[str, ArrayRule]:
        """The arrays that a run brings, by the names of their files; counts come before what they count."""

    def run(self, method: Any, inputs: Inputs, out: Out, schedule: Schedule) -> None:
        """The whole of a run: learn, predict, write. Raises ProtocolError for a method that does not keep to it."""

    def check(self, build: Build) -> None:
        """The conformance test, through the same loops. Raises ProtocolError that says what to change."""


@runtime_checkable
class WithBasePhase(Protocol):
    """What a family has, too, whose methods may learn in two phases, the first of them once for many runs."""

    def base_phase(self, method: Any) -> BasePhase:
        """How this method takes its first phase. Raises ProtocolError for one that does not keep to the protocol."""

    def learn_base(self, method: Any, inputs: Inputs, folder: Path) -> None:
        """The first phase of a method that takes it apart: learn, and save what was learned into an empty folder."""


Tell = Callable[[str, int, int], None]  # (phase, done, total)
