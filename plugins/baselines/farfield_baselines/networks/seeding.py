"""Chance that depends on the run's seed and the step alone, whoever drew numbers before."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


@contextmanager
def seeded(device: str, *key: int) -> Iterator[torch.Generator]:
    """torch's own chance starts from the key inside, and goes on outside as if nothing had been.

    Yields a generator on the CPU for what takes one; it starts from the key as well.
    """
    seed = int(np.random.SeedSequence(list(key)).generate_state(1)[0])
    on_gpu = device.startswith("cuda")
    with torch.random.fork_rng(devices=["cuda"] if on_gpu else []):
        # `torch.manual_seed` asks every kind of device there may be, which takes longer than a step of a small network.
        torch.default_generator.manual_seed(seed)
        if on_gpu:
            torch.cuda.manual_seed_all(seed)
        yield torch.Generator().manual_seed(seed)
