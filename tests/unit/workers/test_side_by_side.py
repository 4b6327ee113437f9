import threading
import time

import pytest
from tests.unit.workers.conftest import Recorder

from farfield_workers.execution import Observer
from farfield_workers.sandbox.base import GIB, Stopped
from farfield_workers.sandbox.gauge import Reading
from farfield_workers.sandbox.nvml import GpuUse
from farfield_workers.side_by_side import Watching, results


def test_as_many_run_at_once_as_are_asked_for(observer: Recorder) -> None:
    meeting, running, most = threading.Barrier(2, timeout=10), [], []

    def run(work: int, _: Observer) -> int:
        running.append(work)
        most.append(len(running))
        meeting.wait()  # nobody passes alone
        running.remove(work)
        return work * work

    found = results(range(6), run, observer, at_once=lambda _: 2, title=str)
    assert sorted(found) == [(work, work * work) for work in range(6)]
    assert max(most) == 2


def test_how_many_may_go_is_asked_before_each_begins(observer: Recorder) -> None:
    """One alone, then the three that are left together: the barrier lets none of them pass alone."""
    ended, meeting, begun = threading.Event(), threading.Barrier(3, timeout=10), []

    def run(work: int, _: Observer) -> None:
        begun.append(work)
        if work == 0:
            time.sleep(0.05)
            assert begun == [0]
            ended.set()
            return
        meeting.wait()

    def at_once(_: object) -> int:
        return 3 if ended.is_set() else 1

    assert len(list(results(range(4), run, observer, at_once=at_once, title=str))) == 4


def test_one_goes_though_there_is_room_for_none(observer: Recorder) -> None:
    assert len(list(results(range(3), lambda work, _: work, observer, at_once=lambda _: 0, title=str))) == 3


def test_a_failure_ends_what_was_not_begun_and_lets_the_others_end(observer: Recorder) -> None:
    failed, begun = threading.Event(), []

    def run(work: int, _: Observer) -> str:
        begun.append(work)
        if work == 0:
            failed.set()
            raise LookupError("no such thing")
        failed.wait(10)
        time.sleep(0.1)
        return "done"

    found = results(range(20), run, observer, at_once=lambda _: 2, title=str)
    kept = [next(found)]
    with pytest.raises(LookupError, match="no such thing"):
        kept.extend(found)
    assert sorted(work for work, _ in kept) == [work for work in sorted(begun) if work]
    assert len(begun) < 20


def test_of_several_failures_the_first_in_order_is_told_whichever_ends_first(observer: Recorder) -> None:
    failed = threading.Event()

    def run(work: int, _: Observer) -> None:
        if work == 0:
            failed.wait(10)
        try:
            raise LookupError(f"run {work}")
        finally:
            if work == 1:
                failed.set()

    with pytest.raises(LookupError, match="run 0"):
        list(results(range(3), run, observer, at_once=lambda _: 2, title=str))


def test_who_looks_no_further_stops_those_that_go_on(observer: Recorder) -> None:
    ended: list[int] = []
    begun = threading.Barrier(3)  # one that has not begun is not stopped but never begins

    def run(work: int, watcher: Observer) -> None:
        begun.wait(timeout=60)
        if work == 0:
            return
        try:
            while True:
                watcher.alive()
                time.sleep(0.01)
        except Stopped:
            ended.append(work)
            raise

    found = results(range(3), run, observer, at_once=lambda _: 3, title=str)
    assert next(found) == (0, None)
    found.close()
    assert sorted(ended) == [1, 2]


def test_lines_say_whose_they_are(observer: Recorder) -> None:
    def run(work: str, watcher: Observer) -> None:
        for text in ("loss 0", ".5\nloss 0.4\n", "the end"):
            watcher.log(text)

    list(results(["a", "b"], run, observer, at_once=lambda _: 1, title=str.upper))
    lines = ("begins", "loss 0.5", "loss 0.4", "the end")
    assert observer.text.splitlines() == [f"{name}: {line}" for name in "AB" for line in lines]


def test_the_most_that_a_run_held_of_its_gpu_is_remembered(observer: Recorder) -> None:
    watching = Watching(observer)
    assert watching.device_gib is None
    for held in (0, 3 * GIB, GIB):
        gpu = GpuUse(memory_bytes=held, busy=0.5)
        watching.used(Reading(at=0.0, memory_bytes=1, cpu_seconds=0.0, gpu=gpu))
        watching.alive()
    assert watching.device_gib == 3
    unseen = Watching(observer)
    unseen.used(Reading(at=0.0, memory_bytes=1, cpu_seconds=0.0, gpu=GpuUse(memory_bytes=0, busy=0.0)))
    assert unseen.device_gib is None
