"""Runs of a sweep on the author's machine, kept as DomainBed's own scripts would keep them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from farfield_evaluators.run_plan import Cell, Evidence, Local
from farfield_evaluators.suites.domainbed.additions import check_addition
from farfield_evaluators.suites.domainbed.folder import read_sweep, write_run
from farfield_evaluators.suites.domainbed.formats import FORMATS
from farfield_evaluators.suites.domainbed.lines import records_in
from farfield_evaluators.suites.domainbed.records import DONE, folder_name
from farfield_evaluators.suites.domainbed.selection import rules_for
from farfield_evaluators.suites.domainbed.tables import report
from farfield_evaluators.suites.domainbed.training import Training

if TYPE_CHECKING:
    from farfield_evaluators.suites.domainbed.plan import DomainBed


@dataclass(frozen=True, kw_only=True)
class RecordStore:
    """A folder of run folders, which DomainBed's scripts and `farfield score domainbed` read too."""

    folder: Path
    local: Local
    plan: "DomainBed"

    def check(self, planned: Sequence[Cell]) -> None:
        """Raises RecordsError where these runs cannot be added."""
        check_addition(self.folder, [self._training(cell).args for cell in planned])

    def has(self, cell: Cell) -> bool:
        return (self.folder / folder_name(self._training(cell).args) / DONE).exists()

    def add(self, cell: Cell, evidence: Evidence) -> None:
        write_run(self.folder, records_in(evidence.lines)[0])

    def report(self, form: str) -> str:
        """The tables of every rule, of what there is."""
        sweep = read_sweep(self.folder, partial=True)
        return FORMATS[form](report(sweep.records, rules_for(sweep.records)), len(sweep.records))

    def _training(self, cell: Cell) -> Training:
        return self.plan.training(self.local.tier, cell, self.local.entrant, self.local)
