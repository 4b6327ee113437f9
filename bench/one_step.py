"""One step of training, and a batch of predictions, on made images: run by path, in a sandbox that is watched.

python one_step.py PLUGIN METHOD DOMAINS BATCH CLASSES
"""

import sys
from pathlib import Path

import numpy as np

from farfield.config import parse_config
from farfield.context import RunContext
from farfield.protocols import Batch
from farfield.registry import load


def main(argv: list[str]) -> None:
    """The method with its default configuration, and random pixels."""
    plugin, name, *sizes = argv
    domains, batch, classes = (int(size) for size in sizes)
    spec = load([plugin]).method(name).spec
    config = parse_config(spec.config, {})
    side = spec.inputs_of(config).size
    method = spec.build(
        RunContext(
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
    )
    rng = np.random.default_rng(1)
    batches = [
        Batch(
            inputs=rng.integers(0, 256, (batch, side, side, 3), np.uint8),
            labels=rng.integers(0, classes, batch),
            domains=np.full(batch, domain),
        )
        for domain in range(domains)
    ]
    print(method.update(batches, None), flush=True)
    print(method.predict(rng.integers(0, 256, (spec.batch_size, side, side, 3), np.uint8)).shape, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
