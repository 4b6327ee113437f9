"""What a run held of memory, said to who runs it: beside what the method declares, so that a figure can be chosen."""

from farfield_workers.sandbox.base import GIB, MIB, Memory


def memory_line(memory: Memory | None) -> str:
    """A line with its end; empty where nothing was seen."""
    if memory is None:
        return ""
    held, declared = _size(memory.peak_bytes), _size(memory.limit_bytes)
    return f"memory: {held} at most, of {declared} declared ({memory.counted})\n"


def _size(count: int) -> str:
    return f"{count / GIB:.3g} GiB" if count >= GIB / 10 else f"{count / MIB:.3g} MiB"
