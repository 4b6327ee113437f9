"""What a run used over time: few points whatever its length, and read from outside of a sandbox."""

import sys
from pathlib import Path

import pytest

from farfield_evaluators.wire import MOST_POINTS, Usage
from farfield_workers.sandbox.base import MIB, Execution, Limits
from farfield_workers.sandbox.gauge import Reading
from farfield_workers.sandbox.process import ProcessSandbox
from farfield_workers.usage import FIRST_SECONDS, UsageCurve


def curve(*readings: tuple[float, int, float]) -> Usage:
    drawn = UsageCurve()
    for at, memory, cpu in readings:
        drawn.add(Reading(at=at, memory_bytes=memory, cpu_seconds=cpu))
    told = drawn.told()
    assert told is not None
    return told


def test_nothing_is_told_before_there_is_anything() -> None:
    assert UsageCurve().told() is None


def test_a_point_is_the_most_memory_and_the_mean_of_processors() -> None:
    told = curve((100.0, 5, 0.25), (100.4, 9, 0.5), (100.6, 7, 1.5))
    assert told == Usage(every=FIRST_SECONDS, memory=(9, 7), cpu=(1.0, 2.0))


def test_a_gap_between_readings_is_there() -> None:
    assert curve((0.0, 5, 0.0), (1.6, 9, 0.5)).memory == (5, 0, 0, 9)


def test_the_processor_time_of_a_second_sandbox_begins_anew() -> None:
    assert curve((0.0, 1, 4.0), (0.5, 1, 1.0)).cpu == (8.0, 2.0)


@pytest.mark.parametrize("seconds", [30, 300, 4000])
def test_a_long_run_has_few_points_and_loses_no_peak_and_no_second(seconds: int) -> None:
    steps = [(step / 2, 100 if step == seconds else 3, step / 4) for step in range(2 * seconds)]
    told = curve(*steps)
    assert MOST_POINTS / 2 <= len(told.memory) == len(told.cpu) <= MOST_POINTS or seconds == 30
    assert max(told.memory) == 100
    assert sum(told.cpu) * told.every == pytest.approx(seconds / 2, rel=0.02)
    assert (len(told.memory) - 1) * told.every < seconds <= len(told.memory) * told.every + told.every


def test_what_a_process_uses_is_seen_from_outside(tmp_path: Path) -> None:
    held = "x = bytearray(64 << 20)\nfor at in range(0, len(x), 4096): x[at] = 1\n"
    burns = f"import time\n{held}end = time.process_time() + 1.0\nwhile time.process_time() < end: pass\n"
    seen: list[Reading] = []
    (tmp_path / "out").mkdir()
    execution = Execution(
        command=(sys.executable, "-c", burns),
        output=tmp_path / "out",
        log=tmp_path / "log",
        limits=Limits(memory_bytes=1024 * MIB, seconds=120),
        watch=seen.append,
    )
    finished = ProcessSandbox().run(execution, lambda: None)
    assert finished.status == 0
    assert max(one.memory_bytes for one in seen) >= 64 * MIB
    assert 0.3 < max(one.cpu_seconds for one in seen) < 10
    assert [one.at for one in seen] == sorted(one.at for one in seen)
