"""OOD detection: of every test image a score, higher where it looks in-distribution, and logits."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from farfield.errors import ProtocolError
from farfield.families.family import ArrayRule, Build, Inputs, Schedule, Size
from farfield.families.streams import Batched
from farfield.families.toys import Toys, check_stream
from farfield.method import Inputs as Declared
from farfield.protocols import OODDetector
from farfield.runtime.loops import Array, checked, fit
from farfield.runtime.rows import Out


def scores_of(method: OODDetector, images: Array, size: Size) -> dict[str, Array]:
    """Scores float64 [B] and logits float32 [B, C] of one batch. Raises ProtocolError for anything else."""
    returned = method.score(images)
    if not isinstance(returned, tuple) or len(returned) != 2:
        raise ProtocolError("score: must return the pair (score [B], logits [B, C])")
    scores = checked(returned[0], (len(images),), "score: score", np.float64)
    return {"scores": scores, "logits": checked(returned[1], (len(images), size.classes), "score: logits")}


SCORES = Batched(predict=scores_of, phase="score")


class OODDetection:
    """`score` -> scores float64 [N], logits float32 [N, C]."""

    name = "ood-detection"
    title = "OOD detection"
    protocol = OODDetector
    members = ("score",)
    optional = ("fit",)
    annotated = ()
    curves = False
    asks = False
    bases = True
    probes = True

    def problems(self, inputs: Declared) -> list[str]:
        return []

    def outputs(self, size: Size) -> Mapping[str, ArrayRule]:
        scores = ArrayRule(shape=(size.examples,), dtype="float64")
        return {"scores": scores, "logits": ArrayRule(shape=(size.examples, size.classes))}

    def run(self, method: Any, inputs: Inputs, out: Out, schedule: Schedule) -> None:
        fit(method, inputs)
        SCORES.run(self, method, inputs, out, schedule)

    def check(self, build: Build) -> None:
        toys = Toys(build)
        check_stream(build, toys, lambda method: fit(method, toys), SCORES)


FAMILY = OODDetection()
