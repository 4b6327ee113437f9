"""Its plan makes a million runs."""

from farfield_broken_suite.base import benchmark
from farfield_evaluators.plans.trials import Trials
from farfield_evaluators.suite import Suite

SUITE = Suite(name="million", benchmarks=(benchmark("broken/million", plan=Trials(10**6)),))
