"""What a board needs to know of a metric. The computation is a pure function of the evaluators."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A named figure: its direction, and how it is shown. `unit="%"` shows a 0..1 value times 100."""

    name: str
    title: str
    higher_is_better: bool
    description: str
    unit: Literal["%", ""] = "%"
