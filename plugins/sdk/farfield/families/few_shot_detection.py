"""Few-shot detection: boxes in images of their own sizes, of classes learned from a few annotated instances each."""

from collections.abc import Sized
from typing import Any

from farfield.families.boxes import OfBoxes, SideBySide
from farfield.families.family import Build, Inputs, Schedule
from farfield.families.phased import OPTIONAL, Phased
from farfield.families.toys import Toys, check_stream
from farfield.protocols import FewShotDetector
from farfield.runtime.base_phase import begin
from farfield.runtime.rows import Out


class FewShotDetection(Phased, OfBoxes):
    """`fit_novel` and `detect` -> boxes with scores and labels; what was learned before may be saved and loaded."""

    name = "few-shot-detection"
    title = "Few-shot detection"
    protocol = FewShotDetector
    members = ("fit_novel", "detect")
    optional = OPTIONAL
    annotated = ("base", "support")

    def run(self, method: Any, inputs: Inputs, out: Out, schedule: Schedule) -> None:
        learn(method, inputs)
        self.write(method, inputs, out)

    def base_set(self, inputs: Inputs) -> Sized:
        return inputs.scenes("base")

    def check(self, build: Build) -> None:
        toys = Toys(build)
        first = check_stream(build, toys, lambda method: learn(method, toys), SideBySide())
        self.check_saved(build, toys, first, learn, SideBySide())


def learn(method: FewShotDetector, inputs: Inputs) -> None:
    """Begin, and call `fit_novel`. Raises ProtocolError as `begin` does."""
    begin(method, inputs.base_model, lambda: inputs.scenes("base"))
    method.fit_novel(inputs.scenes("support"))


FAMILY = FewShotDetection()
