"""Records as they are sent and kept: lines of results.jsonl, each with its end."""

from collections.abc import Sequence

from farfield_evaluators.suites.domainbed.parsing import parse
from farfield_evaluators.suites.domainbed.problems import NOT_JSON, Problem
from farfield_evaluators.suites.domainbed.records import Record, to_line


def records_in(text: str, where: str = "records") -> tuple[list[Record], list[Problem]]:
    """(the records, every problem) of the lines; a text without any line is none of either."""
    records: list[Record] = []
    problems: list[Problem] = []
    for number, line in enumerate(text.split("\n")[:-1], start=1):
        record, wrong = parse(line, f"{where}:{number}")
        problems += wrong
        if record is not None:
            records.append(record)
    if text and not text.endswith("\n"):
        problems.append(Problem(code=NOT_JSON, where=where, says="the last line has no end: it was cut off"))
    return records, problems


def lines_of(records: Sequence[Record]) -> str:
    """Lines of results.jsonl, each with its end."""
    return "".join(f"{to_line(record)}\n" for record in records)
