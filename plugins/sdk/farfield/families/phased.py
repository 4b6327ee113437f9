"""Families whose methods learn in two phases, the first of them once for many runs: what they share."""

import tempfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Sized
from pathlib import Path
from typing import Any

from farfield.errors import ProtocolError
from farfield.families.family import Build, Inputs
from farfield.families.toys import Toys, Whole, close
from farfield.runtime.base_phase import FIT, LOAD, SAVE, BasePhase, learn_base, phase_of, save

OPTIONAL = (FIT, SAVE, LOAD)


class Phased(ABC):
    """A family with a base phase; see `families.family.WithBasePhase`."""

    @abstractmethod
    def base_set(self, inputs: Inputs) -> Sized:
        """What the base phase learns from; empty where there is none."""

    def base_phase(self, method: Any) -> BasePhase:
        """How the method learns from the base set."""
        return phase_of(method)

    def learn_base(self, method: Any, inputs: Inputs, folder: Path) -> None:
        """The base phase: learn from the base set, and save what was learned into an empty folder."""
        learn_base(method, self.base_set(inputs))
        save(method, folder)

    def check_saved(
        self, build: Build, toys: Toys, first: Any, learn: Callable[[Any, Inputs], None], outputs: Whole
    ) -> None:
        """What was loaded goes on as what was not saved, `first`, did. Raises ProtocolError where it does not."""
        if phase_of(first) is not BasePhase.APART:
            return
        with tempfile.TemporaryDirectory(prefix="farfield-base-") as name:
            self.learn_base(build(), toys, Path(name))
            toys.base_model = Path(name)
            loaded = build()
            learn(loaded, toys)
            whole = outputs.whole(loaded, toys, 4)
        drawn = build.spec.stochastic or build.spec.transductive
        if not drawn and not close(whole, outputs.whole(first, toys, 4)):
            raise ProtocolError(
                f"after `{SAVE}` and `{LOAD}` the method predicts otherwise than right after `{FIT}`; save all that "
                "`fit_base` learned, and seed the generators of `fit_novel` anew, or declare stochastic=True"
            )
