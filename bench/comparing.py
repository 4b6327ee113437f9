"""What the site worker does to compare the entries of a column: `python -m bench.comparing [--entries 1000]`.

Seconds of processor time, which other work on the machine does not change, and the most memory so far.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np

from farfield_evaluators import outcomes
from farfield_evaluators.figure import Figure
from farfield_evaluators.inference.entries import Entered, estimates
from farfield_evaluators.inference.pairs import compare
from farfield_evaluators.outcomes import DomainOutcomes, Outcomes

EXAMPLES = 50_000
DOMAIN = "test"
ResultT = TypeVar("ResultT")


def main() -> None:
    parser = argparse.ArgumentParser(description="Comparing the entries of a board.")
    parser.add_argument("--entries", type=int, default=1000)
    entries = parser.parse_args().entries
    with tempfile.TemporaryDirectory() as folder:
        file = _file(Path(folder) / "outcomes.parquet")
        _timed(
            f"reading {entries:,} files of {EXAMPLES:,} examples",
            lambda: [outcomes.read(file) for _ in range(entries)][-1],
        )
    entered = [_entered(number, 0.6 + 0.1 * number / entries) for number in range(entries)]
    drawn = _timed("drawing figures", lambda: estimates(entered))
    _timed(f"testing {entries * (entries - 1) // 2:,} pairs", lambda: compare(drawn, higher_is_better=True))


def _file(path: Path) -> Path:
    hits = np.random.default_rng(0).random(EXAMPLES) < 0.6
    domain = DomainOutcomes(domain=DOMAIN, examples=np.arange(EXAMPLES), columns={"hit": hits})
    outcomes.write(Outcomes(benchmark="bench", version="1", fingerprint="0" * 64, domains=(domain,)), path)
    return path


def _entered(number: int, accuracy: float) -> Entered:
    hits = np.random.default_rng(number).random(EXAMPLES) < accuracy
    figure = Figure(metric="accuracy", domain=DOMAIN, value=float(hits.mean()), stderr=0.01, n=EXAMPLES)
    return Entered(key=str(number), figure=figure, runs=({DOMAIN: hits},))


def _timed(what: str, work: Callable[[], ResultT]) -> ResultT:
    started = time.process_time()
    result = work()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{what:<45} {time.process_time() - started:6.2f} s  {memory:5.0f} MB", flush=True)
    return result


if __name__ == "__main__":
    main()
