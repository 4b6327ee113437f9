"""docs/performance.md and bench/results.json agree, what is not measured is named, and a missed goal is explained."""

import json
import re

from bench import table
from bench.__main__ import PAGE, RESULTS, read
from bench.result import result_of
from bench.rows import ROWS

TEXT = PAGE.read_text(encoding="utf-8")


def test_the_table_is_that_of_the_results() -> None:
    assert table.page(TEXT, read(RESULTS)) == TEXT, "python -m bench writes it"


def test_every_row_is_described_and_one_that_is_not_measured_is_named() -> None:
    rows = read(RESULTS)
    assert {row["row"] for row in rows} <= {row.number for row in ROWS}
    unmeasured = {row.number for row in ROWS} - {row["row"] for row in rows}
    told = TEXT.partition("\nNot measured yet: ")[2].partition("\n")[0]
    assert {int(number) for number in re.findall(r"(\d) \(", told)} == unmeasured
    assert [row["failed"] for row in rows] == ["" for _ in rows]
    headings = re.findall(r"^### (\d)\. (.*)$", TEXT, re.MULTILINE)
    assert headings == [(str(row.number), row.title) for row in ROWS]


def test_what_is_kept_follows_from_the_figures() -> None:
    for row in read(RESULTS):
        for body in row["results"]:
            assert json.loads(json.dumps(result_of(body).body())) == body


def test_goals_that_are_missed_are_explained() -> None:
    explained = TEXT.partition("## Goals that are missed")[2].partition("\n## ")[0]
    missed = [result_of(body).name for row in read(RESULTS) for body in row["results"] if body["met"] is False]
    assert [name for name in missed if f"**{name}" not in explained] == []
