"""Which runs of an entry an address asks for: a status, and values on the axes of its plan. Pure functions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from django.db.models import QuerySet

from farfield_evaluators.run_plan import RunPlan, cell_title
from farfield_web.pages.runs.groups import as_text
from farfield_web.runs.models import Run
from farfield_web.runs.status import LEASED, Status

STATUSES: Mapping[str, tuple[Status, ...]] = {
    "": (),
    "failed": (Status.FAILED,),
    "under-way": LEASED,
    "waiting": (Status.QUEUED,),
    "done": (Status.SUCCEEDED,),
    "cancelled": (Status.CANCELLED,),
}
TITLES = {name: name.replace("-", " ").capitalize() or "All" for name in STATUSES}


@dataclass(frozen=True, kw_only=True)
class Part:
    """Runs with a status, and with these values by the names of axes; empty for all."""

    plan: RunPlan | None = None
    at: Mapping[str, Any] = field(default_factory=dict)
    status: str = ""

    def among(self, runs: QuerySet[Run]) -> QuerySet[Run]:
        """Those of these runs."""
        placed = runs.filter(**{f"cell__{name}": value for name, value in self.at.items()})
        return placed.filter(status__in=STATUSES[self.status]) if self.status else placed

    def query(self, status: str) -> str:
        """The same part with another status."""
        axes = self.plan.axes if self.plan else ()
        wanted = {axis.parameter: as_text(self.at[axis.name]) for axis in axes if axis.name in self.at}
        return "&".join(f"{name}={value}" for name, value in {**wanted, "status": status}.items() if value)

    @property
    def known(self) -> list[str]:
        """The axes on which all of its runs have the same value."""
        return list(self.at)

    @property
    def title(self) -> str:
        """What is shown, in words."""
        return cell_title(self.plan, self.at) if self.plan else ""


def asked_part(query: Mapping[str, str], cells: Iterable[Mapping[str, Any]], plan: RunPlan | None) -> Part:
    """What an address asks for, of an entry whose runs are at these cells. Raises LookupError where no run is there."""
    status = query.get("status", "")
    if status not in STATUSES:
        raise LookupError("Runs have no such status.")
    axes = [axis for axis in plan.axes if query.get(axis.parameter)] if plan else []
    known = list(cells) if axes else []
    at = {axis.name: _value(known, axis.name, query[axis.parameter]) for axis in axes}
    return Part(plan=plan, at=at, status=status)


def _value(cells: Iterable[Mapping[str, Any]], axis: str, text: str) -> Any:
    """The value on an axis that is written so."""
    for cell in cells:
        if axis in cell and unquote(as_text(cell[axis])) == text:
            return cell[axis]
    raise LookupError("This entry has no such runs.")
