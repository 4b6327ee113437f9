"""What a run used over time, as its worker tells it."""

from typing import Any

from farfield_evaluators.wire import Usage


def usage_of(told: Usage | None) -> dict[str, Any]:
    """As it is kept; empty where nothing was seen, and for points that do not belong together."""
    if told is None or not told.every or len(told.memory) != len(told.cpu):
        return {}
    kept: dict[str, Any] = {"every": told.every, "memory": list(told.memory), "cpu": list(told.cpu)}
    if told.gpu is not None and len(told.gpu.memory) == len(told.gpu.busy) == len(told.cpu):
        kept["gpu"] = {"memory": list(told.gpu.memory), "busy": list(told.gpu.busy)}
    return kept
