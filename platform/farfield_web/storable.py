"""Text that PostgreSQL can keep: it holds neither NUL nor lone surrogates, which logs of programs do contain."""

import math
import re
from typing import Any

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def text(value: str) -> str:
    """The text with a replacement character for each that cannot be stored, so that its length is kept."""
    return _UNSTORABLE.sub("\ufffd", value)


def is_text(value: str) -> bool:
    """Whether it can be stored as it is."""
    return _UNSTORABLE.search(value) is None


def json(value: Any) -> Any:
    """JSON data with all its text made storable. Raises ValueError for a number that is not finite."""
    if isinstance(value, str):
        return text(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{value} is not a number that JSON knows")
    if isinstance(value, list | tuple):
        return [json(item) for item in value]
    if isinstance(value, dict):
        return {text(str(key)): json(item) for key, item in value.items()}
    return value


def is_json(value: Any) -> bool:
    """Whether it can be stored as it is."""
    try:
        return bool(json(value) == value)
    except ValueError:
        return False
