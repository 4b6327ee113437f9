"""How many labels a run asked for in each round, where its benchmark has a budget: as reported, and in words."""

from collections.abc import Mapping
from typing import Any

from farfield.labels import MOST_LABELS, MOST_ROUNDS

_PARTS = ("rounds", "per_round")


def labels_of(environment: Mapping[str, Any]) -> dict[str, Any] | None:
    """{"asked": [a number for each round], "rounds", "per_round"} of what a worker reported; None without a budget."""
    said = environment.get("labels")
    if not isinstance(said, Mapping) or not isinstance(said.get("asked"), list):
        return None
    rounds, per_round = (said.get(name) for name in _PARTS)
    whole = _is_count(rounds, MOST_ROUNDS) and _is_count(per_round, MOST_LABELS) and len(said["asked"]) <= MOST_ROUNDS
    if not whole or not all(_is_count(count, MOST_LABELS) for count in said["asked"]):
        return None
    return {"asked": list(said["asked"]), "rounds": rounds, "per_round": per_round}


def labels_sentence(labels: Mapping[str, Any] | None) -> str:
    """For the run's page; empty without a budget.

    >>> labels_sentence({"asked": [3, 2], "rounds": 4, "per_round": 3})
    '5 of 12 asked for, in 2 of 4 rounds: 3, 2.'
    """
    if labels is None:
        return ""
    asked, rounds = labels["asked"], labels["rounds"]
    each = f": {', '.join(map(str, asked))}" if asked else ""
    return f"{sum(asked):,} of {rounds * labels['per_round']:,} asked for, in {len(asked)} of {rounds} rounds{each}."


def _is_count(value: object, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most
