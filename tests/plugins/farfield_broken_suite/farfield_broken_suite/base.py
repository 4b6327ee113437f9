"""What the broken suites have in common: a good benchmark on the specimen suite's images, under a name of its own."""

from dataclasses import replace
from typing import Any

from farfield_evaluators.benchmark import Benchmark, Column, Domain
from farfield_evaluators.metrics.catalog import AUROC
from farfield_evaluators.suites.mini.detection import OOD_DETECTION_MINI


def benchmark(name: str, **changes: Any) -> Benchmark:
    """OOD detection as it is elsewhere, but for what a suite breaks."""
    good = {
        "pack": "specimen/squares",
        "train_set": "train/a",
        "domains": (
            Domain(name="known", title="Known", role="id", set="test/known"),
            Domain(name="tinted", title="Tinted", role="near", set="test/tinted"),
        ),
        "columns": (Column(metric=AUROC.name, domain="near", title="Near AUROC"),),
    }
    return replace(OOD_DETECTION_MINI, name=name, **{**good, **changes})
