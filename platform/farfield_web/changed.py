"""Telling boards that something changed what they show. Below all apps, because every one of them may do it."""

import uuid

from django.apps import apps

from farfield_web.compared import compare_on_commit


def changed(
    benchmark: str, tier: str, submission: uuid.UUID | None = None, *, compare: bool = True, lines: bool = True
) -> None:
    """Count a change of a board, in the transaction of what changes it, and have its entries compared after that.

    With `submission` it is known that nothing else of the board changed, which saves looking at all of it. Without
    `compare` the entries are as they were for each other, as when a title changes; without `lines` they are as they
    were by themselves. Never raises for a broker that is down.
    """
    named = {"benchmark": benchmark, "tier": tier, "submission": submission, "lines": lines}
    apps.get_model("leaderboards", "BoardChange").objects.create(**named)
    if compare:
        compare_on_commit(benchmark, tier)
