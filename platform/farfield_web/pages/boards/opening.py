"""What a visitor finds first: the tier that a board opens on, and how much there is on each."""

from collections import Counter

from django.db.models import Count, Exists, OuterRef

from farfield_evaluators.benchmark import Benchmark
from farfield_web.runs.models import SubmissionFigure
from farfield_web.submissions.models import Submission


def opened(benchmark: Benchmark) -> str:
    """The tier that a board opens on: that with most entries, of equals the first. Empty where there are none."""
    tiers = [tier.name for tier in benchmark.plan.tiers]
    counts = _counts(benchmark.name) if tiers else Counter()
    return max(tiers, key=lambda name: counts[benchmark.name, name], default="")


def entries_of_each() -> Counter[str]:
    """How many entries each benchmark has that have a figure, in all its tiers, comparable or not."""
    found: Counter[str] = Counter()
    for (benchmark, _), count in _counts().items():
        found[benchmark] += count
    return found


def _counts(benchmark: str = "") -> Counter[tuple[str, str]]:
    entered = Submission.objects.filter(Exists(SubmissionFigure.objects.filter(submission=OuterRef("pk"))))
    if benchmark:
        entered = entered.filter(benchmark=benchmark)
    listed = entered.order_by().values_list("benchmark", "tier").annotate(Count("pk"))
    return Counter({(name, tier): count for name, tier, count in listed})
