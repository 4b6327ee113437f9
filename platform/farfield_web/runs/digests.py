"""What a submission's runs give together: its plan digests each group of runs anew when one of them has ended well.

All that is reckoned here a plan reckons, which may be anybody's: where it raises, nothing of it is kept.
"""

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.figure import Figure
from farfield_evaluators.run_plan import Cell, Chosen, Evidence
from farfield_web.runs import figures
from farfield_web.runs.models import Digest, Run, RunEvidence, Score
from farfield_web.runs.status import Status
from farfield_web.submissions.models import Submission

Given = tuple[Cell, Evidence]
LONGEST = 200


def refresh(submission: Submission, benchmark: Benchmark, run: Run) -> None:
    """Digest the groups of a run that has just succeeded, and write the submission's figures.

    To be called in the transaction that stores its evidence, with the submission's row locked, so that of two runs
    that end at once the later one sees what both gave.
    """
    digest(submission, benchmark, benchmark.plan.groups(run.cell))
    write_figures(submission, benchmark)


def digest(submission: Submission, benchmark: Benchmark, groups: Iterable[str]) -> None:
    """Choose anew in these groups, among the evidence of all runs of them that have succeeded."""
    done = list(
        Run.objects.filter(submission=submission, status=Status.SUCCEEDED).order_by("trial").only("cell", "seed")
    )
    of_run = {run.pk: benchmark.plan.groups(run.cell) for run in done}
    chosen: dict[str, Any] = {}
    for group in groups:
        members = [run for run in done if group in of_run[run.pk]]
        chosen[_name(group)] = [_storable(asdict(each)) for each in benchmark.plan.digest(group, evidence_of(members))]
    Digest.objects.bulk_create(
        (Digest(submission=submission, group=name, chosen=values) for name, values in chosen.items()),
        update_conflicts=True,
        update_fields=["chosen"],
        unique_fields=["submission", "group"],
    )


def write_figures(submission: Submission, benchmark: Benchmark) -> None:
    """The figures of what all groups gave so far; of a metric that the benchmark does not declare, none."""
    declared = {metric.name for metric in benchmark.metrics}
    made = benchmark.plan.figures(chosen_of(submission), submission.tier)
    figures.write(submission.pk, (figure for figure in made if figure.metric in declared))


def chosen_of(submission: Submission) -> list[Chosen]:
    """What was chosen of a submission's runs so far."""
    return [as_chosen(values) for digest in submission.digests.all() for values in digest.chosen]


def as_chosen(values: Mapping[str, Any]) -> Chosen:
    """A stored choice as the evaluators know it."""
    return Chosen(**values)


def evidence_of(runs: Sequence[Run]) -> list[Given]:
    """What these runs gave, in their order."""
    kept = {row.run_id: row for row in RunEvidence.objects.filter(run__in=runs)}
    scores: dict[Any, list[Figure]] = {run.pk: [] for run in runs}
    for score in Score.objects.filter(run__in=runs):
        values = {name: getattr(score, name) for name in ("metric", "domain", "value", "stderr", "n")}
        scores[score.run_id].append(Figure(**values))
    return [(cell_of(run), _evidence(scores[run.pk], kept.get(run.pk))) for run in runs]


def cell_of(run: Run) -> Cell:
    """A run as its plan knows it."""
    return Cell(at=run.cell, seed=run.seed)


def _name(group: str) -> str:
    """As it is stored: of a long name the beginning, and a hash that tells it from others."""
    if len(group) <= LONGEST:
        return group
    return f"{group[: LONGEST - 65]} {hashlib.sha256(group.encode()).hexdigest()}"


def _storable(value: Any) -> Any:
    """JSON has no number that is none; what a plan chose by may be one."""
    if isinstance(value, dict):
        return {name: _storable(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _evidence(own: Sequence[Figure], row: RunEvidence | None) -> Evidence:
    if row is None:
        return Evidence(figures=tuple(own))
    return Evidence(figures=tuple(own), lines=row.lines, facts=row.facts)
