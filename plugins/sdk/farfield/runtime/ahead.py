"""Batches that are read while the one before is learned from, so that a device need not wait for a decoder."""

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

ItemT = TypeVar("ItemT")
_END: Final = object()


def ahead(items: Iterator[ItemT]) -> Generator[ItemT]:
    """The same items in the same order; the next one is made in a thread of its own while this one is used.

    Whatever making an item raises is raised where that item would have come.

    >>> list(ahead(iter(range(3))))
    [0, 1, 2]
    """
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as reader:
        coming = reader.submit(next, items, _END)
        while (item := coming.result()) is not _END:
            coming = reader.submit(next, items, _END)
            yield item  # type: ignore[misc]
