"""The figures of submissions: written whenever a run has ended well, read by boards, API and pages."""

import math
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from django.db import transaction

from farfield_evaluators.benchmark import Column
from farfield_evaluators.figure import Figure
from farfield_web.runs.models import SubmissionFigure
from farfield_web.submissions.models import Submission

Key = tuple[str, str]
"""Metric and domain."""
Figures = dict[Key, Figure]
_NAMES = ("metric", "domain", "value", "stderr", "n", "trials")


@transaction.atomic(savepoint=False)
def write(submission: uuid.UUID, figures: Iterable[Figure]) -> None:
    """Make these the figures of a submission, in place of all it had: missing is missing, and never a number that is
    none. To be called with its row locked.
    """
    SubmissionFigure.objects.filter(submission=submission).delete()
    SubmissionFigure.objects.bulk_create(
        SubmissionFigure(submission_id=submission, **vars(_known(figure)))
        for figure in figures
        if math.isfinite(figure.value)
    )


def figures_of(submission: Submission) -> Figures:
    """The figures of one submission, in the order of the board."""
    known = (Figure(**{name: getattr(row, name) for name in _NAMES}) for row in submission.figures.all())
    return {(figure.metric, figure.domain): figure for figure in known}


def by_submission(submissions: Iterable[object], columns: Iterable[Column] | None = None) -> dict[uuid.UUID, Figures]:
    """The figures of each of these submissions, all or those of some columns, in one query."""
    known: dict[uuid.UUID, Figures] = defaultdict(dict)
    rows = SubmissionFigure.objects.filter(submission__in=list(submissions))
    wanted = None if columns is None else {(column.metric, column.domain) for column in columns}
    if wanted is not None:
        metrics, domains = zip(*wanted, strict=True) if wanted else ((), ())
        rows = rows.filter(metric__in=set(metrics), domain__in=set(domains))
    for submission, *key, value, stderr, n, trials in rows.values_list("submission_id", *_NAMES):
        if wanted is None or tuple(key) in wanted:
            figure = Figure(metric=key[0], domain=key[1], value=value, stderr=stderr, n=n, trials=trials)
            known[submission][key[0], key[1]] = figure
    return known


def _known(figure: Figure) -> Figure:
    finite = figure.stderr is not None and math.isfinite(figure.stderr)
    return figure if finite else replace(figure, stderr=None)
