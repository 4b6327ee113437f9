"""Domain generalisation: training step by step on a minibatch per environment, and predictions at checkpoints."""

import math
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

import numpy as np

from farfield.errors import JobError, ProtocolError
from farfield.families.classification import PREDICTIONS
from farfield.families.family import ArrayRule, Build, Inputs, Schedule, Size, Tell
from farfield.families.toys import Toys, check_stream
from farfield.method import Inputs as Declared
from farfield.protocols import Batch, DomainGeneralizer, Ints
from farfield.runtime.ahead import ahead
from farfield.runtime.dataset import LabeledSet
from farfield.runtime.job import as_json
from farfield.runtime.loops import Array
from farfield.runtime.rows import Out

NOTES = "checkpoints.json"
TARGETS = 2**31  # added to the seed of the draws of unlabeled images: other draws than those of any run


class DomainGeneralization:
    """`update` and `predict` -> classes int32 [K, N] at K checkpoints; checkpoints.json says the rest of each."""

    name = "domain-generalization"
    title = "Domain generalisation"
    protocol = DomainGeneralizer
    members = ("update", "predict")
    optional = ()
    annotated = ()
    curves = False
    asks = False
    bases = False
    probes = False

    def problems(self, inputs: Declared) -> list[str]:
        trains = "domain generalisation trains on minibatches, so its images need a crop"
        return [trains] if getattr(inputs, "crop", "") == "none" else []

    def outputs(self, size: Size) -> Mapping[str, ArrayRule]:
        shape = (size.checkpoints, size.examples)
        return {"predictions": ArrayRule(shape=shape, dtype="int32", lowest=0, highest=max(0, size.classes - 1))}

    def run(self, method: Any, inputs: Inputs, out: Out, schedule: Schedule) -> None:
        train = inputs.part("train")
        if train is None or not schedule.steps:
            raise JobError("a run of domain generalisation needs train/ and the schedule of its steps")
        steps = checkpoints_of(schedule.steps["steps"], schedule.steps["checkpoint_every"])
        evaluation = inputs.evaluation(out.folder, steps)
        checkpoints: list[dict[str, Any]] = []
        trained, resumed = 0.0, time.monotonic()
        unlabeled = inputs.part("unlabeled")
        for step, losses in generalize(
            method, train, unlabeled=unlabeled, seed=inputs.seed, progress=out.progress, **schedule.steps
        ):
            trained += time.monotonic() - resumed
            _tell_of_divergence(step, losses, [checkpoint["losses"] for checkpoint in checkpoints])
            evaluation.checkpoint(len(checkpoints), method, train)
            measured = {"seconds": round(trained, 3), "mem_gb": _gpu_memory()}
            checkpoints.append({"step": step, "losses": {k: as_json(v) for k, v in losses.items()}, **measured})
            resumed = time.monotonic()
        out.note(NOTES, {"checkpoints": checkpoints})
        del method  # what it held is free for those that are restored
        out.save({"predictions": evaluation.finish(out.progress)})

    def check(self, build: Build) -> None:
        toys = Toys(build)

        def learn(method: Any) -> None:
            train = toys.part("train")
            for given, steps in ((None, 2), (toys.part("unlabeled"), 1)):  # few tiers give any
                for step, losses in generalize(
                    method, train, unlabeled=given, steps=steps, batch=4, checkpoint_every=1, seed=0
                ):
                    require_finite(losses, step)
                    PREDICTIONS.whole(method, toys, 4)

        check_stream(build, toys, learn, PREDICTIONS)


def checkpoints_of(steps: int, every: int) -> tuple[int, ...]:
    """The steps of 0..steps-1 that have a checkpoint: every `every`-th, and the last. Raises ValueError below 1.

    >>> checkpoints_of(21, 10)
    (0, 10, 20)
    """
    if steps < 1 or every < 1:
        raise ValueError(f"a run has at least 1 step and 1 from checkpoint to checkpoint, not {steps} and {every}")
    return tuple(sorted({*range(0, steps, every), steps - 1}))


def generalize(
    method: DomainGeneralizer,
    train: LabeledSet,
    *,
    steps: int,
    batch: int,
    checkpoint_every: int,
    seed: int,
    class_balanced: bool = False,
    unlabeled: LabeledSet | None = None,
    progress: Tell = lambda *_: None,
) -> Iterator[tuple[int, dict[str, float]]]:
    """Run `update` for `steps` steps on one minibatch per training domain; yield (step, losses) at each checkpoint.

    With `unlabeled` it is given as many images of each domain of those, too, as a list; otherwise None.
    Checkpoints are those of `checkpoints_of`; the losses are means over the steps since the one before. Minibatches
    are drawn with replacement, with `class_balanced` each class of a domain as often as another. A loss that is no
    number ends nothing. All of this as in DomainBed (Gulrajani & Lopez-Paz 2021).
    """
    checkpoints = frozenset(checkpoints_of(steps, checkpoint_every))
    streams = [_endless(train, int(d), batch, seed, class_balanced) for d in np.unique(train.domains)]
    others = () if unlabeled is None else np.unique(unlabeled.domains)
    targets = [_endless(unlabeled, int(d), batch, seed + TARGETS, False) for d in others if unlabeled is not None]
    drawn = (([next(s) for s in streams], [next(s).inputs for s in targets] or None) for _ in range(steps))
    since: dict[str, list[float]] = {}
    with closing(ahead(drawn)) as minibatches:
        for step, (minibatch, given) in enumerate(minibatches):
            for name, value in _losses(method.update(minibatch, given)).items():
                since.setdefault(name, []).append(value)
            progress("fit", step + 1, steps)
            if step in checkpoints:
                with np.errstate(invalid="ignore"):
                    means = {name: float(np.mean(values)) for name, values in since.items()}
                yield step, means
                since = {}


def require_finite(losses: Mapping[str, float], step: int) -> None:
    """Raises ProtocolError that names the loss which is no number at this step."""
    broken = [name for name, value in losses.items() if not np.isfinite(value)]
    if broken:
        raise ProtocolError(f"update: the loss {broken[0]!r} is not finite at step {step}")


def _endless(train: LabeledSet, domain: int, size: int, seed: int, class_balanced: bool) -> Iterator[Batch]:
    rng = np.random.default_rng([seed, domain])
    members = np.flatnonzero(train.domains == domain)
    weights = balanced(train.labels[members]) if class_balanced else None
    while True:
        rows = rng.integers(0, len(members), size) if weights is None else rng.choice(len(members), size, p=weights)
        yield train.take(members[rows])


def balanced(labels: Ints) -> Array:
    """How likely each example [N] is to be drawn where all classes that occur are as likely.

    >>> balanced(np.array([0, 0, 3])).tolist()
    [0.25, 0.25, 0.5]
    """
    _, numbers, counts = np.unique(labels, return_inverse=True, return_counts=True)
    return np.asarray(1.0 / (counts[numbers] * len(counts)))


def _losses(returned: object) -> dict[str, float]:
    if not isinstance(returned, Mapping) or not returned:
        raise ProtocolError(f"update: must return a non-empty dict of losses, got {type(returned).__name__}")
    try:
        return {str(name): float(value) for name, value in returned.items()}
    except (TypeError, ValueError, RuntimeError) as error:
        raise ProtocolError(f"update: every loss must be one number: {error}") from error


def _tell_of_divergence(step: int, losses: Mapping[str, float], before: Sequence[Mapping[str, Any]]) -> None:
    """Say it in the log the first time that a loss is no number; the run goes on, as it does in DomainBed."""
    broken = [name for name, value in losses.items() if not math.isfinite(value)]
    if broken and not any(isinstance(value, str) for each in before for value in each.values()):
        says = f"the loss {broken[0]!r} is not finite up to step {step}; training goes on, as in DomainBed"
        print(f"farfield: {says}", flush=True)


def _gpu_memory() -> float:
    """The most memory in GiB that torch has had on the GPU so far, 0.0 without one: `mem_gb` of DomainBed's records."""
    torch: Any = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_initialized():
        return 0.0
    return float(torch.cuda.max_memory_allocated() / 2**30)


FAMILY = DomainGeneralization()
