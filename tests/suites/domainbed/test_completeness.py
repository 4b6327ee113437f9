"""Records that say their run is very long: named at once, in little memory."""

import tracemalloc

import pytest
from tests.suites.domainbed.sweeps import record

from farfield_evaluators.suites.domainbed.completeness import contradictions, unfinished
from farfield_evaluators.suites.domainbed.records import by_cell

ACCURACIES = ([0.5] * 3, [0.5] * 3)
LONG = 2_000_000


@pytest.mark.parametrize(("freq", "after"), [(1, "1, 2, 3, 4, ..."), (None, "100, 200, 300, 400, ...")])
def test_a_long_run_takes_no_memory(freq: int | None, after: str) -> None:
    lines = [record(*ACCURACIES, step=step, steps=LONG, checkpoint_freq=freq) for step in (0, 700)]
    runs = by_cell(lines)
    tracemalloc.start()
    try:
        (short,) = [p for p in unfinished(runs) if "ends" in p.says]
        (gap,) = contradictions(runs)
        (lacks,) = contradictions(runs, frozenset({""}))
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()
    assert short.says == "the run ends with step 700 of 1999999"
    assert gap.says == f"the run has no record of step {after}, and goes on after it"
    assert lacks.says == f"the run has no record of step {after}, and is done"


@pytest.mark.parametrize(
    ("step", "says"), [(150, "step 150 is no checkpoint of this run; they are 0, 100, 200, 300, ..."), (LONG - 1, "")]
)
def test_what_is_no_checkpoint(step: int, says: str) -> None:
    found = [p.says for p in contradictions(by_cell([record(*ACCURACIES, step=step, steps=LONG)]))]
    assert (says in found) == bool(says)
    assert len(found) == (2 if says else 1)
