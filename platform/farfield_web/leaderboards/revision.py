"""The revision of a board: a number that grows in the transaction of whatever changes what the board shows."""

from django.db import connection

from farfield_web.changed import changed

__all__ = ["changed", "revision_of", "revision_of_all"]

# What boards have taken in and what waits, in one statement, so that no change is between the two.
_ALL = """
SELECT COALESCE((SELECT SUM(revision) FROM leaderboards_boardstate), 0)
+ (SELECT COUNT(*) FROM leaderboards_boardchange)
"""
_OF_BENCHMARK = """
SELECT COALESCE((SELECT SUM(revision) FROM leaderboards_boardstate WHERE benchmark = %(benchmark)s), 0)
+ (SELECT COUNT(*) FROM leaderboards_boardchange WHERE benchmark = %(benchmark)s)
"""
_OF_BOARD = """
SELECT COALESCE(
(SELECT revision FROM leaderboards_boardstate WHERE benchmark = %(benchmark)s AND tier = %(tier)s), 0)
+ (SELECT COUNT(*) FROM leaderboards_boardchange WHERE benchmark = %(benchmark)s AND tier = %(tier)s)
"""


def revision_of(benchmark: str, tier: str | None = None) -> int:
    """How often a board has changed, as far as this transaction sees; without a tier, all boards of the benchmark."""
    return _asked(_OF_BENCHMARK if tier is None else _OF_BOARD, benchmark=benchmark, tier=tier)


def revision_of_all() -> int:
    """How often any board has changed."""
    return _asked(_ALL)


def _asked(statement: str, **named: str | None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, named)
        return int(cursor.fetchone()[0])
