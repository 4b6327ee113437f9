"""One run of a sweep, from staging to records, with toy methods in real runner processes."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.domaintoys import SEEN, UNSEEN, install_domain_toys, styles_pack
from tests.suites.domainbed.data.trees import digit_files
from tests.unit.workers.conftest import Recorder

from farfield import FarfieldError, Resources
from farfield.errors import ConfigError
from farfield_evaluators.catalog import find
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.run_plan import Cell, Entrant, Staged, Staging
from farfield_evaluators.suites.domainbed.checkpoints import checkpoints_in
from farfield_evaluators.suites.domainbed.data.digits import MNIST, import_digits
from farfield_evaluators.suites.domainbed.datasets import COLORED_MNIST, PACS, STYLES
from farfield_evaluators.suites.domainbed.lines import records_in
from farfield_evaluators.suites.domainbed.parsing import parse
from farfield_evaluators.suites.domainbed.plan import DomainBed
from farfield_evaluators.suites.domainbed.records import Record, to_line
from farfield_evaluators.suites.domainbed.schedule import check_predictions_fit, check_schedule
from farfield_evaluators.suites.domainbed.selection import EVERY_RULE, IID, rules_for
from farfield_evaluators.suites.domainbed.sweep import DEFAULTS, SMOKE
from farfield_evaluators.suites.domainbed.sweep import Cell as SweepCell
from farfield_evaluators.suites.domainbed.training import Training
from farfield_workers import evaluation
from farfield_workers.evaluation import Evaluator, Outcome, Request
from farfield_workers.feed import Feed
from farfield_workers.installed import Installed, describe_installed
from farfield_workers.runnable import Runnable
from farfield_workers.sandbox.base import GIB
from farfield_workers.sandbox.process import ProcessSandbox

CELL = SweepCell(dataset="Styles", algorithm="toy-levels", test_envs=(4,), hparams_seed=0, trial_seed=1)


def placed(cell: SweepCell) -> Cell:
    at = {"test_envs": list(cell.test_envs), "hparams_seed": cell.hparams_seed, "trial_seed": cell.trial_seed}
    return Cell(at=at, seed=cell.seed)


def records_of(outcome: Outcome) -> list[Record]:
    records, problems = records_in(outcome.evidence.lines)
    assert problems == []
    return records


def training_of(request: Request, cell: SweepCell = CELL) -> Training:
    """The run that the request asks for, as values; for another algorithm where the cell has one."""
    plan = request.benchmark.plan
    assert isinstance(plan, DomainBed)
    steps, every = plan.schedule(request.tier)
    values = {"description": request.description, "config": request.config}
    return Training(dataset=plan.dataset, cell=cell, steps=steps, checkpoint_every=every, **values)


@pytest.fixture(scope="module")
def styles(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return styles_pack(tmp_path_factory.mktemp("styles"))


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    folder = tmp_path_factory.mktemp("digits")
    return import_digits(MNIST, digit_files(folder / "files"), folder / "packs", subset=True)


@pytest.fixture(autouse=True, scope="module")
def domain_toys(tmp_path_factory: pytest.TempPathFactory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FARFIELD_PLUGIN_PATH", str(install_domain_toys(tmp_path_factory.mktemp("domain-toys"))))
        yield


@pytest.fixture(scope="module")
def toys(domain_toys: None) -> Installed:
    return describe_installed(ProcessSandbox())


@pytest.fixture(autouse=True)
def toy_plugin() -> None:
    """Not the toys of the other files."""


@pytest.fixture
def trainer(toys: Installed, tmp_path: Path) -> Evaluator:
    return Evaluator(installed=toys, sandbox=ProcessSandbox(), var=tmp_path)


@pytest.fixture
def request_for(toys: Installed, styles: Pack):
    def make(
        method: str = "toy-levels",
        steps: int = 21,
        every: int = 10,
        benchmark: str = "domainbed/styles",
        cell: SweepCell = CELL,
        **changes: object,
    ) -> Request:
        plan = find(benchmark).plan
        assert isinstance(plan, DomainBed)
        made = Request(
            benchmark=replace(find(benchmark), plan=replace(plan, steps=steps, every=every)),
            pack=styles,
            runnable=Runnable(description=toys.method(method)),
            cell=placed(cell),
            tier="smoke",
        )
        return replace(made, **changes)

    return make


def test_a_run_gives_its_records(trainer: Evaluator, request_for, observer: Recorder) -> None:
    trained = trainer.run(request_for(), observer)
    records = records_of(trained)
    assert [r.step for r in records] == [0, 10, 20]
    assert {r.cell for r in records} == {CELL}
    last = records[-1]
    assert min(last.in_acc) == min(last.out_acc) == 1.0
    assert last.values["loss"] == pytest.approx(np.mean([1 / n for n in range(12, 22)]))
    assert rules_for(records) == EVERY_RULE
    assert (last.values["variation"], last.values["informativeness"]) == (0.0, 1.0)
    assert [r.values["mem_gb"] for r in records] == [0.0, 0.0, 0.0]  # no torch, and no GPU
    assert last.args["seed"] == CELL.seed
    assert (last.args["steps"], last.args["checkpoint_freq"], last.args["hparams"]) == (21, 10, None)
    # By concept: a test environment's result is over those that no training environment shows.
    assert trained.evidence.facts == {"sizes": [3 * (UNSEEN if number == 4 else SEEN) for number in range(7)]}
    names = ", ".join(name for name in STYLES.environments if name != "photographs")
    assert f"domains {names}; rate 5e-05; seed {CELL.seed}" in observer.text
    assert f"batches of {[32] * 6}" in observer.text
    assert observer.stages == ["preparing", "running", "scoring"]
    assert {p.phase for p in observer.seen} <= {"fit", "predict"}
    assert trained.seconds.keys() == {"prepare", "run", "predict", "score"}
    assert list((trainer.var / "scratch").iterdir()) == []


def test_what_is_set_by_hand_wins_over_a_draw_and_stands_in_the_records(
    trainer: Evaluator, request_for, observer: Recorder
) -> None:
    third = replace(CELL, hparams_seed=3)
    drawn = request_for(cell=third)
    hparams = training_of(drawn, third).hparams
    assert hparams["lr"] != 5e-5
    records = records_of(trainer.run(replace(drawn, config={"lr": 0.25}), observer))
    assert "rate 0.25" in observer.text
    assert records[0].hparams == {**hparams, "lr": 0.25}
    assert json.loads(records[0].args["hparams"]) == {"lr": 0.25}


def test_only_what_differs_from_the_data_sets_own_is_named(request_for) -> None:
    own = training_of(request_for(steps=5001, every=300)).args
    assert (own["steps"], own["checkpoint_freq"]) == (None, None)
    assert training_of(request_for(steps=5001, every=100)).args["checkpoint_freq"] == 100


def test_frozen_features_are_staged_and_trained_on_as_small_images(
    trainer: Evaluator, request_for, observer: Recorder
) -> None:
    request = request_for("toy-levels-frozen")
    for _ in range(2):
        trained = trainer.run(request, observer)
    assert observer.text.count("computing features of toy-mean-colour") == 1
    assert "rate 0.001" in observer.text
    assert f"batches of {[64] * 6}" in observer.text
    assert min(records_of(trained)[-1].in_acc) == 1.0
    hparams = records_of(trained)[0].hparams
    assert (hparams["lr"], hparams["batch_size"], "featurizer" in hparams) == (1e-3, 64, False)


def test_a_method_called_after_an_algorithm_is_drawn_as_that_is(request_for) -> None:
    cell = replace(CELL, algorithm="lite0-groupdro", hparams_seed=2)
    assert "groupdro_eta" in training_of(request_for(), cell).hparams
    assert "groupdro_eta" not in training_of(request_for(), replace(cell, algorithm="lite0-erm")).hparams


def test_a_run_that_diverges_goes_on_as_in_domainbed(trainer: Evaluator, request_for, observer: Recorder) -> None:
    first, *rest = records_of(trainer.run(request_for("toy-levels-diverging"), observer))
    assert np.isfinite(first.values["loss"])
    assert [np.isnan(record.values["loss"]) for record in rest] == [True, True]
    assert observer.text.count("the loss 'loss' is not finite up to step 10; training goes on, as in DomainBed") == 1
    # The highest of logits that are no numbers is the first, as torch has it: the share of the first class.
    assert {*rest[-1].in_acc, *rest[-1].out_acc} == {1 / 3}
    read, problems = parse(to_line(rest[-1]), "here")
    assert problems == ()
    assert read is not None
    assert np.isnan(read.values["loss"])
    chosen = IID.choose([first, *rest], 4)
    assert chosen is not None
    assert chosen.step == 0


def test_a_transductive_method_gets_batches_of_one_split_of_one_environment(
    trainer: Evaluator, request_for, observer: Recorder
) -> None:
    records = records_of(trainer.run(request_for("toy-levels-by-batch", steps=10), observer))
    said = [line for line in observer.text.splitlines() if line.startswith("test batch of")]
    seen, unseen = 3 * SEEN, 3 * UNSEEN
    sizes = [unseen if number == 4 else seen for number in range(7)] + [seen if n == 4 else unseen for n in range(7)]
    assert said == [f"test batch of {size} in 1 tints" for size in sizes] * len(records)
    mixed = records_of(trainer.run(request_for("toy-levels", steps=10), observer))
    assert [(r.in_acc, r.out_acc) for r in records] == [(r.in_acc, r.out_acc) for r in mixed]


def stage(request: Request, folder: Path) -> Staged:
    """Laid out as the evaluation path does it."""
    entrant = Entrant(identity="", benchmark=request.benchmark.name, method=request.runnable.name)
    values = {name: getattr(request, name) for name in ("benchmark", "pack", "tier", "cell", "description", "config")}
    return request.benchmark.plan.stage(Staging(entrant=entrant, folder=folder / "in", **values))


def test_the_splits_of_test_images_are_staged_for_nobody_else(trainer: Evaluator, request_for) -> None:
    for method, there in (("toy-levels", False), ("toy-levels-by-batch", True)):
        folder = trainer.var / method
        layout = stage(request_for(method), folder).truth
        assert (folder / "in" / "test" / "groups.npy").exists() == there
        if there:
            groups = np.load(folder / "in" / "test" / "groups.npy")
            np.testing.assert_array_equal(groups, 7 * layout.held_out + layout.environments)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"batch_size": 5}, f"batches of {[5] * 6}"),
        ({"class_balanced": True}, f"batches of {[32] * 6}"),
        ({"lr": 0.25, "batch_size": 7, "class_balanced": False}, "rate 0.25"),
    ],
)
def test_domainbeds_hyperparameters_beside_the_methods_are_taken_by_hand(
    trainer: Evaluator, request_for, observer: Recorder, config: dict[str, object], said: str
) -> None:
    records = records_of(trainer.run(request_for(config=config), observer))
    assert said in observer.text
    assert records[0].hparams.items() >= config.items()
    assert json.loads(records[0].args["hparams"]) == config


def test_the_network_and_pythons_word_are_taken_by_domainbeds_names(request_for) -> None:
    assert training_of(request_for("toy-levels-network")).hparams["featurizer"] == "resnet50"
    smaller = request_for("toy-levels-network", config={"resnet18": True})
    assert training_of(smaller).hparams["featurizer"] == "resnet18"
    cell = replace(CELL, algorithm="DANN")
    for name in ("lambda", "lambda_"):
        hparams = training_of(request_for("toy-levels-network", config={name: 2.0}), cell).hparams
        assert (hparams["lambda"], "lambda_" in hparams) == (2.0, False)


def test_a_network_from_scratch_is_said_aloud(trainer: Evaluator, request_for, observer: Recorder) -> None:
    records = records_of(trainer.run(request_for("toy-levels-network"), observer))
    assert "resnet50 starts FROM SCRATCH, where DomainBed has the weights of ImageNet" in observer.text
    assert all(record.hparams["from_scratch"] is True for record in records)
    for config in ({"weights": "some.pth"}, {"featurizer": "mnist-cnn"}, {"featurizer": "lite0"}):
        assert "from_scratch" not in training_of(request_for("toy-levels-network", config=config)).hparams
    assert "from_scratch" not in training_of(request_for("toy-levels")).hparams


def refused(trainer: Evaluator, request: Request, observer: Recorder) -> FarfieldError:
    with pytest.raises(FarfieldError) as caught:
        trainer.run(request, observer)
    assert not [path for path in (trainer.var / "scratch").glob("*") if path.is_dir()]
    return caught.value


def test_there_are_no_features_of_images_that_are_made(
    trainer: Evaluator, request_for, observer: Recorder, digits: Pack
) -> None:
    cell = replace(CELL, dataset="ColoredMNIST", test_envs=(2,))
    request = request_for("toy-levels-frozen", benchmark="domainbed/colored-mnist", pack=digits, cell=cell)
    error = refused(trainer, request, observer)
    assert error.code == "plugin.wrong_inputs"
    assert "ColoredMNIST makes its images anew for each trial" in str(error)


def test_a_machine_that_lacks_something_says_so(trainer: Evaluator, request_for, observer: Recorder) -> None:
    assert refused(trainer, request_for("toy-levels-gpu"), observer).code == "platform.no_gpu"
    small = replace(trainer, ceiling=Resources(memory_gib=1, minutes=1))
    assert refused(small, request_for(), observer).code == "resources.not_offered"
    assert refused(trainer, request_for(config={"rate": 1}), observer).code == ConfigError.code


def test_predictions_that_do_not_fit_are_refused_before_the_run(
    trainer: Evaluator, request_for, observer: Recorder, styles: Pack
) -> None:
    steps = (GIB // 8) // (4 * len(styles.labels)) + 2
    error = refused(trainer, request_for("toy-levels-small", steps=steps, every=1), observer)
    assert error.code == "resources.checkpoints"
    assert f"predictions for {len(styles.labels)} examples take 0.125 GiB" in str(error)
    assert observer.stages == ["preparing"]


def test_a_loss_that_would_hide_something_in_records_is_refused(
    trainer: Evaluator, request_for, observer: Recorder
) -> None:
    error = refused(trainer, request_for(steps=2, every=1, config={"loss_name": "step"}), observer)
    assert error.code == "predictions.invalid"
    assert "checkpoints.json, step 0: no loss can be called 'step'" in str(error)


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        (0, "a run has at least 1 step, not 0; give 10 or more"),
        (-5, "at least 1 step, not -5"),
        (9, "9 steps are fewer than the 10 from one checkpoint to the next"),
    ],
)
def test_steps_that_do_not_fit_the_checkpoints(steps: int, says: str) -> None:
    with pytest.raises(FarfieldError, match=says) as caught:
        check_schedule(steps, 10)
    assert caught.value.code == "resources.checkpoints"


def test_steps_and_predictions_that_fit() -> None:
    for steps in (10, 11, 5001):
        check_schedule(steps, 10)
    for dataset in (COLORED_MNIST, PACS):
        check_predictions_fit(len(DEFAULTS.checkpoints_of(dataset)), 70_000, GIB // 2)
    with pytest.raises(FarfieldError, match="take fewer steps"):
        check_predictions_fit(100_000, 70_000, 2 * GIB)
    assert SMOKE.checkpoints_of(STYLES) == (0, 100, 200, 300)


GOOD = {"step": 0, "seconds": 0.5, "losses": {"loss": 1.5}}


def test_a_loss_that_is_no_number_is_written_by_its_name() -> None:
    losses = {"a": "nan", "b": "inf", "c": "-inf", "d": 1.0}
    [found] = checkpoints_in({"checkpoints": [GOOD | {"losses": losses}]}, (0,))
    np.testing.assert_equal(found["losses"], {"a": np.nan, "b": np.inf, "c": -np.inf, "d": 1.0})


def test_an_earlier_runner_says_nothing_of_memory() -> None:
    note = {"checkpoints": [GOOD, GOOD | {"step": 1, "mem_gb": 1.5}]}
    assert [each["mem_gb"] for each in checkpoints_in(note, (0, 1))] == [0.0, 1.5]


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ({}, "no list of checkpoints"),
        ({"checkpoints": [1]}, "no list of checkpoints"),
        ({"checkpoints": []}, "does not have the checkpoints of the schedule, which are 0, 1"),
        ({"checkpoints": [GOOD, GOOD]}, "does not have the checkpoints"),
        ({"checkpoints": [GOOD, GOOD | {"step": 1, "seconds": None}]}, "step 1: seconds"),
        ({"checkpoints": [GOOD, GOOD | {"step": 1, "seconds": -1}]}, "step 1: seconds"),
        ({"checkpoints": [GOOD, GOOD | {"step": 1, "losses": {"loss": float("nan")}}]}, "losses must be at most 100"),
        ({"checkpoints": [GOOD, GOOD | {"step": 1, "losses": {"loss": 10**400}}]}, "losses must be at most 100"),
        ({"checkpoints": [GOOD, GOOD | {"step": 1, "losses": {"loss": "1.0"}}]}, "losses must be at most 100"),
        ({"checkpoints": [GOOD, GOOD | {"step": 1, "seconds": 10**400}]}, "step 1: seconds"),
        ({"checkpoints": [GOOD, GOOD | {"step": 1, "mem_gb": "1"}]}, "step 1: mem_gb must be a finite number from 0"),
        ({"checkpoints": [GOOD, GOOD | {"step": 1, "mem_gb": -1}]}, "step 1: mem_gb"),
        ({"checkpoints": [GOOD, GOOD | {"step": 1, "losses": [1.0]}]}, "losses must be at most 100"),
        ({"checkpoints": [GOOD, GOOD | {"step": 1, "losses": {f"l{n}": 1 for n in range(101)}}]}, "at most 100"),
        *(
            ({"checkpoints": [GOOD, GOOD | {"step": 1, "losses": {name: 1}}]}, "step 1: no loss can be called")
            for name in ("epoch", "env0_in_acc", "variation", "a b", "", "x" * 65, "\N{GREEK SMALL LETTER LAMDA}")
        ),
    ],
)
def test_checkpoints_are_not_believed(found: dict[str, object], says: str) -> None:
    with pytest.raises(FarfieldError, match=says):
        checkpoints_in(found, (0, 1))


def test_predictions_are_the_same_at_once_and_when_training_has_ended(
    trainer: Evaluator, request_for, observer: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without room for the states of a method, test images are predicted while training goes on, which is told."""
    after = trainer.run(request_for(), observer)
    assert after.probes == {}
    monkeypatch.setattr(evaluation, "STATES_BYTES", 0)
    at_once = trainer.run(request_for(), observer)
    assert at_once.probes == {"after_training": False}
    assert "farfield: its states take more room than there is; so test images are predicted while" in observer.text
    assert [(r.step, r.in_acc, r.out_acc) for r in records_of(after)] == [
        (r.step, r.in_acc, r.out_acc) for r in records_of(at_once)
    ]


def test_nothing_is_left_of_the_states_but_what_was_asked_for(
    trainer: Evaluator, request_for, observer: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    names: list[str] = []
    settle = Feed.settle

    def looking(feed: Feed, *args: object, **named: object) -> None:
        names.extend(path.name for path in next((trainer.var / "scratch").glob("*/out")).iterdir())
        settle(feed, *args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Feed, "settle", looking)
    trainer.run(request_for(), observer)
    assert "predictions.npy" in names
    assert "states" not in names
