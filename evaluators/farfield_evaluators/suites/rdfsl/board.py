"""The boards of the suite: one maker for the official data and for any other pack of this layout."""

from typing import Any

from farfield import TaskFamily
from farfield_evaluators.benchmark import Benchmark, Column, Domain
from farfield_evaluators.metric import Metric
from farfield_evaluators.metrics.catalog import ACCURACY, AUROC
from farfield_evaluators.suites.rdfsl.plan import SHOTS, Episodes
from farfield_evaluators.suites.rdfsl.scoring import EPISODE_ACCURACY, EPISODE_AUROC, KNOWN_ACCURACY
from farfield_evaluators.suites.rdfsl.sets import BASE, query_of
from farfield_evaluators.tracks import IMAGENET, OPEN, SCRATCH

MEAN = "shifts"
OF_OPEN = (AUROC, ACCURACY)


def episodic_board(domains: dict[str, str], plan: Episodes, *, headline: int, **said: Any) -> Benchmark:
    """A board; `domains` are titles by name, `headline` the number of shots that it is ranked by.

    One of open episodes is ranked by AUROC, with the accuracy on known queries beside. said: its name, title, summary,
    description, pack, licence and citations.
    """
    ordered = (headline, *(number for number in plan.shots if number != headline))
    named = {MEAN: "Mean", **domains}
    metrics = OF_OPEN if plan.open else (ACCURACY,)
    return Benchmark(
        **said,
        version="1",
        family=TaskFamily.FEW_SHOT_CLASSIFICATION,
        train_set=None,
        parts={"base": BASE},
        domains=tuple(Domain(name=n, title=title, role="shift", set=query_of(n)) for n, title in domains.items()),
        metrics=metrics,
        scorers=(EPISODE_AUROC, KNOWN_ACCURACY) if plan.open else (EPISODE_ACCURACY,),
        columns=tuple(
            Column(
                metric=metric.name,
                domain=f"{name}[{SHOTS}={number}]",
                title=f"{title}, {_said(number)}{_called(metric, plan)}",
            )
            for name, title in named.items()
            for number in ordered
            for metric in metrics
        ),
        tracks=(OPEN, IMAGENET, SCRATCH),
        plan=plan,
    )


def _called(metric: Metric, plan: Episodes) -> str:
    """What a column's title says of its metric, where there is more than one."""
    return f", {metric.title}" if plan.open else ""


def _said(number: int) -> str:
    return f"{number} shot{'' if number == 1 else 's'}"
