"""`make bench`: measures the rows, keeps them in bench/results.json, and writes the table of docs/performance.md.

python -m bench                  all rows, made for half an hour on 2 idle cores
python -m bench --rows 4 7       these; the others stay as they were measured
python -m bench --quick          tiny sizes, whose figures mean nothing and are not kept: does it run?
"""

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench import table
from bench.machine import ROOT, load, machine, now
from bench.result import result_of
from bench.rows import ROWS, Row

RESULTS = Path(__file__).with_name("results.json")
PAGE = ROOT / "docs" / "performance.md"
PROGRAM = "bench.one_row"
MOST_SECONDS, LINES = 900.0, 20  # of a row; of what it said last, when it fails
GRACE_SECONDS = 10.0  # to end in order, for a row that takes too long and what it started


def main(argv: Sequence[str]) -> int:
    """Returns the exit status: 1 where a row could not be measured. A goal that is missed is a result."""
    numbers = [row.number for row in ROWS]
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, nargs="+", choices=numbers, default=numbers, metavar="NUMBER")
    parser.add_argument("--quick", action="store_true", help="tiny sizes; nothing is kept")
    asked = parser.parse_args(argv)
    measured = []
    for row in [row for row in ROWS if row.number in asked.rows]:
        measured.append(measure(row, quick=asked.quick))
        if not asked.quick:  # each as soon as it is there: nothing that comes later takes it along
            keep(measured[-1:], RESULTS)
            PAGE.write_text(table.page(PAGE.read_text(encoding="utf-8"), read(RESULTS)), encoding="utf-8")
    print(f"-- {sum(row['seconds'] for row in measured):,} s", flush=True)
    failed = [f"row {row['row']}: {row['failed']}" for row in measured if row["failed"]]
    print("\n".join(failed), file=sys.stderr)
    return int(bool(failed))


def measure(row: Row, *, quick: bool) -> dict[str, Any]:
    """The row as it is kept, with what it found before it failed, if it does."""
    print(f"-- {row.number}. {row.title}", flush=True)
    record = {"row": row.number, "title": row.title, **now(), "machine": machine()}
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="farfield-bench-") as folder:
        scratch, said, errors = (Path(folder, name) for name in ("scratch", "said", "errors"))
        scratch.mkdir()
        words = [sys.executable, "-m", PROGRAM, str(row.number), str(scratch), *(["--quick"] if quick else [])]
        failed = _run(words, said, errors)
        seconds = round(time.monotonic() - started)
        results = [json.loads(line) for line in said.read_text(encoding="utf-8").splitlines()]
    for body in results:
        print(table.plain(result_of(body)), flush=True)
    return {**record, "load_after": load(), "seconds": seconds, "failed": failed, "results": results}


def _run(words: Sequence[str], said: Path, errors: Path) -> str:
    """Why the program failed; nothing where it did not."""
    with said.open("w", encoding="utf-8") as answers, errors.open("w", encoding="utf-8") as log:
        process = subprocess.Popen(words, stdout=answers, stderr=log, cwd=ROOT, start_new_session=True)
        try:
            status = process.wait(MOST_SECONDS)
        except subprocess.TimeoutExpired:
            return f"not done in {MOST_SECONDS:.0f} s"
        finally:
            _end(process)
    if not status:
        return "" if said.stat().st_size else "no result"
    lines = errors.read_text(encoding="utf-8").splitlines()
    print("\n".join(lines[-LINES:]), file=sys.stderr)
    return lines[-1] if lines else f"ended with {status}"


def _end(process: subprocess.Popen[bytes]) -> None:
    """The row and all of its group, first asked, then killed; what is in no group of its is tied to its life."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_SECONDS)
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def keep(measured: Sequence[dict[str, Any]], path: Path) -> None:
    """Into the file, in place of the same rows of before."""
    rows = {row["row"]: row for row in [*read(path), *measured]}
    body = {"rows": [rows[number] for number in sorted(rows)]}
    path.write_text(json.dumps(body, indent=1) + "\n", encoding="utf-8")


def read(path: Path) -> list[dict[str, Any]]:
    """The rows that are kept, by their numbers."""
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["rows"] if path.is_file() else []
    return rows


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
