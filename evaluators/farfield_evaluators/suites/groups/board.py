"""What the boards of data with groups have in common: sets, figures, columns and tracks."""

from typing import Any

from farfield import TaskFamily
from farfield_evaluators.benchmark import Benchmark, Column, Domain
from farfield_evaluators.metrics.catalog import ACCURACY
from farfield_evaluators.suites.groups.measures import (
    ALIGNED,
    AVERAGE_AGAINST_WORST,
    COLUMNS,
    CONFLICTING,
    METRICS,
    SCORERS,
    WORST,
)
from farfield_evaluators.tracks import IMAGENET, OPEN, SCRATCH


def board(*, aligned: str, conflicting: str, credit: str = "", **said: Any) -> Benchmark:
    """A benchmark of two classes and two domains; `said` is its name, title, texts and pack.

    aligned, conflicting: titles of the columns of both kinds of groups. credit: whose the images are.
    """
    return Benchmark(
        **said,
        version="1",
        family=TaskFamily.CLASSIFICATION,
        train_set="train",
        parts={"val": "val"},
        domains=(Domain(name="test", title="Test", role="shift", set="test", credit=credit),),
        metrics=METRICS,
        scorers=SCORERS,
        columns=(
            Column(metric=WORST, domain="test", title="Worst group"),
            Column(metric=ACCURACY.name, domain="test", title="Average"),
            Column(metric=ALIGNED.name, domain="test", title=aligned),
            Column(metric=CONFLICTING.name, domain="test", title=conflicting),
        ),
        tracks=(OPEN, IMAGENET, SCRATCH),
        aggregates=(),
        groups=COLUMNS,
        plots=(AVERAGE_AGAINST_WORST,),
    )
