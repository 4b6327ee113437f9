"""What a sweep has so far: the rules' choices among its stored records, and the figures of a board from them."""

import uuid
from collections.abc import Iterable, Sequence

from farfield_evaluators.figure import Figure
from farfield_evaluators.suites.domainbed import board, datasets
from farfield_evaluators.suites.domainbed.board import Chosen
from farfield_evaluators.suites.domainbed.records import Record
from farfield_web.leaderboards.models import Selected
from farfield_web.runs.lines import records_in
from farfield_web.runs.models import Run, RunRecords
from farfield_web.submissions.models import Submission

Group = tuple[int, int]
"""Environment held out, and trial."""


def reselect(run: Run, records: Sequence[Record]) -> None:
    """Choose anew in each trial and for each environment that a finished run's records speak of.

    To be called in the transaction that stores the records, with the submission's row locked, so that of two runs
    that end at once the later one sees the records of both.
    """
    for test_env, trial in sorted(groups_of(records)):
        among, sizes = _stored(run, test_env, trial) if run.cell else (records, [])
        _replace(run.submission_id, (test_env, trial), board.choose_all(among, test_env, trial, sizes))


def selected_figures(submission: Submission) -> tuple[Figure, ...]:
    """The figures of a board, of what was selected; of a sweep under way, of what there is so far."""
    chosen = [as_chosen(row) for row in Selected.objects.filter(submission=submission)]
    return board.scores_of(chosen, datasets.find(submission.benchmark))


def groups_of(records: Iterable[Record]) -> set[Group]:
    """The groups among which the rules choose: each environment held out, in each trial."""
    return {(env, record.args["trial_seed"]) for record in records for env in record.args["test_envs"]}


def as_chosen(row: Selected) -> Chosen:
    """A stored choice as the evaluators know it."""
    return Chosen(**{name: getattr(row, name) for name in Chosen.__dataclass_fields__})


def _stored(run: Run, test_env: int, trial: int) -> tuple[list[Record], list[int]]:
    """The records among which the rules choose, and how many examples each environment's in-split has, if known."""
    wanted = {"test_envs": [test_env], "trial_seed": trial}
    found = RunRecords.objects.filter(run__submission=run.submission_id, run__cell__contains=wanted)
    records: list[Record] = []
    sizes: list[int] = []
    for kept in found.select_related("run").order_by("run__trial"):
        records += records_in(kept.lines)[0]
        alone = kept.run.cell is not None and kept.run.cell["test_envs"] == [test_env]
        sizes = kept.sizes if alone else sizes
    return records, sizes


def _replace(submission: uuid.UUID, group: Group, chosen: Iterable[Chosen]) -> None:
    test_env, trial = group
    Selected.objects.filter(submission=submission, test_env=test_env, trial_seed=trial).delete()
    Selected.objects.bulk_create(Selected(submission_id=submission, **vars(c)) for c in chosen)
