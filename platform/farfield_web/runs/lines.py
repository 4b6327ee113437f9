"""Records of a sweep as they arrive and are kept: lines of results.jsonl, each with its end."""

from farfield_evaluators.suites.domainbed.parsing import parse
from farfield_evaluators.suites.domainbed.problems import NOT_JSON, Problem
from farfield_evaluators.suites.domainbed.records import Record


def records_in(text: str, where: str = "records") -> tuple[list[Record], list[Problem]]:
    """(the records, every problem) of the lines; a text without any line is none of either."""
    records: list[Record] = []
    problems: list[Problem] = []
    for number, line in enumerate(text.split("\n")[:-1], start=1):
        record, found = parse(line, f"{where}:{number}")
        problems += found
        if record is not None:
            records.append(record)
    if text and not text.endswith("\n"):
        problems.append(Problem(code=NOT_JSON, where=where, says="the last line has no end: it was cut off"))
    return records, problems
