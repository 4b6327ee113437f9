"""What can be set for a method on a benchmark: its own settings, and on a sweep DomainBed's that stand beside them."""

from collections.abc import Mapping
from typing import Any

from farfield.config import JsonObject, check_config
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.suites.domainbed import by_hand, datasets
from farfield_evaluators.suites.domainbed.datasets import DataSet
from farfield_web.submissions.models import Method, Submission


def schema_for(method: Method, benchmark: Benchmark) -> JsonObject:
    """The schema that a form shows."""
    if not benchmark.is_sweep:
        return method.config_schema
    return by_hand.sweep_schema(method.config_schema, method.name, _space(method, benchmark), every=False)


def problems_of(config: Mapping[str, Any], method: Method, benchmark: Benchmark) -> list[str]:
    """Why these settings cannot be the method's on the benchmark; empty when they can."""
    if not benchmark.is_sweep:
        return check_config(method.config_schema, config)
    return by_hand.sweep_problems(method.config_schema, method.name, _space(method, benchmark), config)


def is_from_scratch(submission: Submission) -> bool:
    """Whether its network starts from scratch where DomainBed has weights of ImageNet."""
    benchmark, method = submission.known_benchmark, submission.method
    if benchmark is None or method is None or not benchmark.is_sweep:
        return False
    return by_hand.from_scratch(method.config_schema, submission.config, _space(method, benchmark))


def _space(method: Method, benchmark: Benchmark) -> DataSet:
    kind = method.spec.get("inputs", {}).get("kind")
    return by_hand.as_space(datasets.find(benchmark.name), features=kind == "features")
