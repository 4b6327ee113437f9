"""Whether runs can be added to a folder of records: asked before they are trained, since training is what costs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from farfield_evaluators.suites.domainbed.completeness import SETTINGS, settings
from farfield_evaluators.suites.domainbed.folder import read_sweep, run_folders
from farfield_evaluators.suites.domainbed.problems import (
    DUPLICATE,
    EMPTY,
    MIXED,
    UNFINISHED,
    Problem,
    RecordsError,
    shown,
)
from farfield_evaluators.suites.domainbed.records import DONE, Record, folder_name


def check_addition(folder: Path, planned: Sequence[Mapping[str, Any]]) -> None:
    """Of the `args` of one sweep's runs, at least one, and a folder that need not be there; those done are kept.

    Raises RecordsError where the folder could not be scored with these runs in it, or has one of them unfinished.
    """
    if not folder.exists():
        return
    wanted = [args for args in planned if not (folder / folder_name(args) / DONE).exists()]
    started = list(_started(folder, wanted))
    if started:
        raise RecordsError(started)
    records = _records(folder)
    problems = [*_mixed(folder, records, _planned(planned[0]))] or [*_twice(folder, records, map(_planned, wanted))]
    if problems:
        raise RecordsError(problems)


def _planned(args: Mapping[str, Any]) -> Record:
    return Record(step=0, in_acc=(), out_acc=(), args=args, hparams={})


def _started(folder: Path, wanted: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    """Runs that have a folder, and yet are to be made; one with nothing in it is no loss."""
    for name in map(folder_name, wanted):
        if (folder / name).is_dir() and any((folder / name).iterdir()):
            says = (
                f"this run in {folder} was begun, and has no file `done`: it was interrupted, or is still going on; "
                "wait for it, or remove its folder to have it made again"
            )
            yield Problem(code=UNFINISHED, where=name, says=says)


def _records(folder: Path) -> tuple[Record, ...]:
    """What is there, none in a folder of other things. Raises RecordsError for what cannot be read."""
    if not run_folders(folder):
        return ()
    try:
        return read_sweep(folder, partial=True).records
    except RecordsError as error:
        if error.code == EMPTY:
            return ()
        says = "its records have problems, so no run is added to them; mend them, or give another folder"
        raise RecordsError([Problem(code=error.code, where=str(folder), says=says), *error.problems]) from error


def _mixed(folder: Path, records: Sequence[Record], new: Record) -> Iterator[Problem]:
    """What is there is of one kind, so the first record of a table and of a row speaks for all."""
    table = [r for r in records if r.args["dataset"] == new.args["dataset"]]
    if table and settings(table[0]) != settings(new):
        yield _other(folder, table[0], SETTINGS, settings(table[0]), settings(new))
    row = [r for r in table if r.args["algorithm"] == new.args["algorithm"]]
    asked = new.args["hparams"]
    if row and row[0].args.get("hparams") != asked:
        yield _other(folder, row[0], "args.hparams", row[0].args.get("hparams"), asked)


def _other(folder: Path, record: Record, names: str, there: object, asked: object) -> Problem:
    says = (
        f"{names} is {shown(there)} in {folder}, and {shown(asked)} was asked for; runs with both cannot be scored "
        "together; ask for what is there, or give another folder"
    )
    return Problem(code=MIXED, where=record.where, says=says)


def _twice(folder: Path, records: Sequence[Record], new: Iterable[Record]) -> Iterator[Problem]:
    """Runs that are there in a folder of another name, as from DomainBed's scripts with a `data_dir` of their own."""
    there = {record.cell: record for record in records}
    for cell in (record.cell for record in new):
        if cell in there:
            says = f"a run that was asked for is in {folder} already, from elsewhere; give another folder"
            yield Problem(code=DUPLICATE, where=there[cell].where, says=says)
