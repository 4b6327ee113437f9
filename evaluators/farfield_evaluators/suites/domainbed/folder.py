"""A folder of DomainBed output: run folders, each with results.jsonl and, when the run has ended, `done`."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from farfield.errors import reason
from farfield.packaging.files import decoded, read_regular
from farfield_evaluators.suites.domainbed.completeness import Runs, contradictions, unfinished
from farfield_evaluators.suites.domainbed.parsing import parse
from farfield_evaluators.suites.domainbed.problems import (
    DUPLICATE,
    EMPTY,
    UNFINISHED,
    UNREADABLE,
    Problem,
    RecordsError,
)
from farfield_evaluators.suites.domainbed.records import DONE, RESULTS, Record, by_cell, folder_name, to_line

MOST_BYTES = 64 * 2**20  # of one results.jsonl; a run of DomainBed's writes some 60 KiB
OUTPUT = {DONE, "out.txt", "err.txt"}  # what else marks a folder as a run's


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """The records of a folder, and what is missing from a whole sweep; nothing is, unless partial was asked for."""

    records: tuple[Record, ...]
    missing: tuple[Problem, ...]


@dataclass(frozen=True, kw_only=True)
class Form:
    """How a run's results.jsonl is read, by its lines and name, and what a sweep of such runs may not hold or lack."""

    lines: Callable[[Sequence[str], str], tuple[list[Record], list[Problem]]]
    contradictions: Callable[[Runs, frozenset[str]], Iterator[Problem]]
    unfinished: Callable[[Runs], Iterator[Problem]]


def read_sweep(folder: Path, *, partial: bool = False, form: Form | None = None) -> Sweep:
    """All records below `folder`. Raises RecordsError with every problem; with `partial`, unfinished is none.

    Without a form a line is a record, as DomainBed's `train.py` writes them.
    """
    form = form or CHECKPOINTS
    runs = run_folders(folder)
    read = [_read(folder, run, form) for run in runs]
    records = tuple(record for found, _ in read for record in found)
    problems = [problem for _, found in read for problem in found]
    missing = [p for p in problems if p.code == UNFINISHED]
    problems = [p for p in problems if p.code != UNFINISHED]
    if not problems:
        cells = by_cell(records)
        done = frozenset(_name(folder, run) for run in runs if (run / DONE).exists())
        problems = list(form.contradictions(cells, done))
        missing += form.unfinished(cells)
    if not records and not problems:
        problems = [Problem(code=EMPTY, where=folder.name, says=f"there is no record in any <run>/{RESULTS}")]
    if problems or (missing and not partial):
        hint = [] if partial or problems else [_hint()]
        raise RecordsError([*problems, *([] if partial else missing), *hint])
    return Sweep(records=records, missing=tuple(missing))


def write_run(folder: Path, records: Sequence[Record], *, done: bool = True) -> Path:
    """Write the records of one run as DomainBed does, whole or not at all; returns the run's folder.

    Raises RecordsError when that run is there, as when two processes made it at once; the one that is there stays.
    """
    lines = "".join(f"{to_line(record)}\n" for record in sorted(records, key=lambda r: r.step))
    target = folder / folder_name(records[0].args)
    folder.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".run-", dir=folder))
    try:
        (draft / RESULTS).write_text(lines, encoding="utf-8")
        if done:
            (draft / DONE).write_text("done", encoding="utf-8")
        draft.chmod(0o755)
        _move(draft, target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return target


def _move(draft: Path, target: Path) -> None:
    """Only onto an empty folder, as a launched run leaves it: a rename onto any other fails."""
    try:
        draft.rename(target)
    except OSError as error:
        if not target.exists():
            raise
        says = f"this run is in {target.parent} already, and was kept; start again to make the runs that are missing"
        raise RecordsError([Problem(code=DUPLICATE, where=target.name, says=says)]) from error


def _hint() -> Problem:
    return Problem(code=UNFINISHED, where="", says="to see what there is so far, add --partial")


def run_folders(folder: Path) -> list[Path]:
    """The run folders, by name; hidden folders and those of other things are left out.

    Raises RecordsError where there is no folder, or that of a single run.
    """
    if not folder.is_dir():
        raise RecordsError([Problem(code=EMPTY, where=str(folder), says="there is no such folder")])
    if (folder / RESULTS).exists():
        says = f"this is the folder of one run, with {RESULTS} in it; give the folder above"
        raise RecordsError([Problem(code=EMPTY, where=folder.name, says=says)])
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith(".") and _is_run(path))
    except OSError as error:
        says = f"the folder cannot be listed: {reason(error)}"
        raise RecordsError([Problem(code=UNREADABLE, where=str(error.filename), says=says)]) from error


def _is_run(path: Path) -> bool:
    if not path.is_dir():
        return False
    inside = {entry.name for entry in path.iterdir()}
    return not inside or bool(inside & {RESULTS, *OUTPUT})


def _name(folder: Path, run: Path) -> str:
    return f"{run.relative_to(folder)}/{RESULTS}"


def _read(folder: Path, run: Path, form: Form) -> tuple[list[Record], list[Problem]]:
    name = _name(folder, run)
    try:
        text = _text(run / RESULTS)
    except FileNotFoundError:
        return [], [Problem(code=UNFINISHED, where=name, says="the run has no records yet")]
    except (OSError, UnicodeDecodeError) as error:
        says = f"the file cannot be read: {reason(error)}"
        return [], [Problem(code=UNREADABLE, where=name, says=says)]
    cut_off = list(_cut_off(text, name))
    records, problems = form.lines(text.split("\n")[:-1], name)
    return records, [*cut_off, *problems]


def _text(path: Path) -> str:
    # Not as text, which would take other line ends for "\n" too.
    return decoded(read_regular(path, MOST_BYTES))


def _lines(lines: Sequence[str], name: str) -> tuple[list[Record], list[Problem]]:
    records: list[Record] = []
    problems: list[Problem] = []
    for number, line in enumerate(lines, start=1):
        record, found = parse(line, f"{name}:{number}")
        problems += found
        if record is not None:
            records.append(record)
    return records, problems


def _cut_off(text: str, name: str) -> Iterator[Problem]:
    if not text:
        yield Problem(code=UNFINISHED, where=name, says="the run has no records yet")
    elif not text.endswith("\n"):
        number = text.count("\n") + 1
        yield Problem(code=UNFINISHED, where=f"{name}:{number}", says="the last line has no end: cut off in writing")


CHECKPOINTS = Form(lines=_lines, contradictions=contradictions, unfinished=unfinished)
