"""One step of training, and a batch of predictions, on made images: run by path, in a sandbox that is watched.

python one_step.py PLUGIN METHOD INPUT DOMAINS BATCH CLASSES
"""

import inspect
import sys
from pathlib import Path
from typing import Any

import numpy as np

from farfield.config import parse_config
from farfield.context import RunContext
from farfield.registry import load
from farfield.runtime.dataset import ArraySource, LabeledSet


def main(argv: list[str]) -> None:
    """The method with its default configuration, and random pixels: an `update`, or an epoch of one batch."""
    plugin, name, chosen, *sizes = argv
    domains, batch, classes = (int(size) for size in sizes)
    spec = load([plugin]).method(name).spec
    spec = spec.with_input(chosen) if chosen else spec
    together = {"epochs": 1, "batch": domains * batch}
    config = parse_config(spec.config, together if set(together) <= set(vars(parse_config(spec.config, {}))) else {})
    side = spec.inputs_of(config).size
    method = spec.build(context_of(config, domains, classes))
    train = made(domains, batch, classes, side)
    if hasattr(method, "update"):
        batches = [train.take(np.flatnonzero(train.domains == domain)) for domain in range(domains)]
        print(method.update(batches, None), flush=True)
    else:
        learn(method, train)
    print(method.predict(pixels(spec.batch_size, side)).shape, flush=True)


def learn(method: Any, train: LabeledSet) -> None:
    """Fit it, with the same images as unlabeled ones where it needs some."""
    needs = inspect.signature(method.fit).parameters.get("unlabeled")
    method.fit(train, **({} if needs is None else {"unlabeled": train}))


def made(domains: int, batch: int, classes: int, side: int) -> LabeledSet:
    """As many random images of each domain."""
    numbers = np.arange(domains * batch)
    return LabeledSet(ArraySource(pixels(len(numbers), side)), numbers % classes, numbers // batch)


def pixels(count: int, side: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (count, side, side, 3), np.uint8)


def context_of(config: object, domains: int, classes: int) -> RunContext:
    return RunContext(
        class_names=tuple(f"class {number}" for number in range(classes)),
        class_synsets=((),) * classes,
        domain_names=tuple(f"domain {number}" for number in range(domains)),
        device="cpu",
        seed=1,
        config=config,
        work_folder=Path.cwd(),
        log=print,
        progress=lambda *_: None,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
