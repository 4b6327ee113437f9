"""The scorers of long tails: accuracy by bucket of classes, and GLT's precision and F1."""

from collections.abc import Mapping
from dataclasses import dataclass

from farfield_evaluators.metric import Metric
from farfield_evaluators.metrics.calibration import Estimate
from farfield_evaluators.metrics.classification import accuracy, correct
from farfield_evaluators.scoring.aggregates import mean
from farfield_evaluators.scoring.classification import ACCURACY, CLASS_ACCURACY, HIT, labels_of, logits_of
from farfield_evaluators.scoring.groups import Grouped, Grouping, per_group
from farfield_evaluators.scoring.scorer import Scorer, each
from farfield_evaluators.scoring.test import LABEL, Array, Outcome, Test
from farfield_evaluators.suites.longtail import measures, metrics
from farfield_evaluators.suites.longtail.shots import BUCKETS, Convention

FREQUENCY, ATTRIBUTE = "frequency", "attribute"  # columns of GLT's packs


@dataclass(frozen=True, kw_only=True)
class Is:
    """Keeps the groups with one value of a column."""

    column: str
    value: str

    def __call__(self, values: dict[str, str]) -> bool:
        return values[self.column] == self.value


def of_bucket(of: Scorer, metric: Metric, column: str, bucket: str) -> Grouped:
    """The only metric of a scorer on the images of one bucket, as another metric. An empty bucket has no figure."""
    [own] = of.gives
    grouping = Grouping(by=(column,), keep=Is(column=column, value=bucket))
    return Grouped(of=of, grouping=grouping, metrics=((own.name, metric),), combine=mean)  # of that one group


def by_shots(convention: Convention) -> tuple[Grouped, ...]:
    """A scorer for each bucket of a convention: the mean of its classes' accuracies."""
    named = {bucket: metrics.bucket_accuracy(convention, bucket) for bucket in BUCKETS}
    return tuple(of_bucket(CLASS_ACCURACY, metric, convention.column, bucket) for bucket, metric in named.items())


def _shares(test: Test) -> Mapping[str, Array]:
    logits, labels = logits_of(test), labels_of(test)
    return {"precision-share": measures.precision_shares(logits.argmax(axis=1), correct(logits, labels))}


SHARE = Outcome(columns=("precision-share",), of=_shares)


def _precision(test: Test) -> Estimate:
    """Without an error: the shares of one class depend on one another."""
    return Estimate(value=measures.precision(test.outcome(SHARE)["precision-share"], labels_of(test)), stderr=None)


def _f1(test: Test) -> Estimate:
    recall = accuracy(test.outcome(HIT)["hit"])
    return Estimate(value=measures.f1(recall, _precision(test).value), stderr=None)


PRECISION = each(metrics.PRECISION, _precision, SHARE)
F1 = each(metrics.F1, _f1, HIT, SHARE)


def by_frequency(ranked: Mapping[str, metrics.Ranked]) -> tuple[Grouped, ...]:
    """Accuracy and precision of each of GLT's buckets, by the metrics of a data set's ranks."""
    return tuple(
        scorer
        for bucket, own in ranked.items()
        for scorer in (
            of_bucket(ACCURACY, own.accuracy, FREQUENCY, bucket),
            of_bucket(PRECISION, own.precision, FREQUENCY, bucket),
        )
    )


BY_ATTRIBUTE = per_group(ACCURACY, (ATTRIBUTE,))
BY_CLASS = per_group(ACCURACY, (LABEL,))
"""For data of few classes: a page has a row for each."""
