"""What a run held of memory at most, as its worker reports it and as people read it."""

from collections.abc import Mapping
from typing import Any

from farfield_web import storable
from farfield_web.runs.reported import BadReport

GIB = 1 << 30
MIB = 1 << 20
MOST_BYTES = 1 << 53


def memory_of(value: Any) -> dict[str, Any]:
    """The memory of a report, of the agreed form; empty where nothing was seen. Raises BadReport."""
    if not value:
        return {}
    if not isinstance(value, dict):
        raise BadReport(f"expected the memory as an object, got {type(value).__name__}")
    return {
        "peak_bytes": _bytes(value.get("peak_bytes")),
        "limit_bytes": _bytes(value.get("limit_bytes")),
        "counted": storable.text(str(value.get("counted") or ""))[:60],
    }


def memory_sentence(memory: Mapping[str, Any]) -> str:
    """For the run's page; empty where nothing was seen."""
    if not memory:
        return ""
    return f"{size(memory['peak_bytes'])} at most, of the {size(memory['limit_bytes'])} that the method declares."


def size(count: int) -> str:
    """Bytes, in the unit that people declare memory in."""
    return f"{count / GIB:.3g} GiB" if count >= GIB / 10 else f"{count / MIB:.3g} MiB"


def _bytes(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < MOST_BYTES:
        raise BadReport(f"expected a number of bytes, got {value!r}"[:200])
    return value
