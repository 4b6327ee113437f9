"""Which metrics a run of a benchmark stores, beyond those of its board."""

from farfield import TaskFamily
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.metric import Metric
from farfield_evaluators.metrics.catalog import METRICS
from farfield_evaluators.metrics.detection import CLASSIC, MEASURES

_CLASSIFICATION = frozenset({"accuracy", "top5", "class-accuracy", "ece", "brier", "nll", "id-subset-accuracy"})
_DETECTION = frozenset({*MEASURES, *CLASSIC, "accuracy"})
_FULL_SPECTRUM = "-full-spectrum"


def stored_metrics(benchmark: Benchmark) -> tuple[Metric, ...]:
    """The metrics of its board first, then the others in the order of tables. No figure of another is stored."""
    own = {metric.name for metric in benchmark.metrics}
    also = _of_family(benchmark)
    return (*benchmark.metrics, *(metric for metric in METRICS if metric.name in also and metric.name not in own))


def _of_family(benchmark: Benchmark) -> frozenset[str]:
    if benchmark.family is TaskFamily.CLASSIFICATION:
        return _CLASSIFICATION
    if benchmark.family is not TaskFamily.OOD_DETECTION:
        return frozenset()
    shifted = any(domain.role == "shift" for domain in benchmark.domains)
    return _DETECTION | ({f"{name}{_FULL_SPECTRUM}" for name in (*MEASURES, "accuracy")} if shifted else set())
