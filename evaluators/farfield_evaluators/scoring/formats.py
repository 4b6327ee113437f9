"""Scores as text or LaTeX, a line for each set and a column for each metric, and as JSON or CSV, with all digits."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence

from farfield_evaluators.figure import Figure
from farfield_evaluators.metric import Metric
from farfield_evaluators.metrics.catalog import METRICS
from farfield_evaluators.scoring.aggregates import USUAL_NAMES
from farfield_evaluators.scoring.remarks import Remarked

NONE = "-"
CSV_COLUMNS = ("metric", "domain", "value", "stderr", "n")


def text(found: Remarked) -> str:
    """A table for the terminal: aggregates first, errors behind a plus-minus sign."""
    return aligned(_table(found.scores, "±"))


def aligned(table: Sequence[Sequence[str]]) -> str:
    """Rows of cells for the terminal, the first column to the left."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = [
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in table
    ]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def latex(found: Remarked) -> str:
    """A tabular for a document with the package booktabs."""
    return tabular(_table(found.scores, r"$\pm$"))


def tabular(table: Sequence[Sequence[str]]) -> str:
    """Rows of cells, the first one of heads, as a tabular."""
    head, *rows = [" & ".join(_escaped(cell) for cell in row) + r" \\" for row in table]
    columns = "r" * (len(table[0]) - 1)
    lines = [
        rf"\begin{{tabular}}{{l{columns}}}",
        r"\toprule",
        head,
        r"\midrule",
        *rows,
        r"\bottomrule",
        r"\end{tabular}",
    ]
    return "\n".join(lines) + "\n"


def as_json(found: Remarked) -> str:
    """An object with `scores`, values as they are computed (0..1 for what is shown in per cent), and `remarks`."""
    scores, remarks = [s.as_json() for s in found.scores], [vars(remark) for remark in found.remarks]
    return json.dumps({"scores": scores, "remarks": remarks}, indent=1) + "\n"


def as_csv(found: Remarked) -> str:
    """A line for each figure."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    writer.writerows((s.metric, s.domain, s.value, s.stderr, s.n) for s in found.scores)
    return written.getvalue()


def _table(scores: Sequence[Figure], plus_minus: str) -> list[list[str]]:
    metrics = _metrics(scores)
    found = {(s.metric, s.domain): s for s in scores}
    domains = list(dict.fromkeys(s.domain for s in scores))
    domains.sort(key=lambda name: name not in USUAL_NAMES)
    head = ["Set", *(f"{m.title}, %" if m.unit == "%" else m.title for m in metrics)]
    return [head, *([name, *(_cell(found.get((m.name, name)), m, plus_minus) for m in metrics)] for name in domains)]


def _metrics(scores: Sequence[Figure]) -> list[Metric]:
    """Those that occur, in the order of the catalog."""
    present = {s.metric for s in scores}
    return [metric for metric in METRICS if metric.name in present]


def _cell(score: Figure | None, metric: Metric, plus_minus: str) -> str:
    if score is None:
        return NONE
    scale, digits = (100, 1) if metric.unit == "%" else (1, 3)
    value = f"{score.value * scale:.{digits}f}"
    return value if score.stderr is None else f"{value} {plus_minus} {score.stderr * scale:.{digits}f}"


def _escaped(cell: str) -> str:
    """Names hold letters, digits, hyphens, slashes and what is escaped here."""
    return cell.replace("%", r"\%").replace("_", r"\_")


FORMATS: Mapping[str, Callable[[Remarked], str]] = {
    "text": text,
    "json": as_json,
    "csv": as_csv,
    "latex": latex,
}
