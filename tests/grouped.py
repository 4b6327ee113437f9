"""Group columns of a made run, for the benchmarks that make groups of some."""

import numpy as np

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.data.columns import Attribute


def groups_of(benchmark: Benchmark, count: int, rng: np.random.Generator) -> dict[str, Attribute]:
    """A random group of three for each of so many images, in each column that the benchmark names."""
    return {name: _group(name, rng.integers(0, 3, count)) for name in benchmark.groups}


def _group(name: str, numbers: np.ndarray) -> Attribute:
    """Buckets of long tails, and what goes with a bias or against it, have names that scorers ask for."""
    if name == "bias":
        return Attribute(numbers=numbers % 2, values=("aligned", "conflicting"))
    if name == "scale":
        return Attribute(numbers=np.arange(len(numbers)) % 6, values=("0", "0.5", "1", "1.5", "2", "2.5"))
    buckets = name.startswith("shots-") or name == "frequency"
    return Attribute(numbers=numbers, values=("many", "medium", "few") if buckets else ("a", "b", "c"))
