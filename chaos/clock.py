"""A wrong clock for one Python process: put on its path as `sitecustomize`. The system's clock is never touched."""

import datetime
import os
import time
from typing import Any

SHIFT = float(os.environ.get("CHAOS_CLOCK_SHIFT", "0"))
_time, _time_ns = time.time, time.time_ns
_datetime: Any = datetime.datetime


class _Kind(type):
    """Every real date counts as one of the shifted class, and is what its members make."""

    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, _datetime)


class _Shifted(datetime.datetime, metaclass=_Kind):
    @classmethod
    def now(cls, tz: Any = None) -> Any:
        return _datetime.now(tz) + datetime.timedelta(seconds=SHIFT)

    @classmethod
    def today(cls) -> Any:
        return cls.now()

    @classmethod
    def utcnow(cls) -> Any:
        return cls.now(datetime.UTC).replace(tzinfo=None)


if SHIFT:
    time.time = lambda: _time() + SHIFT
    time.time_ns = lambda: _time_ns() + int(SHIFT * 1e9)
    setattr(datetime, "datetime", _Shifted)  # noqa: B010 - a type checker forbids the plain assignment
