"""What the site worker does to compare the entries of a column, in seconds of its processor."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np

from bench.result import Result
from farfield_evaluators import outcomes
from farfield_evaluators.figure import Figure
from farfield_evaluators.inference.entries import Entered, estimates
from farfield_evaluators.inference.pairs import compare
from farfield_evaluators.outcomes import DomainOutcomes, Outcomes

DOMAIN = "test"
ResultT = TypeVar("ResultT")


def comparing(folder: Path, entries: int, examples: int) -> Iterator[Result]:
    """Files of outcomes read, figures drawn, and all pairs tested: once each, for nothing here has a peer."""
    file = _file(folder / "outcomes.parquet", examples)
    _, reading = _timed(lambda: [outcomes.read(file) for _ in range(entries)][-1])
    entered = [_entered(number, 0.6 + 0.1 * number / entries, examples) for number in range(entries)]
    drawn, drawing = _timed(lambda: estimates(entered))
    _, testing = _timed(lambda: compare(drawn, higher_is_better=True))
    named = {
        f"outcomes of {entries:,} entries read, {examples:,} examples each": reading,
        f"figures of {entries:,} entries drawn": drawing,
        f"{entries * (entries - 1) // 2:,} pairs tested": testing,
    }
    yield from (Result(row=5, name=name, ours=(seconds,), unit="s") for name, seconds in named.items())


def _file(path: Path, examples: int) -> Path:
    hits = np.random.default_rng(0).random(examples) < 0.6
    domain = DomainOutcomes(domain=DOMAIN, examples=np.arange(examples), columns={"hit": hits})
    outcomes.write(Outcomes(benchmark="bench", version="1", fingerprint="0" * 64, domains=(domain,)), path)
    return path


def _entered(number: int, accuracy: float, examples: int) -> Entered:
    hits = np.random.default_rng(number).random(examples) < accuracy
    figure = Figure(metric="accuracy", domain=DOMAIN, value=float(hits.mean()), stderr=0.01, n=examples)
    return Entered(key=str(number), figure=figure, runs=({DOMAIN: hits},))


def _timed(work: Callable[[], ResultT]) -> tuple[ResultT, float]:
    """Of the processor, which other work on the machine changes little."""
    started = time.process_time()
    return work(), time.process_time() - started
