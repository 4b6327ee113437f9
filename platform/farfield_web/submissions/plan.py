"""The runs that a submission is made of, as its benchmark's plan has them."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.run_plan import Cell, Entrant, PlanError, RunPlan, cells_of, longest
from farfield_evaluators.seeds import run_seed
from farfield_web.errors import SubmissionError
from farfield_web.submissions.models import Submission

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Planned:
    """What is to be run: a tier of a benchmark's plan, empty where it has none; or one run for all that is handed in.

    Nothing that was handed in is repeated: a file says the same each time.
    """

    benchmark: Benchmark
    tier: str
    handed_in: bool = False

    def cells(self, submission: Submission) -> tuple[Cell, ...]:
        """The runs of a submission in their order. Raises SubmissionError `platform.plan` for a plan that fails."""
        who = entrant_of(submission)
        if self.handed_in:
            return (Cell(at={}, seed=run_seed(who.identity, who.benchmark, 0)),)
        try:
            return cells_of(plan_for(submission, self.benchmark), self.tier, who)
        except PlanError as error:
            raise SubmissionError(error.code, f"{error}.", "benchmark") from error


def plan_of(benchmark: Benchmark, tier: str, *, handed_in: bool = False) -> Planned:
    """The runs of an entry; an empty tier is the benchmark's first. Raises SubmissionError `tier.unknown` or
    `tier.too_large`.
    """
    name = _tier(benchmark, tier)
    _check_size(benchmark, name)
    return Planned(benchmark=benchmark, tier=name, handed_in=handed_in)


def plan_for(submission: Submission, benchmark: Benchmark) -> RunPlan:
    """The plan of an entry: of its method, once it is known which that is."""
    method = submission.method.chosen(submission.config) if submission.method else None
    return benchmark.plan.for_method(method.description if method else {})


def entrant_of(submission: Submission) -> Entrant:
    """Who a plan makes runs for."""
    return Entrant(identity=str(submission.pk), benchmark=submission.benchmark, method=submission.called)


def tier_part(tier: str) -> list[str]:
    """What a tier adds to a submission's identity: nothing where there is none."""
    return [tier] if tier else []


def _tier(benchmark: Benchmark, tier: str) -> str:
    names = [each.name for each in benchmark.plan.tiers]
    if not tier:
        return names[0] if names else ""
    if tier not in names:
        has = f"it has: {', '.join(names)}" if names else "it has no tiers, so leave `tier` out"
        raise SubmissionError("tier.unknown", f"{benchmark.title} has no tier {tier!r}; {has}.", "tier")
    return tier


def _check_size(benchmark: Benchmark, tier: str) -> None:
    runs, most = longest(benchmark.plan).count(tier), settings.MAX_ENTRY_RUNS
    if runs <= most:
        return
    if not tier:
        text = f"An entry to {benchmark.title} is {runs} runs; this site takes at most {most}."
        raise SubmissionError("tier.too_large", text, "benchmark", "Ask the operator of this site.")
    text = f"The tier {tier} is {runs} runs here; this site takes at most {most}."
    raise SubmissionError("tier.too_large", text, "tier", "Choose a smaller tier, or ask the operator of this site.")
