"""What was kept of runs, as comparisons need it: the site worker alone reads it, for it tells labels."""

import logging
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from farfield_evaluators import outcomes
from farfield_evaluators.inference.joint import Seen
from farfield_evaluators.inference.resampling import Floats
from farfield_web.runs.example_outcomes import path_of
from farfield_web.runs.models import Run, RunOutcomes
from farfield_web.runs.status import Status
from farfield_web.submissions.models import Submission

log = logging.getLogger(__name__)
MOST_RUNS = 25  # of an entry; with more, its error over runs says as much


def runs_of(submission: Submission) -> list[Run]:
    """Those that its figures stand on, in the order of the plan."""
    return list(Run.objects.filter(submission=submission, status=Status.SUCCEEDED).order_by("trial", "pk"))


def hashes_of(runs: Sequence[Run]) -> list[str]:
    """Of each run the hash of the file of its outcomes; empty where none is kept."""
    records = RunOutcomes.objects.filter(run__in=runs).values_list("run_id", "attempt", "sha256")
    known = {(run, attempt): sha256 for run, attempt, sha256 in records}
    return [known.get((run.pk, run.attempt), "") for run in runs]


def read(runs: Sequence[Run]) -> list[outcomes.Outcomes]:
    """What was kept of all of these runs; nothing where one lacks it, for a part of an entry is not the entry."""
    if not runs or len(runs) > MOST_RUNS:
        return []
    found = [_read(run) for run in runs]
    kept = [each for each in found if each is not None]
    return kept if len(kept) == len(runs) else []


def seen_of(one: outcomes.Outcomes, wanted: Collection[str]) -> Seen:
    """The outcomes of these names, by domain, as numbers."""
    return {domain.domain: _numbers(domain.columns, wanted) for domain in one.domains}


def _numbers(columns: Mapping[str, object], wanted: Collection[str]) -> dict[str, Floats]:
    return {name: np.asarray(values, np.float64) for name, values in columns.items() if name in wanted}


def _read(run: Run) -> outcomes.Outcomes | None:
    path = path_of(run)
    try:
        return None if path is None else outcomes.read(path)
    except outcomes.OutcomesError as error:
        log.warning("run %s is compared by its error alone: %s", run.pk, error)
        return None
