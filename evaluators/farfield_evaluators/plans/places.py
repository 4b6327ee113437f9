"""A benchmark at one place of its plan: `{fold}` in the name of a set stands for the value that a cell has there."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from farfield_evaluators.run_plan import Json

if TYPE_CHECKING:
    from farfield_evaluators.benchmark import Benchmark

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def placed(benchmark: "Benchmark", at: Json) -> "Benchmark":
    """The benchmark with the sets of one cell; itself where no set's name has a placeholder."""
    domains = tuple(replace(domain, set=_filled(domain.set, at)) for domain in benchmark.domains)
    train = None if benchmark.train_set is None else _filled(benchmark.train_set, at)
    parts = {name: _filled(text, at) for name, text in benchmark.parts.items()}
    if (domains, train, parts) == (benchmark.domains, benchmark.train_set, benchmark.parts):
        return benchmark
    return replace(benchmark, domains=domains, train_set=train, parts=parts)


def strange_placeholders(benchmark: "Benchmark", axes: Sequence[str]) -> list[str]:
    """Why the sets of the benchmark cannot be told from a cell on these axes; empty when they can."""
    sets = [domain.set for domain in benchmark.domains] + list(benchmark.learned_from().values())
    named = [name for text in sets for name in _PLACEHOLDER.findall(text) if name not in axes]
    return [f"a set is named by {{{name}}}, which is no axis of its plan" for name in dict.fromkeys(named)]


def _filled(text: str, at: Json) -> str:
    return _PLACEHOLDER.sub(lambda found: str(at.get(found[1], found[0])), text)
