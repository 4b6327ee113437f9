"""A method that trains all by itself, and the same with what it declares to be trained first: what it says then."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from farfield import MethodSpec, RunContext, parse_config
from farfield.families.classification import WithLabels
from farfield.families.toys import CLASSES, DOMAINS, SYNSETS, Toys
from farfield.runtime import base_arrays
from farfield.runtime.loops import fit


@dataclass(frozen=True, kw_only=True)
class Said:
    """The bytes of all that a method predicts, and how many steps of training it told of."""

    predicted: bytes
    steps: int


@dataclass(frozen=True, kw_only=True)
class Built:
    """A method with settings, on the conformance test's data."""

    spec: MethodSpec
    config: Any
    work_folder: Path

    @property
    def inputs(self) -> Any:
        return self.spec.inputs_of(self.config)

    def __call__(self, **changes: Any) -> Any:
        """The method, built anew."""
        return self.spec.build(self.context(**changes))

    def context(self, **changes: Any) -> RunContext:
        values = {"class_names": CLASSES, "class_synsets": SYNSETS, "domain_names": DOMAINS, "seed": 5, **changes}
        return RunContext(**values, config=self.config, work_folder=self.work_folder)

    def base(self, seed: int = 5) -> dict[str, np.ndarray]:
        """What it begins with, as a run finds it."""
        assert self.spec.base is not None
        trained = base_arrays.trained(self.spec.base, self.context(seed=seed), Toys(self))
        base_arrays.save(trained, self.work_folder / "base")
        return base_arrays.load(self.work_folder / "base")

    def said(self, base: Mapping[str, np.ndarray] | None = None) -> Said:
        told: list[int] = []
        method = self(base=base, progress=lambda done, total: told.append(done))
        toys = Toys(self)
        fit(method, WithLabels(toys))
        images = toys.test.read(np.arange(len(toys.test)))
        parts = [method.predict(images)] if hasattr(method, "predict") else method.score(images)
        return Said(predicted=b"".join(np.asarray(part).tobytes() for part in parts), steps=len(told))


def built(spec: MethodSpec, settings: Mapping[str, Any], work_folder: Path) -> Built:
    """The method with the input that it has, and these settings."""
    return Built(spec=replace(spec, choices={}), config=parse_config(spec.config, settings), work_folder=work_folder)
