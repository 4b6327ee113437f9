"""Lines of numbers, read strictly: nothing is evaluated, and what is wrong is told with the line."""

import pickle
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from farfield_evaluators.suites.wilds.number_files import Wanted, read_numbers
from farfield_evaluators.suites.wilds.submission import NOT_NUMBERS, PICKLED, SHORT, UNREADABLE, UNSORTED

CLASSES = Wanted(rows=3, width=1, whole=True)
NUMBERS = Wanted(rows=3, width=1, whole=False)
ROWS = Wanted(rows=2, width=3, whole=False)


@given(st.lists(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2, max_size=2), min_size=1))
def test_what_python_writes_is_read_to_the_last_digit(rows: list[list[float]]) -> None:
    data = "".join(f"{','.join(map(repr, row))}\n" for row in rows).encode()
    found, problems = read_numbers(data, Wanted(rows=len(rows), width=2, whole=False), "a file")
    assert problems == []
    assert found is not None
    assert found.tolist() == rows


@pytest.mark.parametrize("text", ["1,2,3\n4,5,6\n", "[1, 2, 3]\n(4.0, 5, 6)", "1 , 2,3\r\n\r\n4,5,6\r\n"])
def test_rows_may_have_the_brackets_and_blanks_that_wilds_reads(text: str) -> None:
    found, problems = read_numbers(text.encode(), ROWS, "a file")
    assert problems == []
    assert np.array_equal(found, [[1, 2, 3], [4, 5, 6]])


@pytest.mark.parametrize(
    ("data", "wanted", "code", "says"),
    [
        (b"1\n2\n", CLASSES, SHORT, "too short: 2 predictions of 3 examples"),
        (b"1\n2\n3\n4\n", CLASSES, SHORT, "too long: 4 predictions of 3 examples"),
        (b"", CLASSES, SHORT, "too short: 0 predictions"),
        (b"y_pred\n1\n2\n3\n", CLASSES, NOT_NUMBERS, "line 1 is 'y_pred'"),
        (b"1\n2.5\n0\n", CLASSES, NOT_NUMBERS, "whole: line 2 is '2.5'"),
        (b"1\n1e300\n0\n", CLASSES, NOT_NUMBERS, "whole: line 2"),
        (b"1\nnan\n0\n", NUMBERS, NOT_NUMBERS, "line 2 is 'nan'"),
        (b"1\n1e999\n0\n", NUMBERS, NOT_NUMBERS, "line 2 is '1e999'"),
        (b"1\n__import__('os').getpid()\n0\n", NUMBERS, NOT_NUMBERS, "line 2 is"),
        (b"0,1\n1,1\n2,0\n", CLASSES, UNSORTED, "has an index"),
        (b"2,1\n0,1\n1,0\n", CLASSES, UNSORTED, "is not in the data set's order"),
        (b"5,1\n0,1\n1,0\n", CLASSES, SHORT, "line 1 holds 2 numbers; a line has 1"),
        (b"1,2,3\n4,5\n", ROWS, SHORT, "line 2 holds 2 numbers; a line has 3"),
        (pickle.dumps([1, 2, 3]), CLASSES, PICKLED, "a pickle, which is never loaded"),
        (b"PK\x03\x04 archive/data.pkl", CLASSES, PICKLED, "a file of torch.save"),
        (b"\xff\xfe1\x00", CLASSES, UNREADABLE, "no text"),
    ],
)
def test_what_is_wrong_is_told(data: bytes, wanted: Wanted, code: str, says: str) -> None:
    found, problems = read_numbers(data, wanted, "split test, seed:0")
    assert found is None
    assert [problem.code for problem in problems] == [code]
    assert problems[0].where == "split test, seed:0"
    assert says in problems[0].says


@pytest.mark.parametrize("line", [" " * 200_000 + "x", "1" + " " * 200_000 + "1", "1," * 100_000 + "x", "(" * 200_000])
def test_no_line_takes_long(line: str) -> None:
    started = time.process_time()
    _, problems = read_numbers(line.encode(), Wanted(), "a file")
    assert [problem.code for problem in problems] == [NOT_NUMBERS]
    assert time.process_time() - started < 2


def test_an_empty_file_is_short_also_where_no_number_of_lines_is_known() -> None:
    assert [problem.code for problem in read_numbers(b"\n\n", Wanted(), "a file")[1]] == [SHORT]


def test_all_that_is_wrong_with_a_file_is_told_at_once() -> None:
    _, problems = read_numbers(b"1\n0,1\n", CLASSES, "a file")
    assert [problem.code for problem in problems] == [SHORT, SHORT]


@given(st.binary(max_size=60))
def test_no_content_breaks_it(data: bytes) -> None:
    found, problems = read_numbers(data, CLASSES, "a file")
    assert (found is None) == bool(problems)
