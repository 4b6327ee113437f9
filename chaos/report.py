"""The end of a round, in words: a table of what was injected, every problem, and one line of counts."""

from collections import defaultdict

from chaos.database import LEASED
from chaos.run import Outcome
from chaos.verify import LEGITIMATE, WRONG, Problem

NEAR_SECONDS = 4.0


def render(outcome: Outcome) -> str:
    """The table, how the runs ended, and the problems."""
    lines = [f"{'injected':<34} {'times':>5}  in which state", *_table(outcome), ""]
    missed = [state for state in ("queued", *LEASED) if not outcome.ledger.injected["worker killed", state]]
    lines += [f"no worker was killed in: {', '.join(missed)}"] if missed else []
    ends = [f"{outcome.verdict[fate]} {fate}" for fate in LEGITIMATE if outcome.verdict[fate]]
    lines += [f"ends: {', '.join(ends)}", *(_explained(p, outcome) for p in outcome.verdict.problems)]
    lines += outcome.problems
    return "\n".join(lines)


def summary(outcome: Outcome) -> str:
    """The last line."""
    counts = [f"{fate} {outcome.verdict[fate]}" for fate in WRONG]
    return " · ".join([f"runs {outcome.verdict.runs}", *counts, f"{outcome.seconds:.0f} s"])


def _explained(problem: Problem, outcome: Outcome) -> str:
    """With the faults that were injected while the run was held, in seconds after it was claimed."""
    near = [
        f"{at - problem.begin:+.1f} s {kind}"
        for at, kind in outcome.ledger.journal
        if problem.begin - NEAR_SECONDS < at < problem.end + NEAR_SECONDS
    ]
    length = problem.end - problem.begin
    return f"{problem.fate}: {problem.text} [{length:.1f} s; {', '.join(near) or 'no fault near'}]"


def _table(outcome: Outcome) -> list[str]:
    kinds: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for (kind, detail), count in sorted(outcome.ledger.injected.items()):
        kinds[kind].append((detail, count))
    return [f"{kind:<34} {sum(c for _, c in found):>5}  {_details(found)}" for kind, found in kinds.items()]


def _details(found: list[tuple[str, int]]) -> str:
    return ", ".join(f"{detail} {count}" for detail, count in found if detail)
