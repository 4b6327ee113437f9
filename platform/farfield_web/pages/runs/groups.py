"""The runs of an entry as pages list them: in groups by the axes of its plan, and one by one.

Pure functions of rows already read; an entry may have two thousand.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from farfield_evaluators.run_plan import Axis, RunPlan, cell_title
from farfield_web.pages.runs.advice import advice_for
from farfield_web.pages.templatetags.figures import duration
from farfield_web.runs.models import Run
from farfield_web.runs.status import LEASED, Status

WORDS: Mapping[Status, str] = {
    Status.SUCCEEDED: "done",
    Status.FAILED: "failed",
    Status.CANCELLED: "cancelled",
    Status.QUEUED: "waiting",
}
UNDER_WAY = "under way"
EVERY = (UNDER_WAY, "waiting", "failed", "cancelled")


@dataclass(frozen=True, kw_only=True)
class Group:
    """Runs with the same value on an axis; `said` is that value within a sentence.

    `statuses` has one item a run, `counts` says in words how many are done and failed, `all_counts` everything.
    `query` addresses the group among the runs.
    """

    key: str
    title: str
    said: str
    statuses: tuple[str, ...]
    counts: str
    all_counts: str
    query: str


@dataclass(frozen=True, kw_only=True)
class Section:
    """Groups with the same values on other axes; without a title where there is one section for all.

    `squares` goes on after "A square is a run".
    """

    title: str
    squares: str
    groups: tuple[Group, ...]


@dataclass(frozen=True, kw_only=True)
class RunRow:
    """A run in a list. `title` says which it is; `failure` is empty unless it failed."""

    pk: Any
    title: str
    status: str
    status_title: str
    progress: str
    took: str
    attempt: int
    failure: str
    code: str
    can_retry: bool


def sections_of(runs: Sequence[Run], plan: RunPlan) -> tuple[Section, ...]:
    """The runs of an entry in groups, by the axis by which its plan lists them; what was handed in is in none.

    Where runs differ in several other axes, each value of all but the last of these has a section of its own.
    """
    placed = [run for run in runs if run.cell]
    if not placed:
        return ()
    others = [axis for axis in plan.axes if axis.name != plan.listed_by]
    outer = others[:-1] if others and len(_values(placed, others[-1].name)) > 1 else []
    by_section = _grouped(placed, [axis.name for axis in outer])
    return tuple(_section(plan, outer, members, number) for number, members in enumerate(by_section))


def _section(plan: RunPlan, outer: Sequence[Axis], runs: Sequence[Run], number: int) -> Section:
    at = runs[0].cell
    title = ", ".join(axis.shown(at[axis.name]) for axis in outer)
    listed = next(axis for axis in plan.axes if axis.name == plan.listed_by)
    inner = [axis for axis in plan.axes if axis not in (*outer, listed)]
    return Section(
        title=title[:1].upper() + title[1:],
        squares=_squares(plan, inner),
        groups=tuple(
            _group([*outer, listed], members, f"{number}-{place}")
            for place, members in enumerate(_grouped(runs, [listed.name]))
        ),
    )


def _squares(plan: RunPlan, inner: Sequence[Axis]) -> str:
    """What a square stands for, after "A square is a run"."""
    if not inner:
        return ""
    last = inner[-1] if len(inner) == 1 else inner[0]
    return plan.prose.squares.get(last.name, f", one for each {last.title.lower()}")


def _group(known: Sequence[Axis], runs: Sequence[Run], key: str) -> Group:
    at, statuses, listed = runs[0].cell, [run.status for run in runs], known[-1]
    return Group(
        key=key,
        title=listed.shown(at[listed.name]),
        said=listed.said(at[listed.name]),
        statuses=tuple(statuses),
        counts=counts_in_words(statuses, ("failed",)),
        all_counts=counts_in_words(statuses),
        query="&".join(f"{axis.parameter}={as_text(at[axis.name])}" for axis in (listed, *known[:-1])),
    )


def as_text(value: Any) -> str:
    """A value of an axis as addresses have it.

    >>> as_text([0, 2]), as_text("C"), as_text(5)
    ('0,2', 'C', '5')
    """
    return quote(",".join(map(str, value)) if isinstance(value, list) else str(value), safe=",")


def _grouped(runs: Sequence[Run], names: Sequence[str]) -> list[list[Run]]:
    """The runs by their values on these axes, each group's in their order; groups by value, lists as their numbers."""
    groups: dict[str, list[Run]] = {}
    values: dict[str, list[Any]] = {}
    for run in runs:
        value = [run.cell[name] for name in names]
        key = json.dumps(value)
        groups.setdefault(key, []).append(run)
        values[key] = value
    return [groups[key] for key in sorted(groups, key=lambda key: in_order(values[key]))]


def in_order(value: Any) -> Any:
    """Numbers before texts, so that values of several types can be sorted."""
    if isinstance(value, list):
        return (1, tuple(in_order(part) for part in value))
    return (0, value) if isinstance(value, int | float) else (2, str(value))


def _values(runs: Sequence[Run], name: str) -> set[str]:
    return {json.dumps(run.cell[name]) for run in runs}


def counts_in_words(statuses: Iterable[str], named: Sequence[str] = EVERY) -> str:
    """How many runs are done, and how many are at each of the other places that are named.

    >>> counts_in_words(["succeeded", "queued", "running", "failed"])
    '1 of 4 done, 1 under way, 1 waiting, 1 failed'
    """
    found = Counter(UNDER_WAY if Status(s) in LEASED else WORDS[Status(s)] for s in statuses)
    total = found.total()
    rest = [f"{found[word]} {word}" for word in named if found[word]]
    return ", ".join([f"{found['done']} of {total} done", *rest])


def run_row(run: Run, plan: RunPlan | None, *, can_retry: bool = False, known: Sequence[str] = ()) -> RunRow:
    """A run as a line of a list; its title leaves out the axes that are `known` from around it."""
    failed = run.state is Status.FAILED
    return RunRow(
        pk=run.pk,
        title=short_title(run, plan, known),
        status=run.status,
        status_title=run.status.capitalize(),
        progress=_progress(run),
        took=_took(run),
        attempt=run.attempt,
        failure=advice_for(run.failure_code).title if failed else "",
        code=run.failure_code if failed else "",
        can_retry=can_retry,
    )


def short_title(run: Run, plan: RunPlan | None, known: Sequence[str] = ()) -> str:
    """Which run of an entry this is, in few words: `A and P, trial 1, draw 7`."""
    named = cell_title(plan, run.cell, known, whole=False) if plan else ""
    return named or f"run {run.trial + 1}"


def run_title(run: Run, plan: RunPlan | None) -> str:
    """Which run of an entry this is, in one line: `A and P held out, trial 1, draw 7`."""
    return (cell_title(plan, run.cell) if plan else "") or f"trial {run.trial + 1}"


def _took(run: Run) -> str:
    """How long it took, once it has ended."""
    start, end = run.started_at, run.finished_at
    return duration((end - start).total_seconds()) if run.is_finished and start and end else ""


def _progress(run: Run) -> str:
    """How far a run under way is, in per cent of its present phase; empty when it has not said."""
    values = run.progress or {}
    if not run.is_leased or not values.get("total"):
        return ""
    return f"{min(100, 100 * int(values.get('done', 0)) // int(values['total']))}%"
