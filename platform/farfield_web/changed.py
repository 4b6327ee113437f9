"""Telling boards that something changed what they show. Below all apps, because every one of them may do it."""

import uuid
from collections.abc import Iterable

from django.apps import apps

from farfield_web.compared import ask_on_commit

Change = tuple[str, str, uuid.UUID | None]
"""Of a benchmark's tier, and of which submission it is; None where that is not known."""


def changed(
    benchmark: str, tier: str, submission: uuid.UUID | None = None, *, compare: bool = True, lines: bool = True
) -> None:
    """Count a change of a board, in the transaction of what changes it, and have it ranked and compared after that.

    With `submission` it is known that nothing else of the board changed, which saves looking at all of it. Without
    `compare` the entries are as they were for each other, as when a title changes; without `lines` they are as they
    were by themselves. Never raises for a broker that is down.
    """
    all_changed([(benchmark, tier, submission)], compare=compare, lines=lines)


def all_changed(changes: Iterable[Change], *, compare: bool = True, lines: bool = True) -> None:
    """The same of several at once; the site worker is asked once for each board."""
    model, named = apps.get_model("leaderboards", "BoardChange"), list(changes)
    model.objects.bulk_create(
        model(benchmark=benchmark, tier=tier, submission=key, lines=lines) for benchmark, tier, key in named
    )
    for board in dict.fromkeys((benchmark, tier) for benchmark, tier, _ in named):
        ask_on_commit(*board, compare=compare)
