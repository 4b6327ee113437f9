"""Whether an entry is standard by the rules of its benchmark's authors: what is known of it, put to the rules."""

from collections.abc import Iterable, Mapping
from typing import Any

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.figure import Figure
from farfield_evaluators.run_plan import Spread
from farfield_evaluators.standing import EntryFacts, Standing
from farfield_web.leaderboards.labels import is_verified
from farfield_web.runs.figures import Key
from farfield_web.submissions.claims import read_claims
from farfield_web.submissions.models import Submission


def standing_of(
    benchmark: Benchmark,
    submission: Submission,
    figures: Mapping[Key, Figure],
    probes: Iterable[Mapping[str, Any]],
) -> Standing | None:
    """The standing of an entry with these figures and probes of its runs; None where there are no such rules.

    Claims are those that its method had when it was entered: what its author says later of a newer version is not of
    this entry.
    """
    if benchmark.standing is None:
        return None
    spec = submission.method.chosen(submission.config).spec if submission.method else {}
    headline = figures.get((benchmark.columns[0].metric, benchmark.columns[0].domain))
    facts = EntryFacts(
        claims=read_claims(submission.claims or spec.get("claims", {})),
        replicates=headline.trials if headline else 0,
        run_here=is_verified(submission.kind),
        transductive=bool(spec.get("transductive")),
        batch_dependent=any(found.get("batch_independent") is False for found in probes),
    )
    return benchmark.standing.standing(facts)


def spread_at(submission: Submission) -> Spread:
    """What is shown after ± of the figures of an entry."""
    benchmark = submission.known_benchmark
    return benchmark.plan.spread if benchmark else "stderr"
