"""Which scorers each data set of WILDS has, and by which keys WILDS knows their figures.

A group's number counts through the fields in the order of the metadata, the first one fastest. A group without examples
is undefined, has no figure and is never the worst; CivilComments is the exception, see `worst_identity`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from farfield_evaluators.figure import Figure
from farfield_evaluators.metric import Metric
from farfield_evaluators.metrics.catalog import ACCURACY
from farfield_evaluators.scoring.aggregates import total
from farfield_evaluators.scoring.groups import Grouped, Grouping, mean_over, per_group, worst_of
from farfield_evaluators.scoring.regression import MSE, PEARSON, Told
from farfield_evaluators.scoring.scorer import Scorer
from farfield_evaluators.suites.wilds.scoring import detection_accuracy as boxes
from farfield_evaluators.suites.wilds.scoring import tasks, tokens
from farfield_evaluators.suites.wilds.scoring.classes import CLASS_ACCURACY, F1, MACRO_F1, MACRO_RECALL, RECALL
from farfield_evaluators.suites.wilds.scoring.keys import GroupKeys, Key, Keys, column_of
from farfield_evaluators.suites.wilds.scoring.worst_identity import IDENTITIES, WorstIdentity, of_each

WEALTH = "wealthpooled"
OTHER = "Other"
PERCENTILE = 10
TENTH_PERCENTILE = Metric(
    name="tenth-percentile-accuracy",
    title="10th percentile, Accuracy",
    higher_is_better=True,
    description="The 10th percentile of the accuracies of all users with reviews, interpolated linearly.",
)


@dataclass(frozen=True, kw_only=True)
class DatasetScoring:
    """How a data set is scored.

    scorers: a board's, which give `metrics`, the headline first. further: scorers of groups too many for a board, such
    as of each user. groups: the columns that a pack must have for them, besides the label. keys: WILDS' keys.
    """

    scorers: tuple[Scorer, ...]
    keys: Keys
    groups: tuple[str, ...] = ()
    further: tuple[Scorer, ...] = ()

    @property
    def metrics(self) -> tuple[Metric, ...]:
        return tuple({metric.name: metric for scorer in self.scorers for metric in scorer.gives}.values())


def scoring_of(name: str) -> DatasetScoring:
    """How the data set of that name is scored. Raises KeyError for none of WILDS'."""
    return SCORING[name]


def tenth_percentile(metric: Metric, members: Sequence[Figure]) -> Figure:
    """The 10th percentile of figures, as numpy.percentile has it; its error is not known."""
    value = float(np.percentile([member.value for member in members], PERCENTILE))
    count = total(member.n for member in members)
    return Figure(metric=metric.name, domain="", value=value, stderr=None, n=count)


@dataclass(frozen=True)
class Without:
    """Keeps all groups but those whose name of a column holds some text."""

    column: str
    text: str

    def __call__(self, values: dict[str, str]) -> bool:
        return self.text not in values[self.column]


def _of_groups(metric: Metric, wilds: str, *fields: str) -> GroupKeys:
    grouping = Grouping(by=tuple(map(column_of, fields)))
    return GroupKeys(wilds=wilds, metric=metric.name, grouping=grouping, fields=fields)


_AVERAGE = Key(wilds="acc_avg", metric=ACCURACY.name)
_WORST = Key(wilds="acc_wg", metric=f"worst-group-{ACCURACY.name}")


def _accuracy_by(field: str) -> DatasetScoring:
    """Accuracy, that of each group of one field, and that of the worst."""
    column = column_of(field)
    return DatasetScoring(
        scorers=(CLASS_ACCURACY, worst_of(CLASS_ACCURACY, (column,)), per_group(CLASS_ACCURACY, (column,))),
        groups=(column,),
        keys=Keys(whole=(_AVERAGE, _WORST), groups=(_of_groups(ACCURACY, "acc", field),)),
    )


def _iwildcam() -> DatasetScoring:
    keys = (
        Key(wilds="F1-macro_all", metric=MACRO_F1.name),
        _AVERAGE,
        Key(wilds="recall-macro_all", metric=MACRO_RECALL.name),
    )
    return DatasetScoring(scorers=(F1, CLASS_ACCURACY, RECALL), keys=Keys(whole=keys))


def _fmow() -> DatasetScoring:
    by_region = worst_of(CLASS_ACCURACY, ("region",), name="worst-region", keep=Without("region", OTHER))
    by_year = worst_of(CLASS_ACCURACY, ("year",), name="worst-year")
    each = (per_group(CLASS_ACCURACY, ("region",)), per_group(CLASS_ACCURACY, ("year",)))
    keys = (
        Key(wilds="acc_worst_region", metric=by_region.gives[0].name),
        _AVERAGE,
        Key(wilds="acc_worst_year", metric=by_year.gives[0].name),
    )
    groups = (_of_groups(ACCURACY, "acc", "year"), _of_groups(ACCURACY, "acc", "region"))
    return DatasetScoring(
        scorers=(by_region, CLASS_ACCURACY, by_year, *each),
        groups=("region", "year"),
        keys=Keys(whole=keys, groups=groups),
    )


def _poverty() -> DatasetScoring:
    r, squared = (Told(target=WEALTH, gives=(metric,)) for metric in (PEARSON, MSE))
    by = ("urban",)
    keys = (
        Key(wilds="r_wg", metric=f"worst-group-{PEARSON.name}"),
        Key(wilds="r_all", metric=PEARSON.name),
        Key(wilds="mse_avg", metric=MSE.name),
        Key(wilds="mse_wg", metric=f"worst-group-{MSE.name}"),
    )
    groups = (_of_groups(PEARSON, "r", "urban"), _of_groups(MSE, "mse", "urban"))
    every = (worst_of(r, by), r, squared, worst_of(squared, by), per_group(r, by), per_group(squared, by))
    return DatasetScoring(scorers=every, groups=by, keys=Keys(whole=keys, groups=groups))


def _civilcomments() -> DatasetScoring:
    worst, each = WorstIdentity(), tuple(of_each(identity) for identity in IDENTITIES)
    names = {column_of(name): name for name in ("LGBTQ", "other_religions")}
    groups = tuple(
        GroupKeys(
            wilds="acc",
            metric=ACCURACY.name,
            grouping=grouped.grouping,
            fields=(names.get(identity, identity), "y"),
        )
        for identity, grouped in zip(IDENTITIES, each, strict=True)
    )
    return DatasetScoring(
        scorers=(worst, CLASS_ACCURACY, *each),
        groups=IDENTITIES,
        keys=Keys(whole=(_WORST, _AVERAGE), groups=groups),
    )


def _amazon() -> DatasetScoring:
    by = ("user",)
    percentile = Grouped(
        of=CLASS_ACCURACY,
        grouping=Grouping(by=by),
        metrics=((ACCURACY.name, TENTH_PERCENTILE),),
        combine=tenth_percentile,
    )
    keys = (Key(wilds="10th_percentile_acc", metric=TENTH_PERCENTILE.name), _AVERAGE, _WORST)
    return DatasetScoring(
        scorers=(percentile, CLASS_ACCURACY, worst_of(CLASS_ACCURACY, by)),
        further=(per_group(CLASS_ACCURACY, by),),
        groups=by,
        keys=Keys(whole=keys, groups=(_of_groups(ACCURACY, "acc", "user"),)),
    )


def _py150() -> DatasetScoring:
    """A share of no tokens is undefined here; WILDS has 0."""
    own = (tokens.CLASS_METHOD_ACCURACY, tokens.TOKEN_ACCURACY, *tokens.OF_TYPES)
    wilds = ("Acc (Class-Method)", "Acc (Overall)", *(f"Acc ({name})" for name in tokens.TYPES))
    keys = tuple(
        Key(wilds=key, metric=scorer.metric.name, undefined=0.0) for key, scorer in zip(wilds, own, strict=True)
    )
    headline = Key(wilds="acc", metric=tokens.CLASS_METHOD.name, undefined=0.0)
    return DatasetScoring(scorers=own, keys=Keys(whole=(headline, *keys)))


def _molpcba() -> DatasetScoring:
    key = Key(wilds="ap", metric=tasks.MEAN_AP.name)
    return DatasetScoring(scorers=(tasks.TASK_PRECISION,), keys=Keys(whole=(key,)))


def _globalwheat() -> DatasetScoring:
    one, by = boxes.DETECTION_ACCURACY, ("session",)
    over_sessions = mean_over(one, by, name="session-mean", title="Session mean")
    worst = worst_of(one, by, name="worst-session")
    keys = (
        Key(wilds="detection_acc_avg_dom", metric=over_sessions.gives[0].name),
        Key(wilds="detection_acc_avg", metric=boxes.METRIC.name),
        Key(wilds="detection_acc_wg", metric=worst.gives[0].name),
    )
    groups = (_of_groups(boxes.METRIC, "detection_acc", "session"),)
    return DatasetScoring(
        scorers=(over_sessions, one, worst, per_group(one, by)), groups=by, keys=Keys(whole=keys, groups=groups)
    )


SCORING: Mapping[str, DatasetScoring] = MappingProxyType(
    {
        "iwildcam": _iwildcam(),
        "camelyon17": _accuracy_by("slide"),
        "rxrx1": _accuracy_by("cell_type"),
        "ogb-molpcba": _molpcba(),
        "globalwheat": _globalwheat(),
        "civilcomments": _civilcomments(),
        "fmow": _fmow(),
        "poverty": _poverty(),
        "amazon": _amazon(),
        "py150": _py150(),
    }
)
