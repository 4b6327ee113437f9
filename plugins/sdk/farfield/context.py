"""What a method is built with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy.typing as npt

from farfield.texts import Texts


def _silent(*_: object) -> None:
    return None


@dataclass(frozen=True, kw_only=True)
class RunContext:
    """All a method may know of its run.

    class_names: names of the C classes, in label order, fit for a prompt ("a photo of a {name}").
    class_synsets: for each class the WordNet ids of the ImageNet classes it stands for; empty tuples when the
        benchmark has no such map.
    domain_names: names of the training domains, in the order of the training set's domain numbers.
    novel_classes: few-shot detection only, the label numbers of the novel classes.
    target_names: regression only, what the T targets are called.
    prompt_templates: what the benchmark's authors would have a text tower read, with {} for a class's name; often
        none.
    texts: text embeddings of the frozen networks whose features the run is given; None where it is given none.
    masks: of families of boxes, whether the benchmark asks for masks; what is learned from has them then.
    device: "cpu" or "cuda". seed: 0 <= seed < 2**31, derived from the run's identity.
    config: an instance of the spec's configuration dataclass.
    base: arrays by name, what the method trains first, where it declares that (`farfield.Base`); None where it does
        not. Trained before, for all runs of a trial, it follows from a seed of its own; trained in this run, from
        `seed`.
    work_folder: an empty, writable folder that is deleted after the run.
    log(text): a line for the run's log. progress(done, total): moves the progress bar within the current phase.
    """

    class_names: tuple[str, ...]
    class_synsets: tuple[tuple[str, ...], ...] = ()
    domain_names: tuple[str, ...] = ()
    novel_classes: tuple[int, ...] = ()
    target_names: tuple[str, ...] = ()
    prompt_templates: tuple[str, ...] = ()
    texts: Texts | None = field(default=None, repr=False)
    masks: bool = False
    device: str = "cpu"
    seed: int = 0
    config: Any = None
    base: Mapping[str, npt.NDArray[Any]] | None = field(default=None, repr=False)
    work_folder: Path = Path()
    log: Callable[[str], None] = field(default=_silent, repr=False)
    progress: Callable[[int, int], None] = field(default=_silent, repr=False)

    @property
    def class_count(self) -> int:
        return len(self.class_names)
