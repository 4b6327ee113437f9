"""DomainBed as a run plan: the cells, seeds, choices and figures that the sweep's own modules have."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from tests.suites.domainbed.sweeps import by_hash, sweep, vlcs, with_statistics

from farfield_evaluators.catalog import find
from farfield_evaluators.run_plan import Cell, Chosen, Entrant, Evidence, NotRunnable, cell_title, cells_of
from farfield_evaluators.suites.domainbed import board, datasets
from farfield_evaluators.suites.domainbed import sweep as sweeps
from farfield_evaluators.suites.domainbed.benchmarks import DOMAINBED
from farfield_evaluators.suites.domainbed.lines import lines_of
from farfield_evaluators.suites.domainbed.packing import run_files
from farfield_evaluators.suites.domainbed.plan import DomainBed
from farfield_evaluators.suites.domainbed.records import Record, by_cell

COLORED = find("domainbed/colored-mnist").plan
ENTRANT = Entrant(identity="any", benchmark="domainbed/colored-mnist", method="groupdro")


def at(cell: sweeps.Cell) -> dict[str, Any]:
    return {
        "test_envs": list(cell.test_envs),
        "hparams_seed": cell.hparams_seed,
        "trial_seed": cell.trial_seed,
    }


def runs(records: Iterable[Record], sizes: Sequence[int] = ()) -> list[tuple[Cell, Evidence]]:
    facts = {"sizes": list(sizes)} if sizes else {}
    return [(Cell(at=at(cell)), Evidence(lines=lines_of(of), facts=facts)) for cell, of in by_cell(records).items()]


def digests(plan: Any, given: Sequence[tuple[Cell, Evidence]]) -> list[Chosen]:
    groups = sorted({group for cell, _ in given for group in plan.groups(cell.at)})
    return [c for g in groups for c in plan.digest(g, [one for one in given if g in plan.groups(one[0].at)])]


@pytest.mark.parametrize("benchmark", DOMAINBED, ids=lambda b: b.name)
def test_the_cells_of_every_tier_are_those_of_the_sweep(benchmark: Any) -> None:
    entrant = replace(ENTRANT, benchmark=benchmark.name)
    for tier in benchmark.plan.tiers:
        made = cells_of(benchmark.plan, tier.name, entrant)
        wanted = sweeps.cells(datasets.find(benchmark.name), "GroupDRO", sweeps.tier(tier.name))
        assert [(dict(cell.at), cell.seed) for cell in made] == [(at(cell), cell.seed) for cell in wanted]
        assert benchmark.plan.count(tier.name) == len(wanted)


def test_a_run_is_named_by_its_axes() -> None:
    plan = find("domainbed/pacs").plan
    place = {"test_envs": [0, 3], "hparams_seed": 7, "trial_seed": 0}
    assert cell_title(plan, place) == "Art paintings and Sketches held out, trial 1, draw 7"
    assert cell_title(plan, place | {"hparams_seed": 0}, ["test_envs"], whole=False) == "trial 1, defaults"


def test_the_choices_and_the_figures_are_those_of_the_board() -> None:
    records = with_statistics(sweep(by_hash, trials=2, hparams=2, pairs=True))
    sizes = [10, 20, 30]
    chosen = [c for t in range(2) for e in range(3) for c in board.choose_all(records, e, t, sizes)]
    given = digests(COLORED, runs(records, sizes))
    assert len(given) == len(chosen)
    assert COLORED.figures(given) == board.scores_of(chosen, datasets.COLORED_MNIST)


def test_records_handed_in_at_once_give_the_same() -> None:
    records = vlcs()
    plan = find("domainbed/vlcs").plan
    whole = digests(plan, [(Cell(at={}), Evidence(lines=lines_of(records)))])
    assert plan.figures(whole) == plan.figures(digests(plan, runs(records)))
    assert plan.groups({}) == ("",)


def test_evidence_is_believed_of_its_own_run_alone() -> None:
    of, entrant = sweeps.DEFAULTS, replace(ENTRANT, method="erm")
    records = sweep(by_hash, trials=1, steps=datasets.COLORED_MNIST.steps)
    (cell, given), (other, _), *_ = runs(records, [10, 20, 30])
    assert COLORED.problems(of.name, cell, entrant, given) == []
    assert "not by the tier's protocol" in COLORED.problems("smoke", cell, entrant, given)[0]
    assert "and not of" in " ".join(COLORED.problems(of.name, other, entrant, given))
    assert COLORED.problems(of.name, cell, entrant, replace(given, facts={"sizes": [1, 2]}))[0].startswith("2 sizes")
    assert COLORED.problems(of.name, cell, entrant, replace(given, facts={"more": 1}))[0].endswith("sizes, a list")
    assert "cut off" in COLORED.problems(of.name, cell, entrant, replace(given, lines=given.lines[:-1]))[0]
    assert COLORED.problems(of.name, Cell(at={}), entrant, Evidence())[0] == "no records came of the upload"


@pytest.mark.parametrize(
    "place",
    [
        {},
        {"test_envs": [3], "hparams_seed": 0, "trial_seed": 0},
        {"test_envs": [0], "hparams_seed": -1, "trial_seed": 0},
    ],
)
def test_a_run_that_the_data_set_cannot_have_is_the_platforms_fault(place: dict[str, Any]) -> None:
    assert isinstance(COLORED, DomainBed)
    with pytest.raises(NotRunnable) as error:
        COLORED.cell_at(place, "erm")
    assert error.value.code == "platform.benchmark_version"


def test_what_was_computed_here_leaves_rounded() -> None:
    records = with_statistics(sweep(by_hash, trials=1))
    (cell, given), *_ = runs(records)
    of_run = by_cell(records)[next(iter(by_cell(records)))]
    assert list(COLORED.files(cell, given, None)) == list(run_files(of_run))
    assert list(COLORED.files(Cell(at={}), given, lambda value: 0.0)) == list(run_files(of_run))
    assert '"env0_in_acc": 0.0' in next(iter(COLORED.files(cell, given, lambda value: 0.0)))[1]


def test_a_rule_says_which_tiers_lack_it() -> None:
    titles = {selection.name: selection.title for selection in COLORED.selections}
    assert list(titles) == ["iid", "loo", "oracle", "variation"]
    lacking = {s.name: set(s.lacking) for s in COLORED.selections}
    assert lacking == {
        "iid": set(),
        "loo": {"defaults", "iid", "adaptation", "smoke"},
        "oracle": set(),
        "variation": set(),
    }
