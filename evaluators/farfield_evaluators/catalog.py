"""The built-in benchmarks. Light on purpose: the web process reads it, so there is no torch behind it."""

from farfield import Benchmark
from farfield.errors import UnknownName
from farfield_evaluators.benchmarks.domainbed import DOMAINBED
from farfield_evaluators.benchmarks.imagenet import IMAGENET_BENCHMARKS
from farfield_evaluators.benchmarks.imagenet_ood import IMAGENET_OOD_MINI
from farfield_evaluators.benchmarks.ood_detection import OOD_DETECTION_MINI

BENCHMARKS: tuple[Benchmark, ...] = (IMAGENET_OOD_MINI, OOD_DETECTION_MINI, *DOMAINBED, *IMAGENET_BENCHMARKS)


def find(name: str) -> Benchmark:
    """The benchmark of that name. Raises UnknownName with the names there are."""
    known = {benchmark.name: benchmark for benchmark in BENCHMARKS}
    if name not in known:
        raise UnknownName("benchmark", name, list(known))
    return known[name]
