"""Few-shot detection: boxes in images of their own sizes, of classes learned from a few annotated instances each."""

import tempfile
from pathlib import Path
from typing import Any

from farfield.errors import ProtocolError
from farfield.families.boxes import OfBoxes, SideBySide
from farfield.families.family import Build, Inputs, Schedule
from farfield.families.toys import Toys, check_stream, close
from farfield.protocols import FewShotDetector
from farfield.runtime.base_phase import FIT, LOAD, SAVE, BasePhase, learn_base, phase_of, save
from farfield.runtime.rows import Out


class FewShotDetection(OfBoxes):
    """`fit_novel` and `detect` -> boxes with scores and labels; what was learned before may be saved and loaded."""

    name = "few-shot-detection"
    title = "Few-shot detection"
    protocol = FewShotDetector
    members = ("fit_novel", "detect")
    optional = (FIT, SAVE, LOAD)
    annotated = ("base", "support")

    def run(self, method: Any, inputs: Inputs, out: Out, schedule: Schedule) -> None:
        learn(method, inputs)
        self.write(method, inputs, out)

    def base_phase(self, method: Any) -> BasePhase:
        """How the method learns from the base set."""
        return phase_of(method)

    def learn_base(self, method: Any, inputs: Inputs, folder: Path) -> None:
        """The base phase: learn from the base set, and save what was learned into an empty folder."""
        learn_base(method, inputs.scenes("base"))
        save(method, folder)

    def check(self, build: Build) -> None:
        toys = Toys(build)
        first = check_stream(build, toys, lambda method: learn(method, toys), SideBySide())
        if phase_of(first) is BasePhase.APART:
            self._check_saved(build, toys, first)

    def _check_saved(self, build: Build, toys: Toys, first: Any) -> None:
        """What was loaded goes on as what was not saved, `first`, did."""
        with tempfile.TemporaryDirectory(prefix="farfield-base-") as name:
            self.learn_base(build(), toys, Path(name))
            toys.base_model = Path(name)
            loaded = build()
            learn(loaded, toys)
            whole = SideBySide().whole(loaded, toys, 4)
        drawn = build.spec.stochastic or build.spec.transductive
        if not drawn and not close(whole, SideBySide().whole(first, toys, 4)):
            raise ProtocolError(
                f"after `{SAVE}` and `{LOAD}` the method detects otherwise than right after `{FIT}`; save all that "
                "`fit_base` learned, and seed the generators of `fit_novel` anew, or declare stochastic=True"
            )


def learn(method: FewShotDetector, inputs: Inputs) -> None:
    """Begin with the base model where there is one, else with the optional `fit_base`; then call `fit_novel`.

    Raises ProtocolError for a `fit_base` that cannot be called or has no base set to learn from.
    """
    phase = phase_of(method)
    if phase is BasePhase.APART and inputs.base_model is not None:
        method.load_base(inputs.base_model)  # type: ignore[attr-defined]
    elif phase is not BasePhase.NONE:
        learn_base(method, inputs.scenes("base"))
    method.fit_novel(inputs.scenes("support"))


FAMILY = FewShotDetection()
