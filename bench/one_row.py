"""One row in a process of its own: `python -m bench.one_row NUMBER SCRATCH [--quick]` writes each result as a line."""

import json
import signal
import sys
from pathlib import Path

from bench.rows import ROWS, Row


def main(number: str, scratch: str, *flags: str) -> None:
    measure(next(row for row in ROWS if row.number == int(number)), Path(scratch), quick="--quick" in flags)


def measure(row: Row, scratch: Path, *, quick: bool) -> None:
    """To the standard output, as soon as each is there. Asked to end, it stops in order what it has started."""
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    for result in row.measure(scratch, quick=quick):
        if result.row != row.number:
            raise SystemExit(f"row {row.number} has a result of row {result.row}: {result.name}")
        print(json.dumps(result.body()), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
