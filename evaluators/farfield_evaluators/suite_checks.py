"""What a suite must be before it counts: the parts of the right types, and names that are no other part's."""

import json
import re
from collections.abc import Sequence

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.reported import Reported, Unplaced
from farfield_evaluators.run_plan import Cell, Entrant, RunPlan, cells_of, longest
from farfield_evaluators.suite import Importer, OwnImporter, Suite

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_NAME = 60
LONGEST_BENCHMARK_NAME = 100
LONGEST_VERSION = 40


def problem_of(suite: object, point: str) -> str:
    """The first thing that is wrong with what the entry point `point` names; empty when nothing is."""
    if not isinstance(suite, Suite):
        return f"the entry point names no Suite but {type(suite).__name__}"
    problems = (*_own(suite, point), *_parts(suite))
    return next(iter(problems), "") or next(iter(_benchmarks(suite)), "")


def importers_problem(given: Sequence[object]) -> str:
    """The first thing that is wrong with a suite's importers; empty when nothing is."""
    names = [importer.name for importer in given if isinstance(importer, Importer | OwnImporter)]
    alien = next((each for each in given if not isinstance(each, Importer | OwnImporter)), None)
    if alien is not None:
        return f"among them is no importer but {type(alien).__name__}"
    twice = next((name for name in names if names.count(name) > 1), None)
    return f"two of them are called {twice!r}" if twice is not None else ""


def _own(suite: Suite, point: str) -> list[str]:
    found = []
    if suite.name != point:
        found.append(f"the entry point is called {point!r} and the suite {suite.name!r}; they must be the same")
    if not NAME.fullmatch(point) or len(point) > LONGEST_NAME:
        found.append(f"its name must be at most {LONGEST_NAME} lower-case letters, digits and single hyphens")
    if not isinstance(suite.place, int):
        found.append(f"its place is {suite.place!r}, not a number")
    if not callable(suite.importers):
        found.append("its importers are no function")
    return found


def _parts(suite: Suite) -> list[str]:
    found = []
    for field, kind in (("benchmarks", Benchmark), ("reported", Reported), ("unplaced", Unplaced)):
        value = getattr(suite, field)
        if not isinstance(value, tuple):
            found.append(f"its {field} are no tuple but {type(value).__name__}")
            continue
        wrong = next((part for part in value if not isinstance(part, kind)), None)
        if wrong is not None:
            found.append(f"among its {field} is no {kind.__name__} but {type(wrong).__name__}")
    return found


def _benchmarks(suite: Suite) -> list[str]:
    names = [benchmark.name for benchmark in suite.benchmarks]
    found = [] if names else ["it has no benchmark"]
    found += [f"two of its benchmarks are called {name!r}" for name in sorted(set(names)) if names.count(name) > 1]
    for benchmark in suite.benchmarks:
        if len(benchmark.name) > LONGEST_BENCHMARK_NAME or len(benchmark.version) > LONGEST_VERSION:
            most = f"{LONGEST_BENCHMARK_NAME} characters, and a version {LONGEST_VERSION}"
            found.append(f"the benchmark {benchmark.name[:LONGEST_BENCHMARK_NAME]!r}: a name has at most {most}")
    return found


def runs_problem(suite: Suite) -> str:
    """What is wrong with the runs that a benchmark's plan makes, in any tier; empty when nothing is.

    Raises whatever a plan raises. They are made for it, as many as an entry has.
    """
    for benchmark in suite.benchmarks:
        entrant = Entrant(identity="trial of a plan", benchmark=benchmark.name, method="none")
        for tier in [tier.name for tier in benchmark.plan.tiers] or [""]:
            plan = longest(benchmark.plan)
            problem = _cells_problem(plan, cells_of(plan, tier, entrant))
            if problem:
                return f"the plan of {benchmark.name} {problem}"
    return ""


def _cells_problem(plan: RunPlan, cells: Sequence[Cell]) -> str:
    axes = {axis.name for axis in plan.axes}
    seen: set[str] = set()
    for cell in cells:
        if set(cell.at) != axes:
            return f"makes a run at {dict(cell.at)!r}, and its axes are {sorted(axes)}"
        if not isinstance(cell.seed, int) or not 0 <= cell.seed < 2**31:
            return f"gives the run at {dict(cell.at)!r} the seed {cell.seed!r}; it must be from 0 to 2**31 - 1"
        place = json.dumps(dict(cell.at), sort_keys=True, allow_nan=False)
        if place in seen:
            return f"makes the run at {place} twice"
        seen.add(place)
    return "" if cells else "makes no run"
