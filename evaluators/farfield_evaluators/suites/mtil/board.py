"""The boards of the suite: one maker for the official data and for any other pack of this layout."""

from typing import Any

from farfield import TaskFamily
from farfield_evaluators.benchmark import Benchmark, Column, Domain
from farfield_evaluators.metrics.catalog import ACCURACY
from farfield_evaluators.plans.grid import at_point
from farfield_evaluators.scoring import classification
from farfield_evaluators.scoring.aggregates import Aggregate
from farfield_evaluators.suites.mtil.names import PAPER, REFERENCE, asked_of
from farfield_evaluators.suites.mtil.plan import AVERAGE, LAST, LEARNED, ORDER, TRANSFER, InOrder
from farfield_evaluators.tracks import OPEN

_TITLES = {TRANSFER: "Transfer", AVERAGE: "Average", LAST: "Last"}


def sequence_board(tasks: dict[str, str], plan: InOrder, **said: Any) -> Benchmark:
    """A board; `tasks` are titles by name, `said` its name, title, summary, description, pack and licence."""
    return Benchmark(
        **said,
        version="1",
        family=TaskFamily.CLASSIFICATION,
        train_set=LEARNED,
        parts={"unlabeled": REFERENCE},
        domains=tuple(Domain(name=n, title=title, role="id", set=asked_of(n)) for n, title in tasks.items()),
        metrics=(ACCURACY,),
        scorers=(classification.ACCURACY,),
        aggregates=tuple(Aggregate(name=name, title=title) for name, title in _TITLES.items()),
        columns=tuple(
            Column(metric=ACCURACY.name, domain=at_point(name, {ORDER: number}), title=f"{title}, order {number}")
            for number in range(1, len(plan.orders) + 1)
            for name, title in ((AVERAGE, "Average"), (TRANSFER, "Transfer"), (LAST, "Last"))
        ),
        tracks=(OPEN,),
        plan=plan,
        citations=(PAPER,),
    )
