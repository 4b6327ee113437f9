"""Tasks in sequence: what a run learns from and in which order, and the paper's three figures of its own results."""

import json
from pathlib import Path

import numpy as np
import pytest

from farfield.errors import SpecError
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import find, reported_for
from farfield_evaluators.data.label_space import subset
from farfield_evaluators.data.packs import ArrayExample, Pack, PackClass, Source, build
from farfield_evaluators.evaluate import Truth, evaluate
from farfield_evaluators.run_plan import Cell, Chosen, Entrant, Staged, Staging, cells_of
from farfield_evaluators.suites.mtil import matrix
from farfield_evaluators.suites.mtil.board import sequence_board
from farfield_evaluators.suites.mtil.names import REFERENCE, asked_of, learned_sets, train_of
from farfield_evaluators.suites.mtil.plan import InOrder

RELEASE = json.loads(Path(__file__).with_name("release.json").read_text(encoding="utf-8"))
ENTRANT = Entrant(identity="a", benchmark="own/tasks", method="any")
TASKS = {"a": ("p", "q"), "b": ("r",), "c": ("s", "t")}
CLASSES = tuple(name for names in TASKS.values() for name in names)
PLAN = InOrder((("a", "b", "c"), ("c", "a", "b")))


def board(plan: InOrder = PLAN) -> Benchmark:
    said = dict.fromkeys(("title", "summary", "description", "licence"), "Squares.")
    return sequence_board({name: name.upper() for name in TASKS}, plan, name="own/tasks", pack="own-tasks", **said)


@pytest.fixture(scope="module")
def squares(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """Two pictures of each class to learn from and two to test, and three of no class."""
    domains = (*TASKS, REFERENCE)
    rows = [
        (named(task), CLASSES.index(name), domains.index(task))
        for task, names in TASKS.items()
        for name in names
        for named in (train_of, asked_of)
        for _ in range(2)
    ]
    rows += [(REFERENCE, -1, domains.index(REFERENCE))] * 3
    source = Source(
        name="own-tasks",
        title="Squares",
        licence="CC0",
        classes=tuple(PackClass(name=name, synsets=()) for name in CLASSES),
        domains=domains,
        shape=(2, 2, 3),
        examples=tuple(
            ArrayExample(pixels=np.full((2, 2, 3), number, np.uint8).tobytes(), set=name, label=label, domain=domain)
            for number, (name, label, domain) in enumerate(rows)
        ),
        joined=learned_sets(PLAN.orders),
    )
    return build(source, tmp_path_factory.mktemp("packs"))


def staged(pack: Pack, folder: Path, order: int, after: int) -> Staged:
    staging = Staging(
        benchmark=board(),
        pack=pack,
        tier="",
        cell=Cell(at={"order": order, "after": after}),
        entrant=ENTRANT,
        description={"name": "any", "inputs": {"kind": "images"}},
        config={},
        folder=folder,
    )
    return PLAN.stage(staging)


@pytest.mark.parametrize("name", RELEASE)
def test_the_figures_of_the_release_are_those_that_are_reported(name: str) -> None:
    method, _, order = name.partition(", order ")
    reported = next(each for each in reported_for("mtil/official") if each.method == method).figures
    accuracies = np.array(RELEASE[name]) / 100
    for of, function in (("transfer", matrix.transfer), ("average", matrix.average), ("last", matrix.last)):
        figure = reported["accuracy", f"{of}[order={order or 1}]"]
        assert function(accuracies) == pytest.approx(figure, abs=5.1e-4), of


def test_an_order_that_has_all_its_rows_has_the_three_figures() -> None:
    accuracies = np.array([[0.9, 0.5, 0.3], [0.8, 0.9, 0.1], [0.7, 0.8, 0.6]])
    at = [(after, place) for after in range(3) for place in range(3)]
    chosen = [
        Chosen(
            metric="accuracy",
            domain=PLAN.orders[1][place],
            value=float(accuracies[after, place]),
            stderr=0.06,
            n=10,
            at={"order": 2, "after": after + 1},
        )
        for after, place in at
    ]
    found = {figure.domain: figure for figure in PLAN.figures(chosen)}
    assert found["c[order=2,after=1]"].value == 0.9
    assert found["a[order=2,after=3]"].value == 0.8
    assert found["transfer[order=2]"].value == pytest.approx((0.5 + (0.3 + 0.1) / 2) / 2)
    assert found["average[order=2]"].value == pytest.approx(accuracies.mean())
    assert found["last[order=2]"].value == pytest.approx((0.7 + 0.8 + 0.6) / 3)
    assert found["last[order=2]"].stderr == pytest.approx(0.06 / 3**0.5)
    assert (found["transfer[order=2]"].n, found["average[order=2]"].n) == (20, 30)
    assert "last[order=1]" not in found
    assert not [f for f in PLAN.figures(chosen[:-1]) if f.domain.startswith("average")]


def test_a_run_learns_from_its_tasks_in_its_order_and_from_no_later_one(squares: Pack, tmp_path: Path) -> None:
    after = staged(squares, tmp_path / "two", order=2, after=2)
    domains, labels = (np.load(tmp_path / "two" / "train" / f"{name}.npy") for name in ("domains", "labels"))
    assert after.job["domain_names"] == ("c", "a", REFERENCE)
    assert {CLASSES[label] for label in labels[domains == 0]} == set(TASKS["c"])
    assert {CLASSES[label] for label in labels[domains == 1]} == set(TASKS["a"])
    assert len(labels) == 8
    assert np.load(tmp_path / "two" / "unlabeled" / "domains.npy").tolist() == [2, 2, 2]
    assert not (tmp_path / "two" / "unlabeled" / "labels.npy").exists()
    assert after.examples == 2 * len(CLASSES)


def test_runs_of_an_order_begin_alike_and_those_of_two_do_not() -> None:
    cells = cells_of(PLAN, "", ENTRANT)
    assert [cell.at for cell in cells[2:4]] == [{"order": 1, "after": 3}, {"order": 2, "after": 1}]
    assert len({cell.seed for cell in cells}) == 2 == len({cell.seed for cell in cells[2:4]})


def test_orders_are_of_the_tasks_and_in_the_key() -> None:
    with pytest.raises(SpecError, match="the order a, b is not one of its tasks a, b, c"):
        board(InOrder((("a", "b"),)))
    assert board().comparability_key("f") != board(InOrder(PLAN.orders[:1])).comparability_key("f")


def test_on_a_task_the_classes_of_others_do_not_count() -> None:
    """On the shipped board: who thinks that all is the likeliest class of another task still has a task's own right."""
    drawings = find("mtil/drawings")
    truth = Truth(
        labels=np.array([0, 5, 9, 15]), domains=np.arange(4), classes=20, spaces={0: subset([0, 1]), 1: subset([5, 6])}
    )
    logits = np.zeros((4, 20), np.float32)
    logits[np.arange(4), [0, 5, 9, 15]], logits[:, 19] = 1.0, 2.0
    found = {figure.domain: figure.value for figure in evaluate(drawings, truth, {"logits": logits})}
    assert found == {"food": 1.0, "traffic": 1.0, "farm": 0.0, "wild": 0.0}
