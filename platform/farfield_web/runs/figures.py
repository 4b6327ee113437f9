"""The figures of submissions: written whenever a run has ended well, read by boards, API and pages."""

import uuid
from collections import defaultdict
from collections.abc import Iterable

from django.db import transaction

from farfield_evaluators.figure import Figure
from farfield_web.leaderboards.ranking import Key, aggregate
from farfield_web.runs.models import Run, Score, SubmissionFigure
from farfield_web.runs.status import Status
from farfield_web.submissions.models import Submission

Figures = dict[Key, Figure]


@transaction.atomic
def write(submission: uuid.UUID, figures: Iterable[Figure]) -> None:
    """Make these the figures of a submission, in place of all it had. To be called with its row locked."""
    SubmissionFigure.objects.filter(submission=submission).delete()
    SubmissionFigure.objects.bulk_create(
        SubmissionFigure(submission_id=submission, **vars(figure)) for figure in figures
    )


def of_trials(submission: uuid.UUID) -> list[Figure]:
    """The figures over those trials of a submission that have succeeded."""
    done = Run.objects.filter(submission=submission, status=Status.SUCCEEDED).prefetch_related("scores")
    trials = [{(score.metric, score.domain): _figure(score) for score in run.scores.all()} for run in done]
    return list(aggregate(trials).values())


def figures_of(submission: Submission) -> Figures:
    """The figures of one submission, in the order of the board."""
    return by_submission([submission])[submission.pk]


def by_submission(submissions: Iterable[object]) -> dict[uuid.UUID, Figures]:
    """The figures of each of these submissions, in one query."""
    known: dict[uuid.UUID, Figures] = defaultdict(dict)
    for row in SubmissionFigure.objects.filter(submission__in=list(submissions)):
        known[row.submission_id][row.metric, row.domain] = _figure(row)
    return known


def _figure(row: Score | SubmissionFigure) -> Figure:
    return Figure(**{name: getattr(row, name) for name in Figure.__dataclass_fields__ if hasattr(row, name)})
