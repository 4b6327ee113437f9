"""The one figure there is, from the scorer that computes it to the page that shows it."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A metric's value on a domain, an aggregate or a group, with its standard error over the n test examples.

    Most metrics are shares in 0..1; docs/metrics.md says which are not. `stderr` and `n` are None where they are not
    known. `trials` says over how many trials the value is a mean; the error of several is that over trials.
    """

    metric: str
    domain: str
    value: float
    stderr: float | None
    n: int | None
    trials: int = 1

    @property
    def key(self) -> tuple[str, str]:
        """What it is a figure of: no two figures of a run have the same."""
        return self.metric, self.domain

    def as_json(self) -> dict[str, Any]:
        """As it is sent and written; `trials` where there are several."""
        values = asdict(self)
        return values if self.trials != 1 else {name: value for name, value in values.items() if name != "trials"}
