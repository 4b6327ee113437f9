"""Classification: logits of every test image, and a curve where the method is one of a line of models."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from farfield.errors import ProtocolError
from farfield.families.family import ArrayRule, Build, Inputs, Schedule, Size
from farfield.families.streams import Batched, guarded
from farfield.families.toys import Toys, check_stream, close
from farfield.labels import Labels
from farfield.method import Inputs as Declared
from farfield.protocols import Classifier
from farfield.runtime.curve import move, points_of
from farfield.runtime.dataset import LabeledSet
from farfield.runtime.job import CURVE, curve_file
from farfield.runtime.loops import LABELS, Array, checked, fit
from farfield.runtime.rows import Out


def logits_of(method: Classifier, images: Array, size: Size) -> dict[str, Array]:
    """Logits float32 [B, C] of one batch. Raises ProtocolError for anything else."""
    return {"logits": checked(method.predict(images), (len(images), size.classes), "predict: logits")}


@dataclass(frozen=True)
class WithLabels:
    """What `fit` may name: the parts of a run, and the labels of one of them, on request."""

    inputs: Inputs

    def part(self, name: str) -> LabeledSet | Labels | None:
        return self.inputs.labels if name == LABELS else self.inputs.part(name)


PREDICTIONS = Batched(predict=logits_of, phase="predict")


class Classification:
    """`predict` -> logits float32 [N, C]."""

    name = "classification"
    title = "Classification"
    protocol = Classifier
    members = ("predict",)
    optional = ("fit", "curve_points", "move_to")
    annotated = ()
    curves = True
    asks = True
    bases = True
    probes = True

    def problems(self, inputs: Declared) -> list[str]:
        return []

    def outputs(self, size: Size) -> Mapping[str, ArrayRule]:
        return {"logits": ArrayRule(shape=(size.examples, size.classes))}

    def run(self, method: Any, inputs: Inputs, out: Out, schedule: Schedule) -> None:
        fit(method, WithLabels(inputs))
        PREDICTIONS.run(self, method, inputs, out, schedule)
        guarded("the curve", lambda: self._curve(method, inputs, out, schedule.curve))

    def _curve(self, method: Any, inputs: Inputs, out: Out, most: int) -> None:
        """The logits at each point of the method's line; curve.json, written last, has the points."""
        points, size = points_of(method), inputs.size
        if len(points) > most:
            says = f"the curve has {len(points)} points; here is room for {most}, so it is left out"
            print(f"farfield: {says}", flush=True)
            return
        for number, point in enumerate(points):
            move(method, point)
            part = out.part(number * size.examples, len(points) * size.examples)
            batches = PREDICTIONS.batches(method, inputs.test, inputs, part.progress)
            part.rows(self.outputs(size), batches, {"logits": curve_file(number)})
        if points:
            out.note(CURVE, {"points": list(points)})

    def check(self, build: Build) -> None:
        toys = Toys(build)
        method = check_stream(build, toys, lambda method: fit(method, WithLabels(toys)), PREDICTIONS)
        points = points_of(method)
        known: dict[float, Array] = {}
        for point in (*points, *reversed(points)):
            move(method, point)
            logits = PREDICTIONS.whole(method, toys, 4)
            if not close(known.setdefault(point, logits), logits):
                says = f"move_to({point:g}): the predictions depend on the points before; begin from the fit"
                raise ProtocolError(says)


FAMILY = Classification()
