"""mPC and rPC against the reference's way to compute them, and what they must not be taken for."""

import doctest
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import catalog, find, reported_for
from farfield_evaluators.figure import Figure
from farfield_evaluators.metric import Metric
from farfield_evaluators.metrics.corruption import MAIN, Place, place_of
from farfield_evaluators.scoring.scorer import Wanted
from farfield_evaluators.scoring.test import Test
from farfield_evaluators.suites.coco_c import measures, sets
from farfield_evaluators.suites.coco_c.measures import PLACES, UnderCorruption, mean_performance, relative_performance

BOARD = find("coco-c/scenes")
SHARES = st.floats(0, 1)
PUBLISHED = [
    (r.figures["ap", "clean"], r.figures["mpc", "shifts"], r.figures["rpc", "shifts"])
    for r in reported_for("coco-c/coco")
]


@dataclass(frozen=True)
class Said:
    """A scorer that gives the AP of each domain as it is told, and its mean over aggregates."""

    values: tuple[tuple[str, float], ...]
    gives: tuple[Metric, ...] = (BOARD.metric("ap"),)

    def needs(self, test: Test):
        return ()

    def score(self, tests, wanted: Wanted):
        known = dict(self.values)
        figures = [
            Figure(metric="ap", domain=t.domain, value=known[t.domain], stderr=None, n=10)
            for t in tests
            if t.domain in known
        ]
        yield from wanted.of(self.gives[0], figures, tests)


def figures_of(values: dict[str, float], board: Benchmark = BOARD) -> dict[tuple[str, str], float]:
    """Of a detector with this AP on each domain."""
    nothing = {"boxes-rows": np.zeros(10, np.int64)}
    tests = [
        Test(domain=d.name, role=d.role, outputs=nothing, targets={}, attributes={}, classes=1, count=10)
        for d in board.domains
    ]
    scorer = UnderCorruption(scorer=Said(tuple(values.items())))
    wanted = Wanted(metrics=frozenset(m.name for m in board.metrics), aggregates=board.aggregates)
    return {figure.key: figure.value for figure in scorer.score(tests, wanted)}


def by_domain(grid: np.ndarray, clean: float) -> dict[str, float]:
    names = [f"{name.replace('_', '-')}-{level + 1}" for name in MAIN for level in range(5)]
    return {"clean": clean, **dict(zip(names, grid.reshape(-1).tolist(), strict=True))}


@settings(max_examples=25)
@given(arrays(np.float64, (15, 5), elements=SHARES), st.floats(0.01, 1))
def test_the_reference_takes_the_mean_over_corruptions_and_severities(grid: np.ndarray, clean: float) -> None:
    """Its tool fills an array of 15 x 5 and prints mean(), and that over the clean figure."""
    figures = figures_of(by_domain(grid, clean))
    assert figures["mpc", "shifts"] == pytest.approx(grid.mean())
    assert figures["rpc", "shifts"] == pytest.approx(grid.mean() / clean)
    assert figures["ap", "shifts"] == pytest.approx(figures["mpc", "shifts"])
    for name, row in zip(MAIN, grid, strict=True):
        assert figures["ap", name.replace("_", "-")] == pytest.approx(row.mean())


@pytest.mark.parametrize(("clean", "mpc", "rpc"), PUBLISHED)
def test_published_figures_agree_with_one_another(clean: float, mpc: float, rpc: float) -> None:
    relative = relative_performance(mpc, clean)
    assert relative == pytest.approx(rpc, abs=0.0025)  # all three were rounded


def test_masks_are_told_of_beside_the_board() -> None:
    masks = [one for one in catalog().unplaced if one.figure.startswith("COCO-C, masks")]
    found = {one.figure.rpartition(", ")[2]: one.value for one in masks if one.method == "Mask R-CNN, ResNet-50"}
    assert found == {"clean AP": 0.342, "mPC": 0.168, "rPC": 0.491}


def test_the_board_ranks_by_mpc_and_rpc_would_rank_otherwise() -> None:
    """A detector that finds little loses little: by rPC the worse one would win."""
    weak = figures_of(by_domain(np.full((15, 5), 0.09), 0.10))
    strong = figures_of(by_domain(np.full((15, 5), 0.20), 0.40))
    assert weak["rpc", "shifts"] > strong["rpc", "shifts"]
    for name in ("coco-c/scenes", "coco-c/coco"):
        headline = find(name).columns[0]
        assert (headline.metric, headline.domain) == ("mpc", "shifts")
        assert weak[headline.metric, headline.domain] < strong[headline.metric, headline.domain]


@pytest.mark.parametrize("missing", ["fog-3", "gaussian-noise-1"])
def test_a_mean_over_some_of_the_corruptions_is_not_called_mpc(missing: str) -> None:
    values = by_domain(np.full((15, 5), 0.5), 0.5)
    del values[missing]
    figures = figures_of(values)
    assert not {key for key in figures if key[0] in ("mpc", "rpc")}
    assert figures["ap", "snow"] == 0.5
    with pytest.raises(ValueError, match=r"15 corruptions at 5 severities; missing: fog 3"):
        mean_performance({place: 0.5 for place in PLACES if place != Place(corruption="fog", severity=3)})


def test_without_a_clean_figure_there_is_no_relative_one() -> None:
    figures = figures_of(by_domain(np.full((15, 5), 0.25), 0.0))
    assert ("mpc", "shifts") in figures
    assert ("rpc", "shifts") not in figures


def test_every_domain_is_a_corruption_at_a_severity_or_clean() -> None:
    for name in ("coco-c/scenes", "coco-c/coco"):
        clean, *corrupted = find(name).domains
        assert (clean.name, clean.role, clean.set) == ("clean", "id", "clean")
        assert [place_of(domain.name) for domain in corrupted] == list(PLACES)
        assert [place_of(domain.set) for domain in corrupted] == list(PLACES)


def test_the_examples_in_the_docstrings() -> None:
    assert doctest.testmod(measures).failed == doctest.testmod(sets).failed == 0
