"""Device files of one NVIDIA GPU, for backends that have no container toolkit to find them."""

import re
from pathlib import Path

DRIVER = Path("/proc/driver/nvidia/gpus")
SHARED = ("/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia-uvm-tools", "/dev/nvidia-modeset")


def gpu_devices(gpu: str | None, driver: Path = DRIVER) -> list[str]:
    """Paths of the device files of the GPU with this UUID; none for None. Raises OSError when there is no such GPU."""
    if gpu is None:
        return []
    minors = dict(_described(path.read_text(encoding="utf-8")) for path in sorted(driver.glob("*/information")))
    if gpu not in minors:
        raise OSError(f"no GPU has the UUID {gpu}; this host has {', '.join(minors) or 'none'}")
    return [path for path in (f"/dev/nvidia{minors[gpu]}", *SHARED) if Path(path).exists()]


def _described(information: str) -> tuple[str, str]:
    """(UUID, minor device number) as the driver describes a GPU."""
    values = dict(re.findall(r"^(GPU UUID|Device Minor):\s*(\S+)", information, re.MULTILINE))
    return values.get("GPU UUID", ""), values.get("Device Minor", "")
