"""The revision of a board: a number that grows in the transaction of whatever changes what the board shows."""

from farfield_web.changed import changed
from farfield_web.leaderboards.models import BoardChange, BoardState

__all__ = ["changed", "revision_of"]


def revision_of(benchmark: str, tier: str) -> int:
    """How often the board has changed, as far as this transaction sees; 0 before anything did."""
    named = {"benchmark": benchmark, "tier": tier}
    settled = BoardState.objects.filter(**named).values_list("revision", flat=True).first() or 0
    return settled + BoardChange.objects.filter(**named).count()
