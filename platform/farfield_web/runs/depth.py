"""How many runs there are of a kind, at a cost that does not grow with them."""

import json
from typing import Any

from django.db.models import QuerySet

from farfield_web.runs.models import Run

EXACT = 10_000
MANY = EXACT + 1
ABOUT = f"exact up to {EXACT:,}; {MANY:,} says that there are more, 20,000 and above are an estimate of one digit"


def depth(runs: QuerySet[Run]) -> int:
    """How many there are: exact up to EXACT, MANY where somewhat more are there, of very many one digit of an estimate.

    The database's statistics know that, of the last time it looked, and from a sample: their second digit changes
    though nothing else does.
    """
    counted = runs.order_by()[:MANY].count()
    if counted <= EXACT:
        return counted
    plan: list[dict[str, Any]] = json.loads(runs.order_by().explain(format="json"))
    return about(plan[0]["Plan"]["Plan Rows"])


def about(rows: int) -> int:
    """An estimate of the database, of more than EXACT runs, as far as it can be relied on.

    >>> about(46_000), about(54_000), about(12_000)
    (50000, 50000, 10001)
    """
    return max(MANY, int(float(f"{rows:.0e}")))


def in_words(count: int) -> str:
    """A number that `depth` gave, as pages say it.

    >>> in_words(12), in_words(10_001), in_words(500_000)
    ('12', 'more than 10,000', 'about 500,000')
    """
    if count == MANY:
        return f"more than {EXACT:,}"
    return f"{count:,}" if count <= EXACT else f"about {count:,}"
