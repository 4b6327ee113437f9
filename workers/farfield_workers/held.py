"""What a run took of its machine, said to who runs it: memory beside what the method declares, and what was cached."""

from collections.abc import Mapping

from farfield_workers.sandbox.base import GIB, MIB, Memory


def memory_line(memory: Memory | None) -> str:
    """A line with its end; empty where nothing was seen."""
    if memory is None:
        return ""
    held, declared = _size(memory.peak_bytes), _size(memory.limit_bytes)
    return f"memory: {held} at most, of {declared} declared ({memory.counted})\n"


def cached_line(cached: Mapping[str, float]) -> str:
    """What was in this machine's caches, a line with its end; empty where the run took nothing that is kept.

    >>> cached_line({"pixels": 0.25})
    'from the caches of this machine: 25% of the pixels\\n'
    """
    shares = ", ".join(f"{100 * share:.0f}% of the {what}" for what, share in cached.items())
    return f"from the caches of this machine: {shares}\n" if shares else ""


def _size(count: int) -> str:
    return f"{count / GIB:.3g} GiB" if count >= GIB / 10 else f"{count / MIB:.3g} MiB"
