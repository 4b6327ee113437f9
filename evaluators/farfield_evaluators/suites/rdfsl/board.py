"""The boards of the suite: one maker for the official data and for any other pack of this layout."""

from typing import Any

from farfield import TaskFamily
from farfield_evaluators.benchmark import Benchmark, Column, Domain
from farfield_evaluators.metrics.catalog import ACCURACY
from farfield_evaluators.suites.rdfsl.plan import SHOTS, Episodes
from farfield_evaluators.suites.rdfsl.scoring import EPISODE_ACCURACY
from farfield_evaluators.suites.rdfsl.sets import BASE, query_of
from farfield_evaluators.tracks import IMAGENET, OPEN, SCRATCH

MEAN = "shifts"


def episodic_board(domains: dict[str, str], plan: Episodes, *, headline: int, **said: Any) -> Benchmark:
    """A board; `domains` are titles by name, `headline` the number of shots that it is ranked by.

    said: its name, title, summary, description, pack, licence and citations.
    """
    ordered = (headline, *(number for number in plan.shots if number != headline))
    named = {MEAN: "Mean", **domains}
    return Benchmark(
        **said,
        version="1",
        family=TaskFamily.FEW_SHOT_CLASSIFICATION,
        train_set=None,
        parts={"base": BASE},
        domains=tuple(Domain(name=n, title=title, role="shift", set=query_of(n)) for n, title in domains.items()),
        metrics=(ACCURACY,),
        scorers=(EPISODE_ACCURACY,),
        columns=tuple(
            Column(metric=ACCURACY.name, domain=f"{name}[{SHOTS}={number}]", title=f"{title}, {_said(number)}")
            for name, title in named.items()
            for number in ordered
        ),
        tracks=(OPEN, IMAGENET, SCRATCH),
        plan=plan,
    )


def _said(number: int) -> str:
    return f"{number} shot{'' if number == 1 else 's'}"
