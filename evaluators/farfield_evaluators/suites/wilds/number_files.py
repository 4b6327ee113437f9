"""Files of numbers: a line for each example, in the order of the data set, without a header and without an index.

Nothing is evaluated: a line holds one number, or of tokens and of tasks one for each, with commas between them.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from farfield_evaluators.problems import Problem, shown
from farfield_evaluators.suites.wilds.submission import NOT_NUMBERS, PICKLED, SHORT, UNREADABLE, UNSORTED

Floats = npt.NDArray[np.float64]
LONGEST_NUMBER = 32  # characters, with what separates it from the next
SLACK_BYTES = 1 << 20
MOST_BYTES = 1 << 30
SHOWN_LINES = 3
MOST_CLASS = 2**31
_NUMBER = r"[+-]?(?:\d{1,20}(?:\.\d{0,20})?|\.\d{1,20})(?:[eE][+-]?\d{1,3})?"
# A stripped line without brackets. Between two numbers there is one run of blanks on each side of the comma, so that no
# line takes longer than its length to refuse.
_LINE = re.compile(rf"{_NUMBER}(?:[ \t]*,[ \t]*{_NUMBER})*", re.ASCII)
_BRACKETS = {"[": "]", "(": ")"}
_STARTS = {b"\x80": "a pickle", b"PK\x03\x04": "a file of torch.save", b"\x93NUMPY": "a file of numpy.save"}


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a file must hold: this many lines of this many numbers, which are whole where they name classes.

    rows and width are None where they are not known: all lines must have one width then.
    """

    rows: int | None = None
    width: int | None = None
    whole: bool = False

    @property
    def most_bytes(self) -> int:
        """Of a file; MOST_BYTES where it is not known how many numbers it has."""
        if self.rows is None or self.width is None:
            return MOST_BYTES
        return self.rows * self.width * LONGEST_NUMBER + SLACK_BYTES


def read_numbers(data: bytes, wanted: Wanted, where: str) -> tuple[Floats | None, list[Problem]]:
    """The numbers [rows, width] of a file of text, or all that is wrong with it; `where` names it."""
    text, problem = _text(data, where)
    if text is None:
        return None, [problem] if problem else []
    lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    rows = [_values(line) for _, line in lines]
    strange = [line for line, row in zip(lines, rows, strict=True) if row is None]
    if strange:
        return None, [_not_numbers(strange, where)]
    known = [row for row in rows if row is not None]
    problems = list(_misfits(known, lines, wanted, where))
    return (None if problems else np.stack(known)), problems


def _text(data: bytes, where: str) -> tuple[str | None, Problem | None]:
    kind = next((kind for start, kind in _STARTS.items() if data.startswith(start)), "")
    if kind:
        says = f"this is {kind}, which is never loaded; write numbers as text, a line for each example"
        return None, Problem(code=PICKLED, where=where, says=says)
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n"), None
    except UnicodeDecodeError:
        return None, Problem(code=UNREADABLE, where=where, says="this is no text; write numbers as text")


def _not_numbers(strange: Sequence[tuple[int, str]], where: str) -> Problem:
    listed = "; ".join(f"line {number} is {shown(line)}" for number, line in strange[:SHOWN_LINES])
    more = f" and {len(strange) - SHOWN_LINES:,} more" if len(strange) > SHOWN_LINES else ""
    says = f"a line holds finite numbers and nothing else, without a header or an index: {listed}{more}"
    return Problem(code=NOT_NUMBERS, where=where, says=says)


def _values(line: str) -> Floats | None:
    """The numbers [width] of a line; None where it holds anything else, or a number that is not finite."""
    inside = line.strip()
    if inside[:1] in _BRACKETS and inside.endswith(_BRACKETS[inside[0]]):
        inside = inside[1:-1].strip()
    inside = inside.removesuffix(",").rstrip()
    if not _LINE.fullmatch(inside):
        return None
    values = np.fromstring(inside, np.float64, sep=",")
    return values if np.isfinite(values).all() else None


def _misfits(rows: Sequence[Floats], lines: Sequence[tuple[int, str]], wanted: Wanted, where: str) -> Iterator[Problem]:
    if wanted.rows not in (None, len(rows)) or not rows:
        fits = "long" if wanted.rows is not None and len(rows) > wanted.rows else "short"
        says = f"it is too {fits}: {len(rows):,} predictions"
        yield Problem(code=SHORT, where=where, says=says + (f" of {wanted.rows:,} examples" if wanted.rows else ""))
    width = wanted.width or (len(rows[0]) if rows else 0)
    wide = next((place for place, row in enumerate(rows) if len(row) != width), None)
    if wide is not None:
        yield _wrong_width(rows, lines[wide][0], len(rows[wide]), width, where)
    fraction = next((place for place, row in enumerate(rows) if not _are_classes(row)), None) if wanted.whole else None
    if fraction is not None and wide is None:
        number, line = lines[fraction]
        says = f"predictions are numbers of classes, so they are whole: line {number} is {shown(line)}"
        yield Problem(code=NOT_NUMBERS, where=where, says=says)


def _are_classes(row: Floats) -> bool:
    return bool(np.all((row == np.floor(row)) & (np.abs(row) <= MOST_CLASS)))


def _wrong_width(rows: Sequence[Floats], number: int, count: int, width: int, where: str) -> Problem:
    """A first column that numbers the examples is an index: it says too whether they are in order."""
    says = f"line {number} holds {count} numbers; a line has {width}"
    first = [float(row[0]) for row in rows]
    if width == 1 and all(len(row) == 2 for row in rows) and sorted(first) == list(range(len(rows))):
        order = "has an index" if first == sorted(first) else "is not in the data set's order"
        says = f"it {order}; write the predictions alone, in the order of the data set"
        return Problem(code=UNSORTED, where=where, says=says)
    return Problem(code=SHORT, where=where, says=says)
