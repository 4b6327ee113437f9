"""What a run used over time: few points whatever its length, and read from outside of a sandbox."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pynvml
import pytest

from farfield_evaluators.wire import MOST_POINTS, GpuUsage, Usage
from farfield_workers.sandbox.base import MIB, Execution, Limits
from farfield_workers.sandbox.gauge import Reading
from farfield_workers.sandbox.nvml import GpuGauge, GpuUse, gauge_of
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
    assert told == Usage(every=FIRST_SECONDS, memory=(9, 7), cpu=(1.0, 2.0), gpu=None)


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


def test_of_a_gpu_a_point_is_the_most_memory_and_the_mean_of_its_use() -> None:
    drawn = UsageCurve()
    seen = ((0.0, 3, 0.5), (0.4, 9, 1.0), (0.6, 5, 0.25))
    for at, held, busy in seen:
        drawn.add(Reading(at=at, memory_bytes=1, cpu_seconds=0.0, gpu=GpuUse(memory_bytes=held, busy=busy)))
    told = drawn.told()
    assert told is not None
    assert told.gpu == GpuUsage(memory=(9, 5), busy=(0.75, 0.25))
    drawn.add(Reading(at=MOST_POINTS * FIRST_SECONDS, memory_bytes=1, cpu_seconds=0.0))
    told = drawn.told()
    assert told is not None
    assert told.gpu is not None
    assert (told.gpu.memory[0], told.gpu.busy[0]) == (9, 0.583)


class Driver:
    """A stand-in for NVIDIA's binding: one device, processes of two runs, and what the driver says of them."""

    NVMLError, NVMLError_NotFound = pynvml.NVMLError, pynvml.NVMLError_NotFound

    def __init__(self) -> None:
        self.asked_since: list[int] = []
        self.samples = [(7, 100, 20), (7, 200, 60), (8, 200, 90), (9, 150, 30)]

    def nvmlDeviceGetHandleByUUID(self, uuid: str) -> str:  # NVIDIA's names
        return uuid

    def nvmlDeviceGetComputeRunningProcesses(self, device: str) -> list[SimpleNamespace]:
        return [SimpleNamespace(pid=p, usedGpuMemory=m) for p, m in ((7, 5 * MIB), (8, 90 * MIB), (9, None))]

    def nvmlDeviceGetMemoryInfo(self, device: str) -> SimpleNamespace:
        return SimpleNamespace(total=100 * MIB, used=95 * MIB, free=5 * MIB)

    def nvmlDeviceGetProcessUtilization(self, device: str, since: int) -> list[SimpleNamespace]:
        self.asked_since.append(since)
        if since >= 200:
            raise pynvml.NVMLError(pynvml.NVML_ERROR_NOT_FOUND)
        return [SimpleNamespace(pid=p, timeStamp=t, smUtil=u) for p, t, u in self.samples]


def test_a_gpu_is_read_of_the_runs_own_processes() -> None:
    driver = Driver()
    gauge = GpuGauge(driver, "GPU-1")
    assert gauge.use([7, 9]) == GpuUse(memory_bytes=5 * MIB, busy=0.9)
    assert gauge.use([7, 9]) == GpuUse(memory_bytes=5 * MIB, busy=0.0)
    assert driver.asked_since == [0, 200]
    driver.samples = [(7, 300, 100), (9, 300, 80)]
    driver.asked_since.clear()
    assert GpuGauge(driver, "GPU-1").use([7, 9]) == GpuUse(memory_bytes=5 * MIB, busy=1.0)


def test_a_driver_that_does_not_say_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = Driver()

    def lost(device: str) -> None:
        raise pynvml.NVMLError(pynvml.NVML_ERROR_GPU_IS_LOST)

    monkeypatch.setattr(driver, "nvmlDeviceGetComputeRunningProcesses", lost)
    assert GpuGauge(driver, "GPU-1").use([7]) is None


def test_what_is_free_of_a_gpu_is_everybodys(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = Driver()
    assert GpuGauge(driver, "GPU-1").free() == 5 * MIB

    def lost(device: str) -> None:
        raise pynvml.NVMLError(pynvml.NVML_ERROR_NOT_SUPPORTED)

    monkeypatch.setattr(driver, "nvmlDeviceGetMemoryInfo", lost)
    assert GpuGauge(driver, "GPU-1").free() is None


def test_without_a_driver_nothing_is_read() -> None:
    assert gauge_of("GPU-none") is None
    assert gauge_of(None) is None


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
