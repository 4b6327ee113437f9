"""A new plan is one file: grids and folds on the worker's own path, from the command's choice of cells to the table."""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from tests.unit.workers.conftest import Recorder

from farfield.errors import ConfigError
from farfield_evaluators.benchmark import Benchmark, Column, Domain
from farfield_evaluators.catalog import find
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.plans.folds import Folds
from farfield_evaluators.plans.grid import Grid
from farfield_evaluators.plans.store import StoreError
from farfield_evaluators.run_plan import Cell, Entrant, Local, RunPlan, RunStore, cells_of
from farfield_workers.evaluation import Evaluator, Outcome, Request
from farfield_workers.execution import Observer
from farfield_workers.failures import RunFailure
from farfield_workers.following import Follower, chosen_cells
from farfield_workers.installed import Installed
from farfield_workers.runnable import Runnable
from farfield_workers.sandbox.process import ProcessSandbox

STYLES = ("openmoji", "symbola")
DRAWN = Domain(name="drawn", title="Drawn", role="shift", set="shift/{style}")
COLUMN = Column(metric="accuracy", domain="shifts", title="Mean")


def benchmark(plan: RunPlan, *columns: Column) -> Benchmark:
    of_fold = replace(DRAWN, set="shift/{fold}") if isinstance(plan, Folds) else DRAWN
    return replace(find("imagenet-ood/mini"), plan=plan, domains=(of_fold,), columns=(COLUMN, *columns))


@dataclass(frozen=True)
class Counting(Evaluator):
    """Fails in the cells that it is told to, and remembers which it was asked for."""

    fails: list[Cell] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)

    def run(self, request: Request, observer: Observer) -> Outcome:
        self.asked.append(dict(request.cell.at))
        if request.cell in self.fails:
            raise RunFailure("plugin.raised", "not this one")
        return super().run(request, observer)


@dataclass(frozen=True, kw_only=True)
class Home:
    """A method on a benchmark, at home."""

    evaluator: Counting
    request: Request
    folder: Path

    @property
    def entrant(self) -> Entrant:
        return Entrant(identity="local", benchmark=self.request.benchmark.name, method="toy-brightness")

    @property
    def cells(self) -> tuple[Cell, ...]:
        return cells_of(self.request.benchmark.plan, "", self.entrant)

    @property
    def store(self) -> RunStore:
        of = self.request
        values = {"tier": "", "entrant": self.entrant, "description": of.description, "config": of.config}
        return of.benchmark.plan.store(self.folder, Local(benchmark=of.benchmark, **values))

    def follow(self, cells: tuple[Cell, ...], observer: Recorder) -> int:
        follower = Follower(
            evaluator=lambda of: self.evaluator,
            store=self.store,
            request_for=lambda cell: replace(self.request, cell=cell),
        )
        return follower.run(cells, observer)


@pytest.fixture
def home(installed: Installed, sandbox: ProcessSandbox, pack: Pack, tmp_path: Path):
    def make(of: Benchmark, **config: object) -> Home:
        runnable = Runnable(description=installed.method("toy-brightness"))
        request = Request(benchmark=of, pack=pack, runnable=runnable, cell=Cell(at={}), config=config)
        evaluator = Counting(installed, sandbox, tmp_path / "var")
        return Home(evaluator=evaluator, request=request, folder=tmp_path / "kept")

    return make


def test_folds_are_run_one_by_one_and_averaged(home: Any, observer: Recorder) -> None:
    column = Column(metric="accuracy", domain="shifts[fold=symbola]", title="Symbola")
    at_home = home(benchmark(Folds(STYLES, each=True), column))
    assert at_home.follow(at_home.cells, observer) == 2
    assert "toy-brightness: fold symbola\n" in observer.text
    assert at_home.store.report("text") == "Mean      100.0 ± 0.0\nSymbola   100.0 ± 0.0\n2 of 2 runs\n"
    shown = json.loads(at_home.store.report("json"))
    assert [run["at"] for run in shown["runs"]] == [{"fold": name} for name in STYLES]
    assert {score["domain"]: score["trials"] for score in shown["scores"] if "trials" in score}["shifts"] == 2


def test_a_run_that_failed_is_made_again_alone(home: Any, observer: Recorder) -> None:
    at_home = home(benchmark(Folds(STYLES)))
    at_home.evaluator.fails.append(at_home.cells[1])
    with pytest.raises(RunFailure, match="not this one"):
        at_home.follow(at_home.cells, observer)
    assert at_home.store.report("text").endswith("1 of 2 runs\n")
    at_home.evaluator.fails.clear()
    at_home.evaluator.asked.clear()
    assert at_home.follow(at_home.cells, observer) == 1
    assert at_home.evaluator.asked == [{"fold": "symbola"}]


def test_a_grid_is_run_where_it_is_wanted(home: Any, observer: Recorder) -> None:
    grid = Grid(levels={"style": STYLES, "seed": (0, 1)}, mean_over="seed")
    at_home = home(benchmark(grid, Column(metric="accuracy", domain="shifts[style=symbola]", title="Symbola")))
    cells = chosen_cells(grid, at_home.cells, {"style": ["symbola"], "seed": ["all"]})
    assert at_home.follow(cells, observer) == 2
    partial = at_home.store.report("text").splitlines()
    assert (partial[0].split(), partial[1].split()[:2], partial[2]) == (
        ["Mean", "-"],
        ["Symbola", "100.0"],
        "2 of 4 runs",
    )
    assert at_home.follow(at_home.cells, observer) == 2
    assert at_home.store.report("text").startswith("Mean      100.0 ± 0.0")


def test_what_is_kept_is_of_one_method_and_one_setting(home: Any, observer: Recorder) -> None:
    folds = benchmark(Folds(STYLES))
    first = home(folds)
    first.follow(first.cells[:1], observer)
    with pytest.raises(StoreError, match="give another folder"):
        home(folds, shift=1).follow(first.cells, observer)


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ({"shots": ["1"]}, "there is no axis 'shots'; the plan has: style, seed"),
        ({"style": ["clay"]}, r"style is never clay; it is one of: openmoji \(style openmoji\), symbola"),
        ({"seed": ["7"]}, r"seed is never 7; it is one of: 0 \(seed 0\), 1 \(seed 1\)"),
    ],
)
def test_a_cell_that_is_not_there_is_refused_with_those_that_are(wanted: dict[str, list[str]], says: str) -> None:
    grid = Grid(levels={"style": STYLES, "seed": (0, 1)}, mean_over="seed")
    cells = cells_of(grid, "", Entrant(identity="local", benchmark="toy/grid", method="m"))
    with pytest.raises(ConfigError, match=says):
        chosen_cells(grid, cells, wanted)
    assert chosen_cells(grid, cells, {"seed": ["seed 1"]}) == (cells[1], cells[3])
