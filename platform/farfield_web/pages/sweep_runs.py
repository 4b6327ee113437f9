"""The runs of a sweep as pages list them: in groups by what is held out, and one by one.

Pure functions of rows already read; a sweep may have two thousand.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from farfield_web.pages.advice import advice_for
from farfield_web.pages.sweeps import held_out_title
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
    """Runs with the same environments held out, in one trial when the tier has several draws of hyperparameters.

    `statuses` has one item a run, `counts` says in words how many are done and failed, `all_counts` everything.
    `query` addresses the group among the runs.
    """

    key: str
    title: str
    statuses: tuple[str, ...]
    counts: str
    all_counts: str
    query: str


@dataclass(frozen=True, kw_only=True)
class Section:
    """The groups of a trial, or of all trials (then without a title)."""

    title: str
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


def sections_of(runs: Sequence[Run], environments: Sequence[str]) -> tuple[Section, ...]:
    """The runs of a sweep in groups; those that are no cell of it are left out."""
    cells = [run for run in runs if run.cell]
    if len({_cell(run)["hparams_seed"] for run in cells}) <= 1:
        return (Section(title="", groups=tuple(_groups(cells, environments, None))),) if cells else ()
    return tuple(
        Section(title=f"Trial {trial + 1}", groups=tuple(_groups(list(members), environments, trial)))
        for trial, members in groupby(sorted(cells, key=_trial), key=_trial)
    )


def _groups(runs: Iterable[Run], environments: Sequence[str], trial: int | None) -> Iterator[Group]:
    for held_out, members in groupby(sorted(runs, key=_held_out), key=_held_out):
        statuses = [run.status for run in members]
        chosen = ",".join(str(index) for index in held_out)
        prefix, also = ("", "") if trial is None else (f"t{trial}-", f"&trial={trial}")
        yield Group(
            key=f"{prefix}e{chosen.replace(',', '-')}",
            title=held_out_title(environments, held_out),
            statuses=tuple(statuses),
            counts=counts_in_words(statuses, ("failed",)),
            all_counts=counts_in_words(statuses),
            query=f"held-out={chosen}{also}",
        )


def counts_in_words(statuses: Iterable[str], named: Sequence[str] = EVERY) -> str:
    """How many runs are done, and how many are at each of the other places that are named.

    >>> counts_in_words(["succeeded", "queued", "running", "failed"])
    '1 of 4 done, 1 under way, 1 waiting, 1 failed'
    """
    found = Counter(UNDER_WAY if Status(s) in LEASED else WORDS[Status(s)] for s in statuses)
    total = found.total()
    rest = [f"{found[word]} {word}" for word in named if found[word]]
    return ", ".join([f"{found['done']} of {total} done", *rest])


def run_row(run: Run, environments: Sequence[str], *, can_retry: bool = False, known: Sequence[str] = ()) -> RunRow:
    """A run as a line of a list; its title leaves out the parts of its cell that are `known` from around it."""
    failed = run.state is Status.FAILED
    return RunRow(
        pk=run.pk,
        title=short_title(run, environments, known),
        status=run.status,
        status_title=run.status.capitalize(),
        progress=_progress(run),
        took=_took(run),
        attempt=run.attempt,
        failure=advice_for(run.failure_code).title if failed else "",
        code=run.failure_code if failed else "",
        can_retry=can_retry,
    )


def short_title(run: Run, environments: Sequence[str], known: Sequence[str] = ()) -> str:
    """Which run of a sweep this is, in few words: `A and P, trial 1, draw 7`."""
    cell = run.cell
    if not cell:
        return f"run {run.trial + 1}"
    parts = {
        "test_envs": held_out_title(environments, cell["test_envs"]),
        "trial_seed": f"trial {cell['trial_seed'] + 1}",
        "hparams_seed": draw_title(cell["hparams_seed"]),
    }
    return ", ".join(text for name, text in parts.items() if name not in known)


def draw_title(hparams_seed: int) -> str:
    """Which draw of hyperparameters, in words; the first are the defaults."""
    return "defaults" if hparams_seed == 0 else f"draw {hparams_seed}"


def cell_title(run: Run, environments: Sequence[str]) -> str:
    """Which run of a sweep this is, in one line; empty for what is no part of one.

    For example: A and P held out, trial 1, draw 7.
    """
    if not run.cell:
        return ""
    held_out = held_out_title(environments, run.cell["test_envs"])
    return f"{held_out} held out, trial {run.cell['trial_seed'] + 1}, {draw_title(run.cell['hparams_seed'])}"


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


def _trial(run: Run) -> int:
    return int(_cell(run)["trial_seed"])


def _held_out(run: Run) -> tuple[int, ...]:
    return tuple(_cell(run)["test_envs"])


def _cell(run: Run) -> Mapping[str, Any]:
    return run.cell or {}
