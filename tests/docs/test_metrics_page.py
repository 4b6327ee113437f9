"""The page on metrics has every metric, code and constant that the code has."""

import re

from tests.docs.test_documents import ROOT

from farfield_evaluators import arrays
from farfield_evaluators.catalog import catalog, find
from farfield_evaluators.metrics.catalog import METRICS
from farfield_evaluators.metrics.robustness import TESTBED, Line, Pieces
from farfield_evaluators.scoring import files, remarks, sets
from farfield_evaluators.scoring.coco.figures import FIGURES

PAGE = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `([a-z0-9._-]+)` \|", re.MULTILINE)


def rows(heading: str) -> list[str]:
    return ROW.findall(PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0])


def test_every_metric_has_a_row() -> None:
    headings = ("Classification", "Corruptions", "Detection", "Domain generalisation")
    assert [name for heading in headings for name in rows(heading)] == [m.name for m in METRICS]


def test_every_figure_of_coco_has_a_row() -> None:
    assert rows("Boxes and masks") == list(FIGURES)


def test_what_is_said_of_boxes_under_corruptions_is_what_their_boards_show() -> None:
    new = [metric.name for metric in find("coco-c/coco").metrics if metric.name not in FIGURES]
    assert rows("Boxes under corruptions") == new


def test_every_code_has_a_row() -> None:
    found = rows("From files of arrays")
    raised = {v for module in (arrays, files, sets) for v in vars(module).values() if str(v).startswith("arrays.")}
    said = {v for v in vars(remarks).values() if str(v).startswith("scores.")}
    assert {name for name in found if "." in name} == raised | said
    assert [name for name in found if "." not in name] == list(arrays.NAMES)


def test_the_testbeds_fits_are_those_of_the_code() -> None:
    found = re.findall(
        r"^  \| (\w+)(?:, x (below|from) ([\d.]+)%[^|]*)? \| ([\d.-]+) \| ([\d.-]+) \|", PAGE, re.MULTILINE
    )
    lines = {(name, side, pivot): (float(s), float(i)) for name, side, pivot, s, i in found}
    expected = {(n, "", ""): (t.slope, t.intercept) for n, t in TESTBED.items() if isinstance(t, Line)}
    for name, pieces in TESTBED.items():
        if isinstance(pieces, Pieces):
            pivot = f"{100 * pieces.pivot:g}"
            expected[name, "below", pivot] = (pieces.below.slope, pieces.below.intercept)
            expected[name, "from", pivot] = (pieces.above.slope, pieces.above.intercept)
    assert lines == expected


def test_the_reported_figures_without_a_board_are_those_of_the_code() -> None:
    found = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([\d.]+) \| (\[[VS]\] [^|]+) \|$", PAGE, re.MULTILINE)
    assert [(m, f, round(float(v) / 100, 6)) for m, f, v, _ in found] == [
        (u.method, u.figure, u.value) for u in catalog().unplaced
    ]
    assert all(u.source.startswith(source) for u, (*_, source) in zip(catalog().unplaced, found, strict=True))
