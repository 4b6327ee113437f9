"""DomainBed on one machine, with real runner processes on small data."""

import json
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from tests.domaintoys import install_domain_toys
from tests.suites.domainbed.data.trees import digit_files
from tests.toyplugin import install_toy_plugin
from tests.unit.workers.conftest import Recorder, described

from farfield.cli import main
from farfield.errors import ConfigError
from farfield_evaluators.catalog import find
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.run_plan import Cell, Entrant, Local, cells_of
from farfield_evaluators.suites.domainbed.data.digits import MNIST, import_digits
from farfield_evaluators.suites.domainbed.datasets import COLORED_MNIST
from farfield_evaluators.suites.domainbed.folder import read_sweep
from farfield_evaluators.suites.domainbed.plan import DomainBed
from farfield_evaluators.suites.domainbed.problems import DUPLICATE, MIXED, UNFINISHED, RecordsError
from farfield_evaluators.suites.domainbed.records import by_cell
from farfield_evaluators.suites.domainbed.schedule import ScheduleError
from farfield_evaluators.suites.domainbed.scoring import accuracies
from farfield_evaluators.suites.domainbed.seeds import seed_hash, split
from farfield_evaluators.suites.domainbed.staging import Layout, environments, stage_run
from farfield_evaluators.suites.domainbed.sweep import Cell as SweepCell
from farfield_evaluators.suites.domainbed.training import settings_from
from farfield_workers.carrying import Carrier, Fixed, Learning
from farfield_workers.evaluation import Evaluator, Request
from farfield_workers.failures import RunFailure
from farfield_workers.following import ALONE, Follower, chosen_cells
from farfield_workers.installed import Installed
from farfield_workers.runnable import Runnable
from farfield_workers.sandbox.process import ProcessSandbox

CELL = SweepCell(dataset="ColoredMNIST", algorithm="ERM", test_envs=(2,), hparams_seed=0, trial_seed=0)


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    folder = tmp_path_factory.mktemp("digits")
    return import_digits(MNIST, digit_files(folder / "files"), folder / "packs", subset=True)


@pytest.fixture(autouse=True)
def toy_plugin(toy_plugin: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """The toys of domain generalisation beside the others."""
    ours = install_domain_toys(tmp_path_factory.getbasetemp() / "domain-toys")
    monkeypatch.setenv("FARFIELD_PLUGIN_PATH", os.pathsep.join([str(toy_plugin), str(ours)]))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.getbasetemp()
    return described(install_toy_plugin(folder / "toy-plugin"), install_domain_toys(folder / "domain-toys"))


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A method on ColoredMNIST, of which some environments are held out, or all."""

    request: Request
    records: Path
    held_out: tuple[int, ...] = ()
    carrier: Carrier = ALONE

    @property
    def cells(self) -> tuple[Cell, ...]:
        plan, name = self.request.benchmark.plan, self.request.benchmark.name
        entrant = Entrant(identity="local", benchmark=name, method=self.request.runnable.name)
        wanted = {"test_envs": [str(number) for number in self.held_out]} if self.held_out else {}
        return chosen_cells(plan, cells_of(plan, "smoke", entrant), wanted)

    def follower(self, evaluator: Evaluator) -> Follower:
        request = self.request
        entrant = Entrant(identity="local", benchmark=request.benchmark.name, method=request.runnable.name)
        values = {"tier": "smoke", "entrant": entrant, "description": request.description, "config": request.config}
        store = request.benchmark.plan.store(self.records, Local(benchmark=request.benchmark, **values))
        return Follower(
            evaluator=lambda of: evaluator,
            store=store,
            request_for=lambda cell: replace(request, cell=cell),
            carrier=self.carrier,
        )


@dataclass(frozen=True)
class Sweeper:
    evaluator: Evaluator

    def run(self, asked: Asked, observer: Recorder) -> int:
        return asked.follower(self.evaluator).run(asked.cells, observer)


@pytest.fixture
def request_for(digits: Pack, installed: Installed, tmp_path: Path):
    def make(method: str = "toy-levels", steps: int = 10, held_out: tuple[int, ...] = (), **changes: object) -> Asked:
        benchmark = find("domainbed/colored-mnist")
        assert isinstance(benchmark.plan, DomainBed)
        made = Request(
            benchmark=replace(benchmark, plan=replace(benchmark.plan, steps=steps)),
            pack=digits,
            runnable=Runnable(description=installed.method(method)),
            cell=Cell(at={}),
            tier="smoke",
        )
        return Asked(request=replace(made, **changes), records=tmp_path / "records", held_out=held_out)

    return make


@pytest.fixture
def sweeper(sandbox: ProcessSandbox, installed: Installed, tmp_path: Path) -> Sweeper:
    return Sweeper(Evaluator(installed=installed, sandbox=sandbox, var=tmp_path))


def test_a_sweep_leaves_the_records_that_domainbed_would(sweeper: Sweeper, request_for, observer: Recorder) -> None:
    request = replace(request_for(), carrier=Fixed(2))
    assert sweeper.run(request, observer) == 3
    assert observer.text.count(": begins\n") == 3
    sweep = read_sweep(request.records, partial=True)
    runs = by_cell(sweep.records)
    assert sorted(cell.test_envs for cell in runs) == [(0,), (1,), (2,)]
    for records in runs.values():
        assert [r.step for r in records] == [0, 9]
        assert all(0 <= value <= 1 for r in records for value in (*r.in_acc, *r.out_acc))
        assert len(records[0].in_acc) == 3
    assert list((sweeper.evaluator.var / "scratch").iterdir()) == []


def test_after_the_first_run_as_many_go_at_once_as_fit_by_what_it_held(
    sweeper: Sweeper, request_for, observer: Recorder
) -> None:
    request = request_for()
    description = request.request.description
    declared = description | {"resources": description["resources"] | {"memory_gib": 19}}
    changed = replace(request.request, runnable=Runnable(description=declared))
    learning = Learning(cores=2, declared=19, free=lambda: 20.0)
    assert sweeper.run(replace(request, request=changed, carrier=learning), observer) == 3
    assert learning.share < 19
    assert observer.text.count(": begins\n") == 2  # those that went side by side
    assert "runs hold less than they may: up to 2 go at once now\n" in observer.text
    assert len(by_cell(read_sweep(request.records, partial=True).records)) == 3


def test_what_is_done_is_not_run_again_and_the_rest_is(sweeper: Sweeper, request_for, observer: Recorder) -> None:
    one = request_for(held_out=(1,))
    assert sweeper.run(one, observer) == 1
    assert [cell.at["test_envs"] for cell in one.cells] == [[1]]
    assert one.follower(sweeper.evaluator).store.has(one.cells[0])
    assert sweeper.run(request_for(), observer) == 2
    assert {cell.test_envs for cell in by_cell(read_sweep(one.records, partial=True).records)} == {(0,), (1,), (2,)}
    assert sweeper.run(request_for(), observer) == 0


def test_records_of_other_steps_are_refused_before_anything_is_trained(
    sweeper: Sweeper, request_for, observer: Recorder
) -> None:
    request = request_for(held_out=(0,))
    sweeper.run(request, observer)
    before, observer.stages = sorted(request.records.rglob("*")), []
    with pytest.raises(RecordsError) as caught:
        sweeper.run(request_for(held_out=(1,), steps=11), observer)
    assert caught.value.code == MIXED
    assert f"is (10, 10, 0.2, 'domain_generalization', 0) in {request.records}, and (11, 10, 0.2, " in str(caught.value)
    assert (observer.stages, sorted(request.records.rglob("*"))) == ([], before)


def test_a_run_that_was_interrupted_is_refused_before_anything_is_trained(
    sweeper: Sweeper, request_for, observer: Recorder
) -> None:
    request = request_for(held_out=(0,))
    sweeper.run(request, observer)
    (mark,) = request.records.glob("*/done")
    mark.unlink()
    observer.stages = []
    with pytest.raises(RecordsError, match="remove its folder to have it made again") as caught:
        sweeper.run(request, observer)
    assert (caught.value.code, observer.stages) == (UNFINISHED, [])


def test_a_run_that_another_process_made_meanwhile_is_kept(sweeper: Sweeper, request_for, observer: Recorder) -> None:
    request = request_for(held_out=(0,))
    written: list[bytes] = []

    def other(_: Recorder) -> bool:
        """The same command, started and ended while this one's runner works."""
        if not written:
            written.append(b"")
            sweeper.run(request, Recorder())
            (file,) = request.records.glob("*/results.jsonl")
            written.append(file.read_bytes())
        return False

    observer.stop_when = other
    with pytest.raises(RecordsError, match="already, and was kept") as caught:
        sweeper.run(request, observer)
    (file,) = request.records.glob("*/results.jsonl")
    assert (caught.value.code, file.read_bytes()) == (DUPLICATE, written[1])


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (["--trial", "0"], ["--trial"]),
        (["--save-predictions", "nofolder/p.npz"], ["--save-predictions"]),
        (["--trial", "7", "--save-predictions", "p.npz"], ["--trial"]),
    ],
)
def test_options_of_a_single_run_are_refused_for_a_sweep(
    options: list[str], names: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "toy-levels", "--benchmark", "domainbed/styles", *options]) == 1
    shown = capsys.readouterr().err
    assert "plugin.bad_config" in shown
    for name in names:
        assert f"{name} is not for domainbed/styles" in shown


@pytest.mark.parametrize(
    "option", [("--tier", "defaults"), ("--test-env", "0"), ("--steps", "300"), ("--cell", "shots=1")]
)
def test_options_of_a_sweep_are_refused_for_a_single_run(
    option: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "toy-brightness", "--benchmark", "imagenet-ood/mini", *option]) == 1
    shown = capsys.readouterr().err
    assert " is not for imagenet-ood/mini" in shown or "there is no axis 'shots'; the plan has: trial" in shown


def test_a_run_that_fails_leaves_no_record(sweeper: Sweeper, request_for, observer: Recorder) -> None:
    broken = Runnable(description=request_for().request.description | {"name": "not-there"})
    with pytest.raises(RunFailure) as caught:
        sweeper.run(request_for(runnable=broken), observer)
    assert caught.value.code == "plugin.unknown_name"
    assert not (request_for().records).exists()


@pytest.mark.parametrize(
    ("method", "changes", "error", "says"),
    [
        ("toy-brightness", {}, RunFailure, "needs domain-generalization"),
        ("toy-levels", {"held_out": (7,)}, ConfigError, "test_envs is never 7; it is one of: 0 (+90%), 1 (+80%)"),
        ("toy-levels", {"config": {"rate": 1}}, RunFailure, "rate"),
        ("toy-levels", {"steps": 0}, ScheduleError, "at least 1 step, not 0"),
        ("toy-levels", {"steps": 10**12}, ScheduleError, "at most 10,000,000 steps, not 1,000,000,000,000"),
        ("toy-levels", {"steps": 9}, ScheduleError, "9 steps are fewer than the 10"),
    ],
)
def test_a_request_that_does_not_fit(
    sweeper: Sweeper, request_for, observer: Recorder, method: str, changes: dict, error: type, says: str
) -> None:
    with pytest.raises(error, match=re.escape(says)):
        sweeper.run(request_for(method, **changes), observer)


def test_no_label_of_a_held_out_environment_is_staged(digits: Pack, tmp_path: Path) -> None:
    found = environments(COLORED_MNIST, digits, CELL)
    layout = stage_run(found, digits, CELL, tmp_path / "in")
    names = sorted(str(path.relative_to(tmp_path / "in")) for path in (tmp_path / "in").rglob("*") if path.is_file())
    assert names == ["test/images.npy", "train/domains.npy", "train/images.npy", "train/labels.npy"]
    train = np.load(tmp_path / "in" / "train" / "images.npy")
    assert len(train) == sum(len(found[number].kept) for number in (0, 1))
    assert set(np.load(tmp_path / "in" / "train" / "domains.npy").tolist()) == {0, 1}
    assert len(np.load(tmp_path / "in" / "test" / "images.npy")) == len(layout.labels) == len(digits.labels)


def test_half_of_the_held_out_in_split_is_staged_without_labels_as_domainbed_divides_it(
    digits: Pack, tmp_path: Path
) -> None:
    plain, found = environments(COLORED_MNIST, digits, CELL), environments(COLORED_MNIST, digits, CELL, 0.5)
    (held_out,) = CELL.test_envs
    order = np.arange(len(plain[held_out].kept))
    np.random.RandomState(seed_hash(CELL.trial_seed, held_out)).shuffle(order)
    half = len(order) // 2
    np.testing.assert_array_equal(found[held_out].unlabeled, plain[held_out].kept[order[:half]])
    np.testing.assert_array_equal(found[held_out].kept, plain[held_out].kept[order[half:]])
    assert [len(e.unlabeled) for n, e in enumerate(found) if n != held_out] == [0, 0]
    layout = stage_run(found, digits, CELL, tmp_path / "in")
    names = sorted(path.name for path in (tmp_path / "in" / "unlabeled").iterdir())
    assert names == ["domains.npy", "images.npy"]
    images = np.load(tmp_path / "in" / "unlabeled" / "images.npy")
    assert found[held_out].images is not None
    np.testing.assert_array_equal(images, found[held_out].images[found[held_out].unlabeled])
    counts = [int(((layout.environments == held_out) & (layout.held_out == split)).sum()) for split in (0, 1, 2)]
    assert counts == [len(found[held_out].kept), len(found[held_out].held_out), half]
    assert layout.in_sizes[held_out] == counts[0]


def test_the_splits_are_domainbeds_and_the_order_is_another_each_time(digits: Pack, tmp_path: Path) -> None:
    found = environments(COLORED_MNIST, digits, CELL)
    for number, environment in enumerate(found):
        held_out, kept = split(len(environment.labels), 0, number)
        np.testing.assert_array_equal(environment.held_out, held_out)
        np.testing.assert_array_equal(environment.kept, kept)
    layouts = [stage_run(found, digits, CELL, tmp_path / name) for name in ("a", "b")]
    assert not np.array_equal(layouts[0].environments, layouts[1].environments)
    a, b = (np.load(tmp_path / name / "test" / "images.npy") for name in ("a", "b"))
    assert not np.array_equal(a, b)
    np.testing.assert_array_equal(np.sort(a.sum(axis=(1, 2, 3))), np.sort(b.sum(axis=(1, 2, 3))))


def test_accuracies_are_those_of_each_split() -> None:
    layout = Layout(
        labels=np.array([0, 1, 0, 1, 1, 0]),
        environments=np.array([0, 0, 0, 1, 1, 1]),
        held_out=np.array([0, 0, 1, 0, 1, 1]),
        in_sizes=(2, 1),
    )
    assert accuracies(layout, np.array([0, 0, 0, 1, 0, 0])) == ((0.5, 1.0), (1.0, 0.5))


def test_hyperparameters_are_domainbeds_and_what_is_set_wins(sweeper: Sweeper, request_for, observer: Recorder) -> None:
    request = request_for("erm", held_out=(0,), config={"featurizer": "mnist-cnn-half", "lr": 0.01})
    sweeper.run(request, observer)
    (path,) = request.records.glob("*/results.jsonl")
    first = json.loads(path.read_text().splitlines()[0])
    assert first["hparams"]["lr"] == 0.01
    assert first["hparams"]["batch_size"] == 64
    assert first["args"]["algorithm"] == "ERM"
    assert first["loss"] > 0


def test_a_draw_reaches_the_settings_that_a_method_has() -> None:
    """DANN's `lambda` is a word of Python, so its setting has an underscore; what is no setting is the runner's."""
    number = {"type": "number", "default": 0.0, "description": ""}
    schema = {"properties": {"lambda_": number, "lr": number, "resnet18": {"type": "boolean"}}, "propertyOrder": []}
    schema["propertyOrder"] = list(schema["properties"])
    drawn = {"lambda": 2, "lr": 1, "batch_size": 64}
    assert settings_from(schema, drawn) == {"lambda_": 2.0, "lr": 1.0}
