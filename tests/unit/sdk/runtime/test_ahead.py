import threading
from collections.abc import Iterator

import pytest

from farfield.runtime.ahead import ahead


def test_the_next_item_is_made_while_the_one_before_is_used() -> None:
    made = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        made.set()
        yield 2

    read = ahead(items())
    assert next(read) == 1
    assert made.wait(10)
    assert list(read) == [2]


def test_what_goes_wrong_is_raised_in_its_place() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise LookupError("image 7")

    read = ahead(items())
    assert next(read) == 1
    with pytest.raises(LookupError, match="image 7"):
        next(read)


def test_who_stops_reading_leaves_no_thread_behind() -> None:
    before = threading.active_count()
    read = ahead(iter(range(100)))
    next(read)
    read.close()
    assert threading.active_count() == before
