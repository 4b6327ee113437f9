"""A board of OOD detection as OpenOOD's leaderboard has it: the eight columns of its CSV files.

Columns and their form: branch `leaderboard` of zjysteven/OpenOOD. Percentages with two decimals, and `mean +- std`
where there are several trials; OpenOOD writes `+- 0.00` of one, which says more than is known, so it is left out here.
"""

import csv
import io
from collections.abc import Sequence

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.figure import Figure
from farfield_evaluators.plans.means import spread_of
from farfield_evaluators.reported import Key
from farfield_web.exports.spreadsheet import safe
from farfield_web.leaderboards.rows import Board, Row

COLUMNS = (
    "Training",
    "Postprocessor",
    "Near-OOD_AUROC",
    "Far-OOD_AUROC",
    "ID_Accuracy",
    "Outlier_Data",
    "Arch",
    "Additional_Description",
)
_FULL_SPECTRUM = (("auroc-full-spectrum", "near"), ("auroc-full-spectrum", "far"), ("accuracy-full-spectrum", "id"))
_ALONE = (("auroc", "near"), ("auroc", "far"), ("accuracy", "id"))


def is_openood(benchmark: Benchmark) -> bool:
    """Whether the benchmark has the three figures of OpenOOD's columns."""
    return bool(_figures_of(benchmark))


def _figures_of(benchmark: Benchmark) -> tuple[Key, ...]:
    """The figures of OpenOOD's three columns: on a full-spectrum board those with shifted ID images, as its tables."""
    known = {(column.metric, column.domain) for column in benchmark.columns}
    return next((figures for figures in (_FULL_SPECTRUM, _ALONE) if set(figures) <= known), ())


def as_openood(found: Board, address: str) -> str:
    """The ranked entries, best first."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    figures = _figures_of(found.benchmark)
    writer.writerows(
        [safe(value) for value in _values(row, address, figures)] for row in found.rows if row.rank is not None
    )
    return file.getvalue()


def _values(row: Row, address: str, figures: Sequence[Key]) -> list[str]:
    one = row.entry.submission
    claims = one.claims
    spread = "std with ddof 1" if any(figure and figure.trials > 1 for figure in row.figures) else "one trial"
    labels = "".join(f"; {label}" for label in row.entry.labels)
    return [
        str(one.config.get("checkpoint", "")),
        one.display_name,
        *(_cell(row.entry.figures.get(key)) for key in figures),
        "Yes" if claims.get("extra_data") else "No",
        str(claims.get("backbone", "")),
        f"{one.title or one.display_name}; {spread}; rank {row.rank}{_interval(row)} at {address}{labels}",
    ]


def _cell(figure: Figure | None) -> str:
    """Percent, with the standard deviation over trials where there are several.

    >>> _cell(Figure(metric="auroc", domain="near", value=0.8484, stderr=0.0014, n=9, trials=4)), _cell(None)
    ('84.84 +- 0.28', '')
    """
    if figure is None:
        return ""
    deviation = spread_of(figure, "std") if figure.trials > 1 else None
    return f"{100 * figure.value:.2f}" + (f" +- {100 * deviation:.2f}" if deviation is not None else "")


def _interval(row: Row) -> str:
    place = row.place
    return f" ({place.low} to {place.high})" if place and place.low != place.high else ""
