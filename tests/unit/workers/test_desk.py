"""Labels on request between a worker and a run: what is told, and to a runner that lies."""

import os
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.unit.workers.conftest import Recorder
from tests.unit.workers.test_parts import benchmark, installed_of, make

from farfield import TaskFamily
from farfield.errors import JobError, SpecError
from farfield.labels import Budget, Labels, LabelsRefused
from farfield.runtime.asking import ABOUT, HEAD, MAGIC, POOL, message, open_labels
from farfield.runtime.job import read_json, write_json
from farfield.runtime.pipes import ASK
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.run_plan import Cell
from farfield_evaluators.scoring.classification import ACCURACY
from farfield_evaluators.staging import stage
from farfield_workers.desk import CODE, Desk, asked_of
from farfield_workers.evaluation import Evaluator, Outcome, Request
from farfield_workers.failures import RunFailure
from farfield_workers.runnable import Runnable
from farfield_workers.sandbox.process import ProcessSandbox

TRUE = np.array([2, 0, 1, 1, 0, 2, 2, 1, 0, 0], np.int64)
BUDGET = Budget(rounds=3, per_round=4)
PATIENCE = 10.0


@dataclass
class Run:
    """A desk, and the folder that the run sees."""

    folder: Path
    desk: Desk

    @property
    def labels(self) -> Labels:
        found = open_labels(self.folder)
        assert found is not None
        return found

    def say(self, data: bytes) -> None:
        ask = os.open(self.folder / POOL / ASK, os.O_WRONLY)
        os.write(ask, data)
        os.close(ask)

    def refused(self) -> str:
        """Why the run ends, waited for."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                self.desk.check()
            except RunFailure as failure:
                assert failure.code == CODE
                assert not failure.infrastructure
                return failure.message
            time.sleep(0.01)
        raise AssertionError("nothing was refused")


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    (tmp_path / POOL).mkdir()
    made = Run(tmp_path, Desk(tmp_path / POOL, TRUE, BUDGET))
    with made.desk:
        yield made


def test_the_labels_come_through_the_pipe_and_are_counted_outside(run: Run) -> None:
    labels, observer = run.labels, Recorder()
    assert (labels.budget, labels.rounds_left) == (BUDGET, 3)
    assert labels.ask([9, 0, 5]).tolist() == [0, 2, 2]
    assert labels.ask([1]).tolist() == [0]
    assert asked_of(run.desk, observer) == (3, 1)
    assert observer.text == "labels asked for: 4 of 12, in 2 of 3 rounds: 3, 1\n"


def test_what_the_runner_refuses_itself_never_reaches_the_desk(run: Run) -> None:
    labels = run.labels
    with pytest.raises(LabelsRefused):
        labels.ask(range(5))
    assert labels.ask([3]).tolist() == [1]
    run.desk.check()
    assert run.desk.account.rounds == (1,)


def numbers(*positions: int) -> bytes:
    return message(np.array(positions, np.int64))


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (numbers(0, 1, 2, 3, 4), "no request for 1 to 4 labels"),
        (numbers(), "no request for 1 to 4 labels"),
        (HEAD.pack(MAGIC, 2**32 - 1), "no request for 1 to 4 labels"),
        (HEAD.pack(b"FFT1", 1) + bytes(8), "no request"),
        (os.urandom(4096), "no request"),
        (numbers(10), "beyond the 10 of the pool"),
        (numbers(-1), "beyond the 10 of the pool"),
        (HEAD.pack(MAGIC, 1) + struct.pack("<Q", 2**63), "beyond the 10 of the pool"),
        (numbers(4, 4), "asked for twice"),
        (numbers(4) + numbers(3, 4), "asked for twice"),
        (b"".join(map(numbers, range(4))), "more than the 3 rounds"),
        (b"".join(numbers(n % 10) for n in range(500)), "more than the 3 rounds"),
    ],
)
def test_a_runner_that_asks_past_the_rules_ends_the_run(run: Run, said: bytes, why: str) -> None:
    """By hand, as hostile code would: nothing of the runner's own checks is in the way."""
    run.say(said)
    assert why in run.refused()
    assert sum(run.desk.account.rounds) <= BUDGET.total


def test_once_it_is_told_that_training_is_over_no_label_is_given(run: Run) -> None:
    run.labels.ask([0])
    run.desk.end()
    run.say(numbers(1))
    assert "after it had begun to predict" in run.refused()
    assert run.desk.account.rounds == (1,)


def test_half_a_request_and_answers_that_nobody_reads_hold_nobody_up(tmp_path: Path) -> None:
    """Answers of 800 kB each: the second does not fit into the pipe."""
    (tmp_path / POOL).mkdir()
    many = 100_000
    desk = Desk(tmp_path / POOL, np.zeros(2 * many, np.int64), Budget(rounds=2, per_round=many))
    run, started = Run(tmp_path, desk), time.monotonic()
    with desk:
        ask = os.open(tmp_path / POOL / ASK, os.O_WRONLY)
        for start in (0, many):
            rest = memoryview(message(np.arange(start, start + many)))
            while rest:
                rest = rest[os.write(ask, rest) :]
        os.write(ask, MAGIC)
    assert time.monotonic() - started < PATIENCE
    run.desk.check()
    os.close(ask)


def test_a_runner_of_another_format_says_which_to_upgrade(run: Run) -> None:
    about = run.folder / POOL / ABOUT
    write_json(about, {**read_json(about), "format": 2})
    with pytest.raises(JobError, match="gives labels by format 2, and this runner asks by format 1"):
        open_labels(run.folder)


def test_what_the_run_may_write_to_changes_nothing(run: Run) -> None:
    """The file that says the budget is for the runner; the desk never reads it again."""
    about = run.folder / POOL / ABOUT
    write_json(about, {**read_json(about), "rounds": 100})
    labels = run.labels
    for position in range(3):
        labels.ask([position])
    run.say(numbers(9))
    assert "more than the 3 rounds" in run.refused()


PARTED = benchmark(TaskFamily.CLASSIFICATION, ACCURACY, ACCURACY.gives, train_set="train")
ASKING = replace(PARTED, parts={"pool": "unlabeled"}, budget=Budget(rounds=2, per_round=1))

ASKS = """
import os
import numpy as np
from farfield import Images, MethodSpec, TaskFamily, TrackClaims, hookimpl

class Asks:
    \"\"\"Says of all what the label of the pool's example with the most blue is, and of the next.\"\"\"

    def __init__(self, context):
        pass
    def fit(self, train, *, pool, labels=None, val=None):
        assert (len(train), len(pool), val) == (4, 4, None)
        assert pool.labels.tolist() == [-1] * 4, pool.labels
        order = np.argsort(-next(pool.batches(4)).inputs[:, 4, 4, 2].astype(int))
        told = [int(labels.ask([position])[0]) for position in order[: labels.budget.total]]
        assert told == [1, 0], told
        assert labels.rounds_left == 0
        self.labels = labels
    def predict(self, images):
        return np.tile(np.array([0.0, 1.0]), (len(images), 1))

class AsksLate(Asks):
    def predict(self, images):
        import farfield.runtime.asking as asking
        from farfield.runtime.pipes import ASK
        folder = [p for p in map(os.readlink, self.open()) if p.endswith("/pool/ask")]
        with open(folder[0], "wb", buffering=0) as ask:
            ask.write(asking.message(np.array([0])))
        import time
        time.sleep(20)
    def open(self):
        return [f"/proc/self/fd/{n}" for n in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{n}")]

def spec(name, build):
    return MethodSpec(name=name, family=TaskFamily.CLASSIFICATION, summary="Asks.", build=build,
                      inputs=Images(size=8, crop="center"), claims=TrackClaims(backbone="none"))

@hookimpl
def farfield_methods():
    return [spec("asks", Asks), spec("asks-late", AsksLate)]
"""
Evaluate = Callable[[str, Benchmark], Outcome]


@pytest.fixture
def parted(tmp_path: Path) -> Pack:
    return make(tmp_path / "parts")


@pytest.fixture
def evaluate(parted: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, observer: Recorder) -> Evaluate:
    sandbox = ProcessSandbox()
    installed = installed_of("asking", ASKS, sandbox, tmp_path, monkeypatch)

    def run(method: str, on: Benchmark) -> Outcome:
        runnable = Runnable(description=installed.method(method))
        request = Request(benchmark=on, pack=parted, runnable=runnable, cell=Cell(at={"trial": 0}, seed=1))
        return Evaluator(installed, sandbox, tmp_path / "var").run(request, observer)

    return run


def test_a_method_that_asks_goes_the_whole_way(evaluate: Evaluate, observer: Recorder) -> None:
    outcome = evaluate("asks", ASKING)
    assert outcome.labels == (1, 1)
    assert outcome.evidence.figures[0].value == 0.5
    assert "labels asked for: 2 of 2, in 2 of 2 rounds: 1, 1" in observer.text


def test_asking_after_a_test_input_was_seen_ends_the_run(evaluate: Evaluate) -> None:
    with pytest.raises(RunFailure, match="after it had begun to predict") as failed:
        evaluate("asks-late", ASKING)
    assert failed.value.code == CODE


def test_without_a_pool_what_needs_one_is_told_so(evaluate: Evaluate) -> None:
    with pytest.raises(RunFailure, match="needs the part `pool`, and the benchmark has none"):
        evaluate("asks", PARTED)


def test_images_of_the_pool_lie_alone_where_others_are_linked(parted: Pack, tmp_path: Path) -> None:
    """The run sees them; the others are taken out of its sight."""
    stage(ASKING, parted, tmp_path / "in", None, on_request=True)
    train, pool = (tmp_path / "in" / part / "images.bin" for part in ("train", POOL))
    assert train.samefile(parted.blob)
    spans = parted.spans[parted.members("unlabeled")]
    assert pool.stat().st_size == int((spans[:, 1] - spans[:, 0]).sum()) < parted.blob.stat().st_size


def test_no_label_of_the_pool_is_staged_and_its_order_tells_none(parted: Pack, tmp_path: Path) -> None:
    truth = stage(ASKING, parted, tmp_path / "in", None)
    assert sorted(path.name for path in (tmp_path / "in" / POOL).iterdir()) == [
        "domains.npy",
        "images.bin",
        "spans.npy",
    ]
    assert truth.pool is not None
    spans = np.load(tmp_path / "in" / POOL / "spans.npy")
    blob = (tmp_path / "in" / POOL / "images.bin").read_bytes()
    staged = [blob[start:stop] for start, stop in spans.tolist()]
    members = parted.members("unlabeled")
    packed = parted.blob.read_bytes()
    own = {
        packed[start:stop]: parted.labels[at] for at, (start, stop) in zip(members, parted.spans[members], strict=True)
    }
    assert [own[image] for image in staged] == truth.pool.tolist()
    again = stage(ASKING, parted, tmp_path / "again", None)
    assert again.pool is not None
    assert again.pool.tolist() == truth.pool.tolist()


def changed(**changes: Any) -> str:
    return replace(ASKING, **changes).comparability_key("f")


def test_the_budget_is_in_the_key_and_nothing_made_elsewhere_is_taken() -> None:
    assert changed() != changed(budget=Budget(rounds=1, per_round=2))
    assert changed(parts={}, budget=None) == PARTED.comparability_key("f")
    assert PARTED.handed_in is not None
    assert ASKING.handed_in is None


@pytest.mark.parametrize("changes", [{"budget": None}, {"parts": {}}, {"budget": Budget(rounds=0, per_round=1)}])
def test_a_pool_without_a_budget_and_a_budget_without_a_pool_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(SpecError, match="budget"):
        replace(ASKING, **changes)
