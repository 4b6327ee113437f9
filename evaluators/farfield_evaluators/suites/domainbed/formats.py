"""A report as text or LaTeX, in the layout of DomainBed's own script, and as JSON or CSV, with all digits."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from farfield_evaluators.suites.domainbed.tables import MISSING, Cell, Row, Table

WIDTH, AVERAGES_WIDTH = 20, 25  # of a column; longer entries widen it, where DomainBed's script cuts them off
CSV_COLUMNS = ("selection", "dataset", "algorithm", "column", "mean", "stderr", "trials", "text")


def cell_text(cell: Cell, plus_minus: str = "+/-") -> str:
    """As in tables: one decimal, or X."""
    if cell.mean is None:
        return MISSING
    return f"{cell.mean:.1f} {plus_minus} {cell.stderr:.1f}"


def average_text(average: float | None) -> str:
    """As in tables: one decimal, or X."""
    return MISSING if average is None else f"{average:.1f}"


def text(tables: Sequence[Table], records: int) -> str:
    """What DomainBed's collect_results prints for these records, to the letter."""
    return "\n".join([f"Total records: {records}", *(_text_table(table) for table in tables)]) + "\n"


def _text_table(table: Table) -> str:
    heading = f"-------- {table.title}, model selection method: {table.rule_title}"
    lines = [_joined(cells, table, "  ") + " " for cells in [_header(table), *map(_row_texts, table.rows)]]
    return "\n".join(["", heading, *lines])


def _header(table: Table) -> list[str]:
    return ["Algorithm", *table.columns, "Avg"]


def _row_texts(row: Row) -> list[str]:
    return [row.algorithm, *map(cell_text, row.cells), average_text(row.average)]


def _joined(cells: Sequence[str], table: Table, separator: str) -> str:
    width = WIDTH if table.dataset else AVERAGES_WIDTH
    return separator.join(cell.ljust(width) for cell in cells)


def latex(tables: Sequence[Table], records: int) -> str:
    """A LaTeX document with the tables, in the layout of DomainBed's collect_results; needs booktabs and adjustbox."""
    lines = [
        *(r"\documentclass{article}", r"\usepackage{booktabs}", r"\usepackage{adjustbox}", r"\begin{document}"),
        *(r"\section{Full DomainBed results}", f"% Total records: {records}"),
    ]
    previous = None
    for table in tables:
        if table.rule_title != previous:
            lines += ["", rf"\subsection{{Model selection: {table.rule_title}}}"]
            previous = table.rule_title
        lines += _latex_table(table)
    return "\n".join([*lines, r"\end{document}"]) + "\n"


def _latex_table(table: Table) -> list[str]:
    header = [rf"\textbf{{{_escaped(cell)}}}" for cell in _header(table)]
    rows = [
        [_escaped(r.algorithm), *(cell_text(c, r"$\pm$") for c in r.cells), average_text(r.average)] for r in table.rows
    ]
    first, *others = [_joined(cells, table, " & ") + r" \\" for cells in [header, *rows]]
    return [
        *("", rf"\subsubsection{{{_escaped(table.dataset or 'Averages')}}}", ""),
        *(r"\begin{center}", r"\adjustbox{max width=\textwidth}{%"),
        rf"\begin{{tabular}}{{l{'c' * (len(table.columns) + 1)}}}",
        *(r"\toprule", first, r"\midrule", *others, r"\bottomrule"),
        *(r"\end{tabular}}", r"\end{center}"),
    ]


def _escaped(name: str) -> str:
    """Names hold letters, digits and these."""
    return name.replace("%", r"\%").replace("_", r"\_")


def as_json(tables: Sequence[Table], records: int) -> str:
    """An object with `records` and `tables`; accuracies in per cent with all digits, null for what is missing."""
    return json.dumps({"records": records, "tables": [_table_object(table) for table in tables]}, indent=1) + "\n"


def _table_object(table: Table) -> dict[str, Any]:
    return {
        "selection": table.rule,
        "dataset": table.dataset,
        "columns": list(table.columns),
        "rows": [
            {
                "algorithm": row.algorithm,
                "cells": [{"mean": c.mean, "stderr": c.stderr, "trials": c.trials} for c in row.cells],
                "average": row.average,
            }
            for row in table.rows
        ],
    }


def as_csv(tables: Sequence[Table], records: int) -> str:
    """A line for each cell; the averages table has no data set, and a row's average is the column Avg."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for table in tables:
        for row in table.rows:
            first = (table.rule, table.dataset or "", row.algorithm)
            for name, cell in zip(table.columns, row.cells, strict=True):
                writer.writerow((*first, name, cell.mean, cell.stderr, cell.trials, cell_text(cell)))
            writer.writerow((*first, "Avg", row.average, None, None, average_text(row.average)))
    return written.getvalue()


FORMATS: Mapping[str, Callable[[Sequence[Table], int], str]] = {
    "text": text,
    "json": as_json,
    "csv": as_csv,
    "latex": latex,
}
