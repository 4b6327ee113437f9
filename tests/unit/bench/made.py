"""Rows that are made up, run as `bench.one_row` runs its own: one that goes well, one that breaks after a result."""

import sys
from collections.abc import Iterator
from pathlib import Path

from bench.one_row import measure
from bench.result import Result
from bench.rows import Row


class Made(Row):
    """A row without a module."""

    def measure(self, scratch: Path, *, quick: bool) -> Iterator[Result]:
        """One result; its size and the folder's contents are its figures."""
        yield Result(
            row=self.number % 10, name="made", ours=(1.0 if quick else 2.0, len(list(scratch.iterdir()))), unit="s"
        )
        if self.number == 2:
            raise RuntimeError("there is no room")


if __name__ == "__main__":
    measure(Made(number=int(sys.argv[1]), title="", module=""), Path(sys.argv[2]), quick="--quick" in sys.argv)
