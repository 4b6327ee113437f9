"""Data selection: what is taken for a choice, what is refused with a sentence, and what a run writes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from farfield import Features, MethodSpec, RunContext, TaskFamily, TrackClaims
from farfield.errors import JobError, ProtocolError
from farfield.families.data_selection import FAMILY, KEPT, MOST, positions_of
from farfield.families.family import Schedule
from farfield.families.toys import Toys
from farfield.runtime.rows import Out
from farfield.testing import check_method

COUNTER = iter(range(10**9))


class First:
    """The first examples, as many as may be chosen."""

    def __init__(self, context: RunContext | None = None) -> None:
        self.context = context

    def choose(self, train: Any, most: int) -> Any:
        return np.arange(most)


class Anew(First):
    """Others in every build."""

    def choose(self, train: Any, most: int) -> Any:
        return [next(COUNTER) % len(train)]


def spec(build: Callable[..., Any], **changes: Any) -> MethodSpec:
    good: dict[str, Any] = {"inputs": Features(backbone="toy", dim=3), "claims": TrackClaims(backbone="none")}
    return MethodSpec(name="toy", family=TaskFamily.DATA_SELECTION, summary="A toy.", build=build, **good | changes)


def test_positions_are_taken_in_any_order_and_of_any_whole_type() -> None:
    assert positions_of([4, 0, 2], 5, 3).tolist() == [4, 0, 2]
    assert positions_of(np.array([1], np.uint8), 5, 3).dtype == np.int64


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        ([0, 1, 2, 3], "4 examples are chosen; the budget is from 1 to 3"),
        (np.zeros(0, np.int64), "0 examples are chosen"),
        ([0, 0], "an example is chosen twice"),
        ([5], "an example beyond the 5 of the training set"),
        ([-1], "an example beyond the 5 of the training set"),
        ([0.0, 1.0], r"whole numbers \[K\], the positions of examples, got float64 \[2\]$"),
        (np.array([np.nan]), "whole numbers"),
        ([], r"got float64 \[0\]"),
        ([[0], [1]], r"got int64 \[2, 1\]"),
        (np.array([True, False, True, False, False]), "np.flatnonzero makes them of a mask"),
        (None, "whole numbers"),
        (np.array([2**63], np.uint64), "an example beyond the 5"),
    ],
)
def test_what_is_no_choice_is_refused(returned: object, said: str) -> None:
    with pytest.raises(ProtocolError, match=said):
        positions_of(returned, 5, 3)


def test_a_good_method_passes_and_one_that_is_not_seeded_does_not(tmp_path: Path) -> None:
    check_method(spec(First), tmp_path)
    check_method(spec(Anew, stochastic=True), tmp_path)
    with pytest.raises(ProtocolError, match="two runs with the same seed choose other examples"):
        check_method(spec(Anew), tmp_path)


def test_a_method_that_has_no_choose_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="misses `choose`, which the data-selection protocol requires"):
        check_method(spec(lambda context: object()), tmp_path)


def toys() -> Toys:
    class Building:
        spec, inputs = spec(First), Features(backbone="toy", dim=3)

        def __call__(self) -> Any:
            return First()

    return Toys(Building())


def test_a_run_writes_a_mark_for_each_example_to_choose_from(tmp_path: Path) -> None:
    out = Out(tmp_path, lambda *_: None)
    FAMILY.run(First(), toys(), out, Schedule(steps={MOST: 4}))
    kept = np.load(tmp_path / f"{KEPT}.npy")
    assert (out.names, kept.dtype, kept.tolist()) == ([KEPT], np.uint8, [1] * 4 + [0] * 8)


def test_a_job_that_says_no_budget_is_refused(tmp_path: Path) -> None:
    with pytest.raises(JobError, match="how many examples are chosen at most"):
        FAMILY.run(First(), toys(), Out(tmp_path, lambda *_: None), Schedule())
