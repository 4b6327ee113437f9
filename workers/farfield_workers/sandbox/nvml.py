"""What processes use of an NVIDIA GPU, as its driver tells through NVML; nothing where library or driver is not there.

The driver names processes by the host's numbers, so a worker in a container without the host's numbers sees none.
"""

import contextlib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any


@dataclass(frozen=True, kw_only=True)
class GpuUse:
    """Bytes of its memory that are held, and the share of the time, 0 to 1, in which it computed."""

    memory_bytes: int
    busy: float


class GpuGauge:
    """One GPU. `nvml` is the module of NVIDIA's binding, nvidia-ml-py, which tells of the driver."""

    def __init__(self, nvml: Any, uuid: str) -> None:
        self._nvml = nvml
        self._device = nvml.nvmlDeviceGetHandleByUUID(uuid)
        self._seen = 0  # by the driver's clock, in microseconds

    def use(self, pids: Collection[int]) -> GpuUse | None:
        """What these processes use now; None when the driver does not say, as of a part of a GPU (MIG)."""
        try:
            return GpuUse(memory_bytes=self._memory(frozenset(pids)), busy=self._busy(frozenset(pids)))
        except self._nvml.NVMLError:
            return None

    def free(self) -> int | None:
        """Bytes of its memory that nobody holds now; None when the driver does not say."""
        try:
            return int(self._nvml.nvmlDeviceGetMemoryInfo(self._device).free)
        except self._nvml.NVMLError:
            return None

    def _memory(self, pids: frozenset[int]) -> int:
        listed = self._nvml.nvmlDeviceGetComputeRunningProcesses(self._device)
        held: int = sum(each.usedGpuMemory or 0 for each in listed if each.pid in pids)
        return held

    def _busy(self, pids: frozenset[int]) -> float:
        """By the driver's own means since it was asked last; it has none of processes that did nothing."""
        samples = []
        with contextlib.suppress(self._nvml.NVMLError_NotFound):
            samples = self._nvml.nvmlDeviceGetProcessUtilization(self._device, self._seen)
        self._seen = max([self._seen, *(each.timeStamp for each in samples)])
        latest = {each.pid: each for each in sorted(samples, key=lambda each: each.timeStamp) if each.pid in pids}
        percent: int = sum(each.smUtil for each in latest.values())
        return min(1.0, percent / 100)


@cache
def gauge_of(uuid: str | None) -> GpuGauge | None:
    """The gauge of a worker's GPU; None without a GPU, without the library (`farfield-platform[gpu]`), or a driver."""
    if uuid is None:
        return None
    try:
        import pynvml
    except ModuleNotFoundError:
        return None
    try:
        pynvml.nvmlInit()
        return GpuGauge(pynvml, uuid)
    except pynvml.NVMLError:
        return None
