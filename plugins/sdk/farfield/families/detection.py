"""Detection: boxes of known classes in images of their own sizes, learned from a training set of annotated images."""

from typing import Any

from farfield.families.boxes import OfBoxes, SideBySide
from farfield.families.family import Build, Inputs, Schedule
from farfield.families.toys import Toys, check_stream
from farfield.protocols import AnnotatedSet, Detector
from farfield.runtime.loops import fit
from farfield.runtime.rows import Out


class Detection(OfBoxes):
    """`fit` and `detect` -> boxes with scores and labels."""

    name = "detection"
    title = "Detection"
    protocol = Detector
    members = ("fit", "detect")
    optional = ()
    annotated = ("train", "val", "unlabeled")

    def run(self, method: Any, inputs: Inputs, out: Out, schedule: Schedule) -> None:
        fit(method, _Annotated(inputs))
        self.write(method, inputs, out)

    def check(self, build: Build) -> None:
        toys = Toys(build)
        check_stream(build, toys, lambda method: fit(method, _Annotated(toys)), SideBySide())


class _Annotated:
    """The parts of a run as annotated images: None where there are none, as `fit` is told of a part."""

    def __init__(self, inputs: Inputs) -> None:
        self._inputs = inputs

    def part(self, name: str) -> AnnotatedSet | None:
        scenes = self._inputs.scenes(name)
        return scenes if len(scenes) else None


FAMILY = Detection()
