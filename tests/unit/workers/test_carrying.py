import threading
from collections.abc import Sequence

import pytest
from tests.unit.workers.conftest import Recorder

from farfield_workers.carrying import LEAST_DEVICE_GIB, LEAST_GIB, MARGIN, Fixed, Held, Learning, carried
from farfield_workers.execution import Observer
from farfield_workers.sandbox.base import GIB
from farfield_workers.sandbox.gauge import Reading
from farfield_workers.sandbox.nvml import GpuUse
from farfield_workers.side_by_side import results

UNSEEN = Held()


def test_a_machine_carries_what_its_cores_and_its_memory_allow() -> None:
    assert [carried(cores=4, memory=16, declared=declared) for declared in (1, 5, 9, 40)] == [4, 3, 1, 1]
    beside = [carried(cores=4, memory=16, declared=declared, computing=8) for declared in (1, 3, 5, 9, 12)]
    assert beside == [4, 3, 2, 1, 1]


def test_what_is_computed_while_a_run_holds_its_memory_has_room_of_its_own() -> None:
    """16 GiB, of which text embeddings may take 8: also where the run that asks for them holds more than they take."""
    beside = [
        carried(cores=4, memory=16, declared=declared, computing=8, beside=True) for declared in (1, 2.5, 3, 4, 9)
    ]
    assert beside == [4, 3, 2, 2, 1]
    device = Learning(cores=9, declared=1, free=lambda: 64, computing=8, beside=True, device_free=lambda: 20.0)
    device.learn(Held(memory=1, device=2))  # 3 with what is added
    assert (device.most, device.at_once([UNSEEN, UNSEEN])) == (4, 4)


def test_what_was_asked_for_stays() -> None:
    fixed = Fixed(3)
    fixed.learn(Held(memory=100))
    assert (fixed.most, fixed.at_once([]), fixed.at_once([UNSEEN] * 2)) == (3, 3, 3)


def test_after_a_run_has_ended_the_others_count_with_what_it_held_and_half_more() -> None:
    learning = Learning(cores=8, declared=19, free=lambda: 24)
    assert (learning.most, learning.at_once([])) == (1, 1)
    learning.learn(Held(memory=2))
    assert learning.share == MARGIN * 2
    assert (learning.most, learning.at_once([]), learning.at_once([UNSEEN] * 7)) == (8, 8, 8)


def test_the_most_that_any_held_counts() -> None:
    learning = Learning(cores=8, declared=19, free=lambda: 24)
    for memory, most in ((2, 8), (4, 4), (1, 4), (8, 2)):
        learning.learn(Held(memory=memory))
        assert learning.most == most


@pytest.mark.parametrize(("memory", "share"), [(0.01, LEAST_GIB), (18, 19), (30, 19), (None, 19)])
def test_a_share_is_never_more_than_declared_nor_nothing(memory: float | None, share: float) -> None:
    learning = Learning(cores=8, declared=19, free=lambda: 24)
    learning.learn(Held(memory=memory))
    assert learning.share == share


def test_a_run_that_was_not_seen_unlearns_nothing() -> None:
    learning = Learning(cores=8, declared=19, free=lambda: 24)
    learning.learn(Held(memory=4))
    learning.learn(Held(memory=None))
    assert learning.share == 6


def test_room_for_computing_features_is_kept_whatever_was_learned() -> None:
    learning = Learning(cores=8, declared=19, free=lambda: 20, computing=8)
    learning.learn(Held(memory=2))
    assert learning.most == 5  # 8 for the one that computes, 3 for each of four others


def test_memory_that_others_took_meanwhile_is_not_promised_again() -> None:
    free = [24.0]
    learning = Learning(cores=8, declared=19, free=lambda: free[0])
    learning.learn(Held(memory=2))
    free[0] = 7.0
    assert [learning.at_once([UNSEEN] * going) for going in (0, 1, 2)] == [2, 2, 2]
    free[0] = 0.0
    assert [learning.at_once([UNSEEN] * going) for going in (0, 1, 2)] == [1, 1, 1]


def test_what_a_run_holds_already_is_not_asked_of_the_free_memory_again() -> None:
    free = [24.0]
    learning = Learning(cores=8, declared=19, free=lambda: free[0])
    learning.learn(Held(memory=2))
    free[0] = 10.0  # seven hold 2 of their 3, and nobody else came
    assert learning.at_once([Held(memory=2)] * 7) == 8
    free[0] = 7.0  # somebody did
    assert learning.at_once([Held(memory=2)] * 7) == 7
    free[0] = 6.0  # one holds more than its share, which leaves nothing of it to the others
    assert learning.at_once([Held(memory=9)]) == 3


def most_at_once(learning: Learning, observer: Recorder) -> int:
    """The most of eight runs that go side by side."""
    lock, going, most = threading.Lock(), [0], [0]

    def run(_: int, watcher: Observer) -> None:
        with lock:
            going[0] += 1
            most[0] = max(most[0], going[0])
        threading.Event().wait(0.02)
        with lock:
            going[0] -= 1

    assert len(list(results(range(8), run, observer, at_once=learning.at_once, title=str))) == 8
    return most[0]


def test_runs_that_begin_together_have_no_more_than_there_is(observer: Recorder) -> None:
    """What is free does not show what they are about to hold."""
    free, device = [24.0], [24.0]
    learning = Learning(cores=8, declared=19, free=lambda: free[0])
    learning.learn(Held(memory=2))
    free[0] = 7.0
    assert (learning.most, most_at_once(learning, observer)) == (8, 2)
    on_device = Learning(cores=8, declared=1, free=lambda: 64, device_free=lambda: device[0])
    on_device.learn(Held(memory=1, device=2))
    device[0] = 7.0
    assert (on_device.most, most_at_once(on_device, observer)) == (8, 2)


def test_what_is_seen_of_those_that_go_reaches_who_says_how_many_may(observer: Recorder) -> None:
    asked: list[list[Held]] = []
    reading = Reading(at=0.0, memory_bytes=2 * GIB, cpu_seconds=0.0, gpu=GpuUse(memory_bytes=GIB, busy=0.5))
    seen, held = threading.Event(), threading.Event()

    def run(work: int, watcher: Observer) -> None:
        watcher.used(reading)
        if work == 0:
            seen.set()
            held.wait(10)
        elif work == 1:
            seen.wait(10)
        else:
            held.set()

    def at_once(going: Sequence[Held]) -> int:
        asked.append(list(going))
        return 2

    list(results(range(3), run, observer, at_once=at_once, title=str))
    assert asked[0] == []
    assert [Held(memory=2, device=1)] in asked  # the first, when the second has ended


def test_what_features_took_is_not_taken_for_what_the_run_holds(observer: Recorder) -> None:
    asked: list[list[Held]] = []
    begun, ended = threading.Event(), threading.Event()

    def run(work: int, watcher: Observer) -> None:
        if work == 0:
            watcher.used(Reading(at=0.0, memory_bytes=8 * GIB, cpu_seconds=0.0))
            watcher.stage("running")
            begun.set()
            ended.wait(10)
        elif work == 1:
            begun.wait(10)
        else:
            ended.set()

    def at_once(going: Sequence[Held]) -> int:
        asked.append(list(going))
        return 2

    list(results(range(3), run, observer, at_once=at_once, title=str))
    assert [UNSEEN] in asked[2:]
    assert not any(held.memory for going in asked for held in going)


def test_a_gpu_carries_one_until_it_is_known_what_one_holds_of_it() -> None:
    device: list[float | None] = [20.0]
    learning = Learning(cores=8, declared=4, free=lambda: 64, device_free=lambda: device[0])
    assert (learning.most, learning.at_once([])) == (1, 1)
    learning.learn(Held(memory=2))
    assert learning.most == 1
    learning.learn(Held(memory=2, device=4))
    assert (learning.most, learning.at_once([])) == (3, 3)
    device[0] = 8.0  # one runs and holds 4 of its 6, and somebody else came
    assert learning.at_once([Held(device=4)]) == 2
    device[0] = 7.0
    assert learning.at_once([Held(device=4)]) == 1
    device[0] = None
    assert learning.at_once([Held(device=4)]) == 1
    learning.learn(Held(memory=2, device=0.01))
    assert learning.most == 3


def test_a_context_counts_on_a_gpu_and_a_driver_that_tells_nothing_has_one() -> None:
    small = Learning(cores=99, declared=1, free=lambda: 999, device_free=lambda: 10 * LEAST_DEVICE_GIB)
    small.learn(Held(memory=0.1, device=0.001))
    assert small.most == 10
    silent = Learning(cores=8, declared=1, free=lambda: 64, device_free=lambda: None)
    silent.learn(Held(memory=0.1, device=1))
    assert (silent.most, silent.at_once([])) == (1, 1)
