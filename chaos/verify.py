"""Pure: what the database holds at the end -> what went wrong, counted."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from chaos.pack import right_scores
from chaos.plugin import FLOOD, MARK, METHODS

ENDED = ("succeeded", "failed", "cancelled")
KILLED = "plugin.crashed"  # what an author is told when the method's process died
SLACK_SECONDS = 3.0  # between a kill and the state that the database shows


class Figure(NamedTuple):
    """A stored score."""

    attempt: int
    metric: str
    domain: str
    value: float


class Problem(NamedTuple):
    """Something that must not be: its count, a sentence, and when the run was held (seconds since 1970; 0: unknown)."""

    fate: str
    text: str
    begin: float = 0.0
    end: float = 0.0


class Kill(NamedTuple):
    """The sandboxed process of a worker was killed, at these seconds since 1970."""

    worker: str
    at: float


@dataclass(frozen=True, kw_only=True)
class RunState:
    """A run as the database has it. Times in seconds since 1970; `successes` counts its moves to succeeded."""

    id: str
    submission: str
    title: str
    method: str
    answer: int
    status: str
    attempt: int = 1
    worker: str = ""
    started: float | None = None
    finished: float | None = None
    code: str = ""
    message: str = ""
    quota_returned: bool = False
    log: str = ""
    figures: tuple[Figure, ...] = ()
    successes: int = 0


@dataclass(frozen=True, kw_only=True)
class State:
    """Submissions (id -> title) and runs."""

    submissions: Mapping[str, str]
    runs: tuple[RunState, ...]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """How many runs had each fate; the counts are the tool's result."""

    runs: int
    counts: Mapping[str, int]
    problems: tuple[Problem, ...] = ()

    def __getitem__(self, fate: str) -> int:
        return self.counts.get(fate, 0)


WRONG = ("lost", "stuck", "doubled", "mislabelled", "log missing", "quota kept")
LEGITIMATE = ("succeeded", "failed as written", "ended by a kill", "platform failed", "cancelled")


def verify(state: State, accepted: Mapping[str, str], kills: Iterable[Kill] = ()) -> Verdict:
    """`accepted`: what the site confirmed, submission -> title; `kills`: of sandboxed processes alone."""
    kills = tuple(kills)
    found = [Problem(fate, text) for fate, text in (*_lost(state, accepted), *_entered_twice(state))]
    for run in state.runs:
        found += [_problem(run, fate, text) for fate, text in _of_run(run, kills)]
    counts = Counter(problem.fate for problem in found) + Counter(fate_of(run, kills) for run in state.runs)
    return Verdict(runs=len(accepted), counts=counts, problems=tuple(found))


def fate_of(run: RunState, kills: tuple[Kill, ...]) -> str:
    """How it ended, in one of the ways that are legitimate; "" otherwise."""
    if run.status in ("succeeded", "cancelled"):
        return run.status
    if run.status != "failed":
        return "open"
    if run.code.startswith("platform."):
        return "platform failed"
    if run.code == METHODS.get(run.method):
        return "failed as written"
    return "ended by a kill" if _was_killed(run, kills) else "wrongly failed"


def _lost(state: State, accepted: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    with_runs = {run.submission for run in state.runs}
    for submission, title in accepted.items():
        if submission not in state.submissions:
            yield "lost", f"submission {submission} ({title}) was accepted and is not in the database"
        elif submission not in with_runs:
            yield "lost", f"submission {submission} ({title}) has no run"


def _entered_twice(state: State) -> Iterator[tuple[str, str]]:
    for title, count in Counter(state.submissions.values()).items():
        if count > 1:
            yield "doubled", f"{title!r} was entered {count} times"
    for (submission, title), count in Counter((r.submission, r.title) for r in state.runs).items():
        if count > 1:
            yield "doubled", f"submission {submission} ({title}) has {count} runs for one trial"


def _of_run(run: RunState, kills: tuple[Kill, ...]) -> Iterator[tuple[str, str]]:
    if run.status not in ENDED:
        yield "stuck", f"is still {run.status}"
    yield from _doubled(run)
    yield from _mislabelled(run, kills)
    if _must_have_log(run, kills) and not _has_log(run):
        yield "log missing", f"its log ({len(run.log)} characters) lacks what the method printed"
    if run.code.startswith("platform.") and not run.quota_returned:
        yield "quota kept", f"failed with {run.code} and still counts against the quota"


def _doubled(run: RunState) -> Iterator[tuple[str, str]]:
    figures = Counter((figure.metric, figure.domain) for figure in run.figures)
    if run.successes > 1:
        yield "doubled", f"succeeded {run.successes} times"
    elif len({figure.attempt for figure in run.figures}) > 1 or any(count > 1 for count in figures.values()):
        yield "doubled", "holds a figure twice, or figures of several attempts"


def _mislabelled(run: RunState, kills: tuple[Kill, ...]) -> Iterator[tuple[str, str]]:
    if run.status == "failed" and not (run.code and run.message):
        yield "mislabelled", "failed without a code or a message"
    elif fate_of(run, kills) == "wrongly failed":
        yield "mislabelled", f"failed with {run.code} ({run.message}), which is not its method's doing"
    if run.status == "succeeded" and not _scores_are_right(run):
        yield "mislabelled", "succeeded with wrong scores"
    if run.status != "succeeded" and run.figures:
        yield "mislabelled", f"is {run.status} and has scores"


def _scores_are_right(run: RunState) -> bool:
    if METHODS.get(run.method) != "":
        return False
    found, right = {(f.metric, f.domain): f.value for f in run.figures}, right_scores(run.answer)
    metrics = {metric for metric, _ in found}
    whole = {(metric, domain) for metric in metrics for _, domain in right}
    return found.keys() == whole >= right.keys() and all(math.isclose(found[k], right[k], abs_tol=1e-9) for k in right)


def _must_have_log(run: RunState, kills: tuple[Kill, ...]) -> bool:
    """Whether its method has certainly printed something: kills wait for that."""
    return fate_of(run, kills) in ("succeeded", "failed as written", "ended by a kill")


def _has_log(run: RunState) -> bool:
    """Of a flood the last lines are kept, and it may have pushed out the first."""
    return f"{MARK} {run.answer}" in run.log or (run.method == "chaos-floods" and FLOOD in run.log)


def _was_killed(run: RunState, kills: tuple[Kill, ...]) -> bool:
    if run.code != KILLED or run.started is None or run.finished is None:
        return False
    begin, end = run.started - SLACK_SECONDS, run.finished + SLACK_SECONDS
    return any(kill.worker == run.worker and begin <= kill.at <= end for kill in kills)


def _problem(run: RunState, fate: str, text: str) -> Problem:
    about = f"run {run.id} ({run.title}, {run.method}, attempt {run.attempt}, {run.worker}) {text}"
    return Problem(fate, about, run.started or 0.0, run.finished or 0.0)
