"""The evaluation worker has another version of it than the site: it tells them apart by what only a worker is told."""

import os

from farfield_broken_suite.base import benchmark
from farfield_evaluators.suite import Suite

VERSION = "2" if "FARFIELD_WORKER_NAME" in os.environ else "1"
SUITE = Suite(name="other-version", benchmarks=(benchmark("broken/other-version", version=VERSION),))
