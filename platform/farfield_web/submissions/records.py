"""Uploaded records of a sweep: a zip of run folders as DomainBed writes them, read whole before it is kept."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.suites.domainbed import datasets, sweep
from farfield_evaluators.suites.domainbed.intake import look_into_records
from farfield_evaluators.suites.domainbed.problems import NOT_A_ZIP, WRONG_BENCHMARK, WRONG_TIER, Problem, RecordsError
from farfield_web import storable
from farfield_web.errors import SubmissionError, UploadError
from farfield_web.submissions.models import Upload

KIND = "records"
_MOST_PROBLEMS, _MOST_CHARACTERS = 200, 50_000
_HINT = "`farfield score domainbed --records DIR` reads the folder in the same way."


def inspect(path: Path) -> dict[str, Any]:
    """What the records are of: data set, algorithm, number of runs, and the tiers that they make up whole.

    Every line is read as strictly as `farfield score` does. Raises UploadError that names every problem; CannotLook.
    """
    try:
        return look_into_records(path)
    except RecordsError as error:
        raise UploadError(error.code, _listed(error.problems), "file", _HINT) from error


def check(upload: Upload, benchmark: Benchmark, tier: str) -> None:
    """That these are records of this benchmark in this tier. Raises SubmissionError with the field at fault."""
    if upload.kind != KIND:
        text = f"{upload.filename} holds no records; a sweep that was run elsewhere is a .zip of its run folders."
        raise SubmissionError(NOT_A_ZIP, text, "upload", "`farfield submit --records DIR` makes it and sends it.")
    dataset, facts = datasets.find(benchmark.name), upload.facts
    if facts["dataset"] != dataset.name:
        text = f"{upload.filename} holds records of {facts['dataset']}, not of {dataset.name}."
        raise SubmissionError(WRONG_BENCHMARK, text, "upload")
    if tier not in facts["tiers"]:
        wanted = len(sweep.cells(dataset, "", sweep.tier(tier)))
        fits = f"they are whole for: {', '.join(facts['tiers'])}" if facts["tiers"] else "they are whole for no tier"
        text = f"The tier {tier} is {wanted} runs of {dataset.name}; {upload.filename} has {facts['runs']}, and {fits}."
        raise SubmissionError(WRONG_TIER, text, "tier")


def _listed(problems: Sequence[Problem]) -> str:
    """Every problem, one a line; of very many the first."""
    lines = [str(problem) for problem in problems[:_MOST_PROBLEMS]]
    if len(problems) > _MOST_PROBLEMS:
        lines.append(f"and {len(problems) - _MOST_PROBLEMS} more problems")
    return storable.text("\n".join(lines))[:_MOST_CHARACTERS]
