"""The column of docs/failure-codes.md that says what a failure costs, made from the table that decides it."""

import re

from farfield_web.runs.failures import quota

_ROW = re.compile(r"\| `(?P<code>[a-z_.]+)` \|.*\|")


def with_quota(text: str) -> str:
    """The page with what each code does to the quota in the last column of its tables.

    >>> print(with_quota("| Code | What | Quota |\\n|---|---|---|\\n| `records.empty` | nothing | ? |"))
    | Code | What | Quota |
    |---|---|---|
    | `records.empty` | nothing | free |
    """
    return "\n".join(_line(line) for line in text.split("\n"))


def _line(line: str) -> str:
    row = _ROW.fullmatch(line)
    if row is None:
        return line
    cells = line.strip("|").split("|")[:-1]
    return "|".join(["", *cells, f" {quota(row['code'])} ", ""])
