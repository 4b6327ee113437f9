"""Evidence on the author's machine: one file for each run, so that a plan that was stopped goes on where it was."""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from farfield.errors import FarfieldError, reason
from farfield.packaging.plain import read_json
from farfield_evaluators.figure import Figure
from farfield_evaluators.plans.means import spread_of
from farfield_evaluators.run_plan import Cell, Evidence, Local, RunPlan, cell_title
from farfield_evaluators.table import partial_table

ABOUT = "plan.json"
MOST_BYTES = 64 << 20


class StoreError(FarfieldError):
    """A folder of evidence that cannot be read, written or added to; says what to do."""

    code = "evidence.folder"


@dataclass(frozen=True, kw_only=True)
class FigureStore:
    """A folder with plan.json, which says of what the runs in it are, and a file of evidence for each run."""

    folder: Path
    local: Local
    plan: RunPlan

    def check(self, planned: Sequence[Cell]) -> None:
        """Raises StoreError where what lies there is of something else."""
        about = self.folder / ABOUT
        if about.exists() and _read(about) != self._about:
            text = f"{self.folder} holds runs of another method, setting, tier or benchmark; give another folder"
            raise StoreError(text)

    def has(self, cell: Cell) -> bool:
        return self._path(cell).exists()

    def add(self, cell: Cell, evidence: Evidence) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            _write(self.folder / ABOUT, self._about)
            _write(self._path(cell), {"at": dict(cell.at), "seed": cell.seed, **as_json(evidence)})
        except OSError as error:
            raise StoreError(f"{self.folder} cannot be written: {reason(error)}") from error

    def report(self, form: str) -> str:
        """The figures of what there is; as "json" with those of each run."""
        runs = list(self._runs())
        groups = {group: None for cell, _ in runs for group in self.plan.groups(cell.at)}
        members = {g: [(cell, given) for cell, given in runs if g in self.plan.groups(cell.at)] for g in groups}
        chosen = [c for group, those in members.items() for c in self.plan.digest(group, those)]
        figures = self.plan.figures(chosen, self.local.tier)
        if form == "json":
            of_runs = [{"at": dict(cell.at), **as_json(given)} for cell, given in runs]
            scores = [self._with_spread(figure) for figure in figures]
            return json.dumps({"scores": scores, "runs": of_runs}, indent=1) + "\n"
        done = f"{len(runs)} of {self.plan.count(self.local.tier)} runs"
        return f"{partial_table(self.local.benchmark, figures)}{done}\n"

    def _with_spread(self, figure: Figure) -> dict[str, Any]:
        """As JSON, with what the plan shows in place of the standard error, by its name."""
        spread = self.plan.spread
        return {**figure.as_json(), **({} if spread == "stderr" else {spread: spread_of(figure, spread)})}

    @property
    def _about(self) -> dict[str, Any]:
        local = self.local
        return {
            "benchmark": local.benchmark.name,
            "version": local.benchmark.version,
            "tier": local.tier,
            "method": local.description["name"],
            "method_version": local.description.get("version", ""),
            "config": dict(local.config),
        }

    def _path(self, cell: Cell) -> Path:
        """Named in words for people; the hash tells apart what the words do not."""
        canonical = json.dumps(dict(cell.at), sort_keys=True)
        words = "".join(c if c.isalnum() else "-" for c in cell_title(self.plan, cell.at, whole=False))[:60]
        return self.folder / f"{words}-{hashlib.sha256(canonical.encode()).hexdigest()[:8]}.json"

    def _runs(self) -> Iterator[tuple[Cell, Evidence]]:
        for cell in self.plan.cells(self.local.tier, self.local.entrant):
            if self.has(cell):
                yield cell, from_json(_read(self._path(cell)))


def as_json(evidence: Evidence) -> dict[str, Any]:
    """The evidence as JSON-ready data."""
    return {
        "figures": [figure.as_json() for figure in evidence.figures],
        "lines": evidence.lines,
        "facts": dict(evidence.facts),
    }


def from_json(values: dict[str, Any]) -> Evidence:
    """The evidence that `as_json` wrote. Raises StoreError for other data."""
    try:
        figures = tuple(Figure(**figure) for figure in values["figures"])
        return Evidence(figures=figures, lines=str(values["lines"]), facts=dict(values["facts"]))
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError(f"a file of evidence is not what was written there: {error}") from error


def _read(path: Path) -> dict[str, Any]:
    try:
        values = read_json(path.read_bytes()[: MOST_BYTES + 1].decode("utf-8"))
    except (OSError, ValueError) as error:
        raise StoreError(f"{path} cannot be read: {reason(error)}") from error
    if not isinstance(values, dict):
        raise StoreError(f"{path} must hold a JSON object")
    return values


def _write(path: Path, values: dict[str, Any]) -> None:
    handle, draft = tempfile.mkstemp(prefix=".evidence-", dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as opened:
        json.dump(values, opened, sort_keys=True, allow_nan=False)
    Path(draft).replace(path)
