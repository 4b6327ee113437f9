"""The figures of submissions: written whenever a run has ended well, read by boards, API and pages."""

import math
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from django.db import transaction

from farfield_evaluators.figure import Figure
from farfield_web.runs.models import SubmissionFigure
from farfield_web.submissions.models import Submission

Key = tuple[str, str]
"""Metric and domain."""
Figures = dict[Key, Figure]


@transaction.atomic
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
    return by_submission([submission])[submission.pk]


def by_submission(submissions: Iterable[object]) -> dict[uuid.UUID, Figures]:
    """The figures of each of these submissions, in one query."""
    known: dict[uuid.UUID, Figures] = defaultdict(dict)
    for row in SubmissionFigure.objects.filter(submission__in=list(submissions)):
        values = {name: getattr(row, name) for name in Figure.__dataclass_fields__}
        known[row.submission_id][row.metric, row.domain] = Figure(**values)
    return known


def _known(figure: Figure) -> Figure:
    finite = figure.stderr is not None and math.isfinite(figure.stderr)
    return figure if finite else replace(figure, stderr=None)
