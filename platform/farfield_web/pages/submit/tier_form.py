"""The choice of a tier in a form: what each is, and whether this site takes as many runs."""

from dataclasses import dataclass

from django.conf import settings

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.run_plan import Tier


@dataclass(frozen=True, kw_only=True)
class TierChoice:
    """A tier to choose. `refusal` says why it cannot be chosen here; empty when it can."""

    tier: Tier
    checked: bool
    refusal: str


def tier_choices(benchmark: Benchmark, chosen: str) -> list[TierChoice]:
    """The tiers of a benchmark, the chosen one checked, else the first that is taken; none where it has none."""
    runs = {tier.name: benchmark.plan.count(tier.name) for tier in benchmark.plan.tiers}
    taken = [name for name, count in runs.items() if count <= settings.MAX_ENTRY_RUNS]
    checked = chosen if chosen in taken else next(iter(taken), "")
    return [
        TierChoice(
            tier=tier,
            checked=tier.name == checked,
            refusal="" if tier.name in taken else f"this site takes at most {settings.MAX_ENTRY_RUNS} runs at once",
        )
        for tier in benchmark.plan.tiers
    ]
