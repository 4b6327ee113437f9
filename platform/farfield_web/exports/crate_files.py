"""What is in the crate of an entry: its settings, its figures, its record, and what the site signs of its runs."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from farfield_web.errors import ExportError
from farfield_web.exports.attestation import attested
from farfield_web.exports.every_eval_ever import record_of
from farfield_web.exports.finished import Finished
from farfield_web.exports.ro_crate import CrateFile
from farfield_web.exports.spreadsheet import known
from farfield_web.runs.models import Run

MOST_SIGNED = 50  # runs; a sweep has thousands, each of which can be asked for by itself
FIGURE = ("metric", "domain", "value", "stderr", "n", "trials")


def files_of(done: Finished, now: datetime) -> list[CrateFile]:
    """The files, rounded as everything that leaves the site; signed results where it has a key and runs are few."""
    return [
        _json("settings.json", "What was set of the method", done.entry.submission.config, used=True),
        CrateFile(path="figures.csv", title="All figures", media_type="text/csv", content=_figures(done).encode()),
        _json("every-eval-ever.json", "The figures as a record of Every Eval Ever 0.3.0", record_of(done, now)),
        *_signed(done, now),
    ]


def _figures(done: Finished) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(FIGURE)
    figures = done.entry.published.figures.values()
    writer.writerows([known(getattr(figure, name)) for name in FIGURE] for figure in figures)
    return file.getvalue()


def _signed(done: Finished, now: datetime) -> Iterator[CrateFile]:
    related = ("submission__method", "submission__upload__content", "submission__owner")
    runs = Run.objects.filter(submission=done.entry.submission.pk).select_related(*related)
    if done.entry.progress.succeeded > MOST_SIGNED:
        return
    for run in runs.prefetch_related("scores", "submission__rulings"):
        try:
            envelope = attested(run, now)
        except ExportError:  # no key: the crate says less
            return
        title = f"What the site says of run {run.trial + 1}, signed with its key"
        yield _json(f"signed/{run.trial + 1}.json", title, envelope)


def _json(path: str, title: str, value: Any, *, used: bool = False) -> CrateFile:
    content = json.dumps(value, indent=1).encode()
    return CrateFile(path=path, title=title, media_type="application/json", content=content, used=used)
