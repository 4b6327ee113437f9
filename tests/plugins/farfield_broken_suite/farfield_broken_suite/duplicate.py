"""Its benchmark has the name of another suite's."""

from farfield_broken_suite.base import benchmark
from farfield_evaluators.suite import Suite

SUITE = Suite(name="duplicate", benchmarks=(benchmark("ood-detection/mini"),))
