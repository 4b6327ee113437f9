"""Our table of a WILDS submission: a line for each figure, a column for each split, mean and spread of replicates."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from farfield_evaluators.metric import Metric
from farfield_evaluators.scoring.formats import NONE, aligned, tabular
from farfield_evaluators.suites.wilds.datasets import Dataset
from farfield_evaluators.suites.wilds.replicates import CellScores, Place, Spread, spreads
from farfield_evaluators.suites.wilds.scoring import scoring_of
from farfield_evaluators.suites.wilds.scoring.keys import column_of
from farfield_evaluators.suites.wilds.submission import CellName

SHOWN_GROUPS = 3
CSV_COLUMNS = ("metric", "domain", "wilds_key", "mean", "std", "replicates")


@dataclass(frozen=True, kw_only=True)
class Report:
    """The figures of a whole submission: `spreads` over replicates by metric and domain, `keys` WILDS' own of them.

    empty: the names of groups that have no example in some replicate, and so no figure.
    """

    dataset: Dataset
    official: Mapping[str, Mapping[str, float]]
    spreads: Mapping[Place, Spread]
    keys: Mapping[Place, str]
    empty: tuple[str, ...] = ()


def report_of(
    dataset: Dataset, official: Mapping[str, Mapping[str, float]], scores: Mapping[CellName, CellScores]
) -> Report:
    """All there is to show of a submission whose cells are scored."""
    return Report(
        dataset=dataset,
        official=official,
        spreads=spreads(dataset, scores),
        keys={place: key for cell in scores.values() for place, key in cell.keys.items()},
        empty=tuple(sorted({name for cell in scores.values() for name in cell.empty})),
    )


def text(report: Report) -> str:
    """For the terminal: the data set's own metrics on each split; groups are in the other forms."""
    count = len(report.dataset.replicates)
    kind = report.dataset.replicates[0].kind
    says = f"{report.dataset.title}: mean ± standard deviation (ddof 1) over {count} {kind}s"
    return f"{says}\n{aligned(_rows(report, '±'))}{_said_of_groups(report)}"


def _said_of_groups(report: Report) -> str:
    """That some are empty, in a line; none where none is."""
    if not report.empty:
        return ""
    shown = ", ".join(report.empty[:SHOWN_GROUPS]) + (", ..." if len(report.empty) > SHOWN_GROUPS else "")
    return f"undefined, without examples: {len(report.empty):,} groups: {shown}\n"


def latex(report: Report) -> str:
    """A tabular for a document with the package booktabs."""
    return tabular(_rows(report, r"$\pm$"))


def as_json(report: Report) -> str:
    """See `plain`."""
    return json.dumps(plain(report), indent=1) + "\n"


def plain(report: Report) -> dict[str, Any]:
    """`official` as WILDS has it, and `figures` with all digits, those of groups too, with what each replicate gave."""
    figures = [
        {
            "metric": metric,
            "domain": domain,
            "wilds_key": report.keys.get((metric, domain)),
            "mean": found.mean,
            "std": found.std,
            "values": list(found.values),
        }
        for (metric, domain), found in report.spreads.items()
    ]
    about = {"dataset": report.dataset.name, "replicates": [str(each) for each in report.dataset.replicates]}
    found = {"official": report.official, "figures": figures, "empty_groups": list(report.empty)}
    return {**about, **found}


def as_csv(report: Report) -> str:
    """A line for each figure, those of groups too."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    writer.writerows(csv_rows(report))
    return written.getvalue()


def csv_rows(report: Report) -> Iterator[tuple[object, ...]]:
    """In the order of CSV_COLUMNS."""
    for place, found in report.spreads.items():
        yield (*place, report.keys.get(place), found.mean, found.std, len(found.values))


def _rows(report: Report, plus_minus: str) -> list[list[str]]:
    splits = report.dataset.evaluated
    metrics = scoring_of(report.dataset.name).metrics
    head = ["", *splits]
    return [head, *([titled(m), *(cell(report, m, split, plus_minus) for split in splits)] for m in metrics)]


def titled(metric: Metric) -> str:
    """Above its figures, with the unit."""
    return f"{metric.title}, %" if metric.unit == "%" else metric.title


def cell(report: Report, metric: Metric, split: str, plus_minus: str) -> str:
    """Mean and spread on a split; a dash where there is none."""
    found = report.spreads.get((metric.name, column_of(split)))
    if found is None:
        return NONE
    scale, digits = (100, 1) if metric.unit == "%" else (1, 3)
    return f"{found.mean * scale:.{digits}f} {plus_minus} {found.std * scale:.{digits}f}"


FORMATS: Mapping[str, Callable[[Report], str]] = {"text": text, "json": as_json, "csv": as_csv, "latex": latex}
