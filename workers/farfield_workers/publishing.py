"""Results to be entered on a site: checked and packed here first, so that what it would refuse is never sent."""

from pathlib import Path

from farfield.errors import ConfigError
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import find
from farfield_evaluators.run_plan import HandedIn, NotRunnable


def packed(path: Path, benchmark: str, tier: str, form: str) -> tuple[str, bytes]:
    """(name, content) of the file to send: one method's whole results in the tier; "" is the usual one.

    `form` is what the results are said to be, such as `records`. Raises FileRefused where they are not whole,
    NotRunnable where the benchmark takes none, and ConfigError for another form or tier than it has.
    """
    known = find(benchmark, explain=True)
    taken = _form_of(known)
    if form == "records" and taken.kind != form:
        raise ConfigError([f"results on {benchmark} are {taken.noun}: give them by --predictions"])
    if taken.kind == "records" and form != taken.kind:
        raise ConfigError([f"results on {benchmark} are {taken.noun}: give them by --records"])
    return f"{taken.kind}{taken.suffix}", taken.packed(path, known, _tier(known, tier))


def _form_of(benchmark: Benchmark) -> HandedIn:
    if benchmark.handed_in is None:
        raise NotRunnable(f"{benchmark.name} takes no results that were made elsewhere; enter the method itself")
    return benchmark.handed_in


def _tier(benchmark: Benchmark, name: str) -> str:
    names = [tier.name for tier in benchmark.plan.tiers]
    if name and name not in names:
        has = f"it has: {', '.join(names)}" if names else "it has none"
        raise ConfigError([f"--tier {name} is no tier of {benchmark.name}; {has}"])
    return name or (names[0] if names else "")
