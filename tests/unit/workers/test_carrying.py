import pytest

from farfield_workers.carrying import LEAST_DEVICE_GIB, LEAST_GIB, MARGIN, Fixed, Held, Learning, carried


def test_a_machine_carries_what_its_cores_and_its_memory_allow() -> None:
    assert [carried(cores=4, memory=16, declared=declared) for declared in (1, 5, 9, 40)] == [4, 3, 1, 1]
    beside = [carried(cores=4, memory=16, declared=declared, computing=8) for declared in (1, 3, 5, 9, 12)]
    assert beside == [4, 3, 2, 1, 1]


def test_what_was_asked_for_stays() -> None:
    fixed = Fixed(3)
    fixed.learn(Held(memory=100))
    assert (fixed.most, fixed.at_once(0), fixed.at_once(2)) == (3, 3, 3)


def test_after_a_run_has_ended_the_others_count_with_what_it_held_and_half_more() -> None:
    learning = Learning(cores=8, declared=19, free=lambda: 24)
    assert (learning.most, learning.at_once(0)) == (1, 1)
    learning.learn(Held(memory=2))
    assert learning.share == MARGIN * 2
    assert (learning.most, learning.at_once(0), learning.at_once(7)) == (8, 8, 8)


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
    assert [learning.at_once(going) for going in (0, 1, 2)] == [2, 3, 4]
    free[0] = 0.0
    assert [learning.at_once(going) for going in (0, 1, 2)] == [1, 1, 2]


def test_a_gpu_carries_one_until_it_is_known_what_one_holds_of_it() -> None:
    device: list[float | None] = [20.0]
    learning = Learning(cores=8, declared=4, free=lambda: 64, device_free=lambda: device[0])
    assert (learning.most, learning.at_once(0)) == (1, 1)
    learning.learn(Held(memory=2))
    assert learning.most == 1
    learning.learn(Held(memory=2, device=4))
    assert (learning.most, learning.at_once(0)) == (3, 3)
    device[0] = 7.0  # one runs, and somebody else came
    assert learning.at_once(1) == 2
    device[0] = None
    assert learning.at_once(1) == 1
    learning.learn(Held(memory=2, device=0.01))
    assert learning.most == 3


def test_a_context_counts_on_a_gpu_and_a_driver_that_tells_nothing_has_one() -> None:
    small = Learning(cores=99, declared=1, free=lambda: 999, device_free=lambda: 10 * LEAST_DEVICE_GIB)
    small.learn(Held(memory=0.1, device=0.001))
    assert small.most == 10
    silent = Learning(cores=8, declared=1, free=lambda: 64, device_free=lambda: None)
    silent.learn(Held(memory=0.1, device=1))
    assert (silent.most, silent.at_once(0)) == (1, 1)
