"""Which workers are let run dry."""

from farfield_web import storable
from farfield_web.operations.models import OPEN, Drain


def kept(name: str) -> str:
    """A worker's name as it is stored."""
    return storable.text(name)[:200]


def drain_of(worker: str) -> Drain | None:
    """The word by which this worker gets nothing new; None where there is none."""
    return Drain.objects.filter(OPEN, worker=kept(worker)).first()


def drained() -> dict[str, Drain]:
    """All of them by the workers' names."""
    return {drain.worker: drain for drain in Drain.objects.filter(OPEN)}
