"""What is measured where a group is a class in a domain: the worst of them, all images, and the two kinds of groups.

Bias-aligned is an image whose domain is the usual one of its class in training, bias-conflicting any other (Nam et al.,
Learning from Failure, NeurIPS 2020, arXiv 2007.02561). A pack says of each image which it is, in a column.
"""

from collections.abc import Mapping

from farfield_evaluators.benchmark import Column, Plot
from farfield_evaluators.data.columns import PackColumn
from farfield_evaluators.metric import Metric
from farfield_evaluators.metrics.catalog import ACCURACY as PLAIN
from farfield_evaluators.scoring.aggregates import mean
from farfield_evaluators.scoring.classification import ACCURACY
from farfield_evaluators.scoring.groups import Grouped, Grouping, per_group, worst_of
from farfield_evaluators.scoring.scorer import Scorer

BY = ("domain", "label")
BIAS = PackColumn(name="bias", kind="group", values=("aligned", "conflicting"))
COLUMNS = ("domain", BIAS.name)  # what a benchmark's scorers make groups of
WORST = "worst-group-accuracy"
ALIGNED, CONFLICTING = (
    Metric(
        name=f"bias-{value}-accuracy",
        title=f"Bias-{value} groups, accuracy",
        higher_is_better=True,
        description=f"Mean accuracy over the groups whose domain {says} the usual one of their class in training.",
    )
    for value, says in zip(BIAS.values, ("is", "is not"), strict=True)
)


def bias_of(label: str, domain: str, usual: Mapping[str, str]) -> int:
    """The value of the column BIAS for an image, by the usual domain of each class."""
    return BIAS.values.index("aligned" if usual[label] == domain else "conflicting")


def _mean_over(value: str, metric: Metric) -> Grouped:
    grouping = Grouping(by=(BIAS.name, *BY), keep=lambda group: group[BIAS.name] == value)
    return Grouped(of=ACCURACY, grouping=grouping, metrics=((PLAIN.name, metric),), combine=mean)


SCORERS: tuple[Scorer, ...] = (
    ACCURACY,
    per_group(ACCURACY, BY),
    worst_of(ACCURACY, BY),
    *map(_mean_over, BIAS.values, (ALIGNED, CONFLICTING)),
)
METRICS = tuple({metric.name: metric for scorer in SCORERS for metric in scorer.gives}.values())
AVERAGE_AGAINST_WORST = Plot(
    x=Column(metric=PLAIN.name, domain="test", title="Average"),
    y=Column(metric=WORST, domain="test", title="Worst group"),
    title="Average against worst group",
    equal="Equal figures: the further below this line, the worse is the worst group than the average.",
)
