"""Test inputs on their way into a sandbox: what is given, when, and to a runner that lies."""

import os
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from tests.smallpack import small_pack

from farfield import Features, Images
from farfield.errors import JobError
from farfield.runtime.dataset import open_source
from farfield.runtime.exchange import MAGIC, NO_DIGEST, REQUEST, About, Kind, digest_of
from farfield.runtime.pipes import ASK, GIVE
from farfield.runtime.streamed import StreamedSource, begin
from farfield_evaluators.staging import stage_inputs
from farfield_workers.failures import RunFailure
from farfield_workers.feed import CHANGED, CODE, Feed, Ledger, Terms
from farfield_workers.stores import RowStore
from farfield_workers.withheld import withhold

ROWS = np.arange(60, dtype=np.float32).reshape(20, 3)
DECLARED = Features(backbone="toy", dim=3)
PATIENCE = 10.0


@dataclass
class Run:
    """Rows withheld from a folder, a feed that gives them, and the runner's side."""

    folder: Path
    feed: Feed

    def source(self, *, whole: bool = False, early: bool = False) -> StreamedSource:
        return StreamedSource(self.folder, DECLARED, 1, whole=whole, early=early)

    def say(self, message: bytes) -> None:
        ask = os.open(self.folder / ASK, os.O_WRONLY)
        os.write(ask, message)
        os.close(ask)

    def refused(self) -> str:
        """Why the run ends, waited for."""
        failure = self.failure()
        assert failure.code == CODE
        assert not failure.infrastructure
        return failure.message

    def failure(self) -> RunFailure:
        """With what the run ends, waited for."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                self.feed.check()
            except RunFailure as failure:
                return failure
            time.sleep(0.01)
        raise AssertionError("nothing was refused")


def run_of(folder: Path, *, most: int = 100, whole: bool = False, early: bool = False) -> Run:
    terms = Terms(window=8, most=most, whole=whole, early=early)
    (folder / "in" / "test").mkdir(parents=True)
    np.save(folder / "in" / "test" / "features.npy", ROWS)
    store = withhold(folder / "in", folder / "held")
    return Run(folder / "in" / "test", Feed(folder / "in" / "test", store, terms))


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    made = run_of(tmp_path)
    with made.feed:
        yield made


def request(kind: int, count: int, positions: tuple[int, ...] = (), magic: bytes = MAGIC) -> bytes:
    return REQUEST.pack(magic, kind, count, NO_DIGEST) + np.array(positions, np.int64).tobytes()


def predict(source: StreamedSource, batch: int) -> np.ndarray:
    """The first number of each row, twice."""
    found = []
    for start in range(0, len(source), batch):
        rows = source.read(np.arange(start, min(start + batch, len(source))))
        source.predicted({"logits": 2 * rows[:, :1]})
        found.append(2 * rows[:, :1])
    source.finish()
    return np.concatenate(found)


def test_what_is_given_is_what_was_staged_and_the_predictions_are_held_against_the_ledger(run: Run) -> None:
    logits = predict(run.source(), 7)
    assert np.array_equal(logits, 2 * ROWS[:, :1])
    run.feed.settle({"logits": logits})


def test_no_test_input_lies_in_the_job_folder(run: Run) -> None:
    assert sorted(path.name for path in run.folder.iterdir()) == [ASK, GIVE, "stream.json"]
    assert all((run.folder / name).is_fifo() for name in (ASK, GIVE))


def test_once_all_are_predicted_any_is_given_again(run: Run) -> None:
    source = run.source()
    predict(source, 8)
    assert np.array_equal(source.read(np.arange(19, -1, -1)), ROWS[::-1])


def test_a_prediction_that_is_changed_later_is_seen(run: Run) -> None:
    logits = predict(run.source(), 8)
    logits[9] += 1
    with pytest.raises(RunFailure, match="test inputs 8 to 15 are not those that were there") as failure:
        run.feed.settle({"logits": logits})
    assert failure.value.code == "predictions.changed"


def test_what_had_to_be_made_before_the_first_input_is_held_against_the_first_request(run: Run) -> None:
    source, made = run.source(), {"texts": np.ones((3, 2), np.float32), "dimensions": np.array([2])}
    begin(source, made)
    logits = predict(source, 7)
    run.feed.settle({"logits": logits}, before=made)
    for changed in (made | {"texts": made["texts"] + 1}, {"texts": made["texts"]}):
        with pytest.raises(RunFailure, match="texts.* are not what they were when the first test input was") as failure:
            run.feed.settle({"logits": logits}, before=changed)
        assert failure.value.code == CHANGED


def test_a_run_that_said_nothing_before_the_first_input_has_made_nothing_before(run: Run) -> None:
    logits = predict(run.source(), 8)
    with pytest.raises(RunFailure, match="are not what they were"):
        run.feed.settle({"logits": logits}, before={"texts": np.ones((3, 2), np.float32)})


def test_predictions_of_all_checkpoints_are_one_row(tmp_path: Path) -> None:
    made, classes = run_of(tmp_path), np.arange(40, dtype=np.int32).reshape(2, 20)
    with made.feed:
        source = made.source()
        for start in range(0, 20, 8):
            source.read(np.arange(start, min(20, start + 8)))
            source.predicted({"predictions": classes[:, start : start + 8].T})
        source.finish()
    made.feed.settle({"predictions": classes}, axis=1)


def test_the_next_ones_are_not_given_out_of_order(run: Run) -> None:
    with pytest.raises(JobError, match="test input 5 was asked for; they come in their order, next is 0"):
        run.source().read(np.arange(5, 9))


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (b"x" * REQUEST.size, "sent what is no request"),
        (request(Kind.NEXT, 4, magic=b"FFT0"), "sent what is no request"),
        (request(77, 1), "sent what is no request"),
        (request(Kind.NEXT, 9), "at most 8 test inputs"),
        (request(Kind.NEXT, 1 << 31), "at most 8 test inputs"),
        (request(Kind.NEXT, 0), "or for none"),
        (request(Kind.DONE, 0), "asked for test inputs 0 to 0 of 20"),
        (request(Kind.AGAIN, 1, (0,)), "before all were predicted"),
        (request(Kind.EARLY, 1, (0,)), "before all were predicted"),
        (request(Kind.NEXT, 8) * 3, "asked for test inputs 16 to 24 of 20"),
    ],
)
def test_a_request_that_is_none_ends_the_run(run: Run, message: bytes, said: str) -> None:
    run.say(message)
    assert said in run.refused()


@pytest.mark.parametrize("position", [-1, 20, 1 << 62])
def test_no_position_leads_outside(tmp_path: Path, position: int) -> None:
    made = run_of(tmp_path, whole=True)
    with made.feed:
        made.say(request(Kind.AGAIN, 1, (position,)))
        assert "beyond the 20" in made.refused()


def test_asking_without_end_ends(run: Run) -> None:
    predict(run.source(), 8)
    for _ in range(11):  # answers that nobody reads
        run.say(request(Kind.AGAIN, 8, tuple(range(8))))
    assert "more than 100 test inputs in all" in run.refused()


def test_a_runner_that_never_asks_or_stops_in_between_has_not_predicted(run: Run) -> None:
    with pytest.raises(RunFailure, match="asking for 0 of 20") as failure:
        run.feed.settle({})
    assert failure.value.code == CODE
    run.source().read(np.arange(8))
    with pytest.raises(RunFailure, match="asking for 8 of 20"):
        run.feed.settle({})


def test_half_a_request_and_a_full_pipe_hold_nobody_up(tmp_path: Path) -> None:
    """Nobody reads the answers, which are more than a pipe holds, and a request stays unfinished."""
    (tmp_path / "in" / "test").mkdir(parents=True)
    np.save(tmp_path / "in" / "test" / "features.npy", np.zeros((4, 1 << 19), np.float32))
    feed = Feed(tmp_path / "in" / "test", withhold(tmp_path / "in", tmp_path / "held"), Terms(window=4, most=100))
    made = Run(tmp_path / "in" / "test", feed)
    started = time.monotonic()
    with feed:
        made.say(request(Kind.NEXT, 4) + request(Kind.NEXT, 4)[:5])
        time.sleep(0.1)
    assert time.monotonic() - started < PATIENCE / 2


def test_a_set_that_is_given_as_a_whole_is_given_at_once(tmp_path: Path) -> None:
    made = run_of(tmp_path, whole=True)
    with made.feed:
        assert np.array_equal(made.source(whole=True).read(np.arange(19, -1, -1)), ROWS[::-1])
        made.feed.settle({})
    assert not made.feed.was_early


def test_asking_while_training_goes_on_is_noted_where_it_is_allowed(tmp_path: Path) -> None:
    made = run_of(tmp_path, early=True)
    with made.feed:
        made.source(early=True).read(np.arange(3))
        made.feed.settle({})
    assert made.feed.was_early


def test_encoded_images_arrive_as_from_the_folder(tmp_path: Path) -> None:
    pack, how = small_pack(tmp_path / "packs"), Images(size=16)
    order = np.random.default_rng(0).permutation(len(pack.spans))
    stage_inputs(pack, tmp_path / "a" / "test", order, None)
    stage_inputs(pack, tmp_path / "b" / "test", order, None)
    store = withhold(tmp_path / "b", tmp_path / "held")
    before = open_source(tmp_path / "a" / "test", how, 1).read(np.arange(len(order)))
    with Feed(tmp_path / "b" / "test", store, Terms(window=5, most=len(order))) as feed:
        source = StreamedSource(tmp_path / "b" / "test", how, 1)
        assert np.array_equal(source.read(np.arange(len(order))), before)
        feed.check()


def test_the_runner_of_another_format_says_which_to_upgrade(run: Run) -> None:
    (run.folder / "stream.json").write_text('{"count": 1, "window": 1, "format": 2}')
    with pytest.raises(JobError, match="gives inputs by format 2, and this runner asks by format 1; bring the older"):
        About.read(run.folder)


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_is_told_that_nothing_is_given_to_it(run: Run) -> None:
    source = run.source()
    child = os.fork()
    if child == 0:
        try:
            source.read(np.arange(8))
        except JobError as error:
            os._exit("num_workers=0" in str(error))
        os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
    assert np.array_equal(source.read(np.arange(8)), ROWS[:8])


def test_a_feed_of_training_images_calls_them_that(tmp_path: Path) -> None:
    np.save(tmp_path / "features.npy", ROWS)
    (tmp_path / "train").mkdir()
    terms = Terms(window=8, most=100, whole=True, noun="training image")
    made = Run(tmp_path / "train", Feed(tmp_path / "train", RowStore(tmp_path / "features.npy"), terms))
    with made.feed:
        made.say(request(Kind.DONE, 0))
        assert "asked for training images 0 to 0 of 20" in made.refused()


def test_digests_are_of_names_and_of_the_bytes_that_are_stored() -> None:
    rows = np.zeros((2, 2), np.float32)
    assert digest_of({"a": rows}) != digest_of({"b": rows})
    assert digest_of({"a": rows}) != digest_of({"a": rows.astype(np.float64)})
    assert digest_of({"a": rows, "b": rows[:, 0]}) == digest_of({"b": rows[:, 0], "a": rows})
    assert struct.calcsize(REQUEST.format) == REQUEST.size


def test_arrays_of_any_number_of_rows_are_held_against_the_ledger_image_by_image() -> None:
    counts, boxes = np.array([2, 0, 3]), np.arange(20, dtype=np.float32).reshape(5, 4)
    ledger, counted = Ledger(), {"boxes": "boxes-rows"}
    for start, stop, rows in ((0, 2, slice(0, 2)), (2, 3, slice(2, 5))):
        ledger.add(stop, digest_of({"boxes-rows": counts[start:stop], "boxes": boxes[rows]}))
    ledger.check({"boxes-rows": counts, "boxes": boxes}, counts=counted)
    with pytest.raises(RunFailure, match="test inputs 2 to 2") as caught:
        ledger.check({"boxes-rows": counts, "boxes": np.concatenate([boxes[:4], boxes[:1]])}, counts=counted)
    assert caught.value.code == CHANGED
