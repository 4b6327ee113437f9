"""What the broken suites have in common: a good benchmark on the demo's images, under a name of their own."""

from dataclasses import replace
from typing import Any

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.suites.mini.detection import OOD_DETECTION_MINI


def benchmark(name: str, **changes: Any) -> Benchmark:
    """OOD detection on the demo's images, as it is evaluated elsewhere, but for what a suite breaks."""
    return replace(OOD_DETECTION_MINI, name=name, **changes)
