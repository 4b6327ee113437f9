"""Few-shot detection: boxes in images of their own sizes, of classes learned from a few annotated instances each."""

from typing import Any

from farfield.errors import ProtocolError
from farfield.families.boxes import OfBoxes, SideBySide
from farfield.families.family import Build, Inputs, Schedule
from farfield.families.toys import Toys, check_stream
from farfield.protocols import FewShotDetector
from farfield.runtime.rows import Out


class FewShotDetection(OfBoxes):
    """`fit_novel` and `detect` -> boxes with scores and labels."""

    name = "few-shot-detection"
    title = "Few-shot detection"
    protocol = FewShotDetector
    members = ("fit_novel", "detect")
    optional = ("fit_base",)
    annotated = ("base", "support")

    def run(self, method: Any, inputs: Inputs, out: Out, schedule: Schedule) -> None:
        learn(method, inputs)
        self.write(method, inputs, out)

    def check(self, build: Build) -> None:
        toys = Toys(build)
        check_stream(build, toys, lambda method: learn(method, toys), SideBySide())


def learn(method: FewShotDetector, inputs: Inputs) -> None:
    """Call the optional `fit_base` with the base set, and `fit_novel` with the support set.

    Raises ProtocolError for a `fit_base` that cannot be called or has no base set to learn from.
    """
    learn_base = getattr(method, "fit_base", None)
    if learn_base is not None:
        base = inputs.scenes("base")
        if not callable(learn_base):
            raise ProtocolError("`fit_base` is there but cannot be called; rename it or make it a method")
        if not len(base):
            raise ProtocolError("this method has `fit_base`, but the benchmark has no base set")
        learn_base(base)
    method.fit_novel(inputs.scenes("support"))


FAMILY = FewShotDetection()
