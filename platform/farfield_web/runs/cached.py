"""How much of what a run was given came from its worker's caches: by which costs that were cold and warm are told."""

from collections.abc import Iterable, Mapping
from statistics import fmean
from typing import Any

from farfield_web.runs.reported import BadReport

WORDS: Mapping[str, str] = {
    "base": "base model",
    "features": "features",
    "texts": "text embeddings",
    "pixels": "pixels",
}
"""Of each cache what it holds, as pages say it."""


def cached_of(value: Any) -> dict[str, float]:
    """The shares (0..1) of a report, by cache; empty where the run took nothing that is kept. Raises BadReport."""
    if not isinstance(value, dict) or value.keys() - WORDS.keys():
        raise BadReport(f"expected shares of {', '.join(WORDS)} from caches, got {value!r}"[:200])
    for name, share in value.items():
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
            raise BadReport(f"expected the share of {name} from a cache in 0..1, got {share!r}"[:200])
    return {name: float(share) for name, share in value.items()}


def cached_sentence(cached: Mapping[str, float]) -> str:
    """For the run's page; empty where the run took nothing that is kept.

    >>> cached_sentence({"features": 1.0, "pixels": 0.25})
    "From the worker's caches: 100% of the features, 25% of the pixels."
    """
    shares = [f"{100 * cached[name]:.0f}% of the {words}" for name, words in WORDS.items() if name in cached]
    return f"From the worker's caches: {', '.join(shares)}." if shares else ""


def warmth(runs: Iterable[Mapping[str, float]]) -> float | None:
    """Which share of what an entry's runs took was there before them, the mean; None where they took no such thing.

    >>> warmth([{"pixels": 0.0}, {"pixels": 1.0}, {}]), warmth([{}])
    (0.5, None)
    """
    shares = [fmean(run.values()) for run in runs if run]
    return fmean(shares) if shares else None
