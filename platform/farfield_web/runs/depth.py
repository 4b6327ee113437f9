"""How many runs there are of a kind, at a cost that does not grow with them."""

import json
from typing import Any

from django.db.models import QuerySet

from farfield_web.runs.models import Run

EXACT = 10_000


def depth(runs: QuerySet[Run]) -> int:
    """How many there are: exact up to EXACT; of more, what the database's own statistics say, rounded to 2 digits."""
    counted = runs.order_by()[: EXACT + 1].count()
    if counted <= EXACT:
        return counted
    plan: list[dict[str, Any]] = json.loads(runs.order_by().explain(format="json"))
    return max(EXACT + 1, int(float(f"{plan[0]['Plan']['Plan Rows']:.1e}")))


def in_words(count: int) -> str:
    """A number that `depth` gave, as pages say it.

    >>> in_words(12), in_words(480_000)
    ('12', 'about 480,000')
    """
    return f"{count:,}" if count <= EXACT else f"about {count:,}"
