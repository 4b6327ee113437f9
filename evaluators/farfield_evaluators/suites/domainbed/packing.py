"""Records as the files of run folders: what a site hands out, and what is handed in to it."""

from collections.abc import Iterator, Sequence

from farfield_evaluators.run_plan import File
from farfield_evaluators.suites.domainbed.records import DONE, RESULTS, Record, by_cell, folder_name, to_line


def run_files(records: Sequence[Record]) -> Iterator[File]:
    """The files of each run's folder, named as DomainBed's own sweep names it."""
    for of_run in by_cell(records).values():
        folder = folder_name(of_run[0].args)
        yield f"{folder}/{RESULTS}", "".join(f"{to_line(record)}\n" for record in of_run)
        yield f"{folder}/{DONE}", "done"
