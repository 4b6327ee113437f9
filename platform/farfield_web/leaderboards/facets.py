"""What the rows of a board can be filtered by, with how many rows have each value."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from farfield_web.leaderboards.models import BoardLine

MOST_VALUES = 100  # of a facet; of more, those with most entries
MOST_SETTINGS = 100
Counted = list[list[Any]]


@dataclass(frozen=True, kw_only=True)
class FacetValue:
    """A value that rows can be filtered by, and how many rows of the whole board have it."""

    value: Any
    count: int


@dataclass(frozen=True, kw_only=True)
class Facets:
    """The values by what they filter, those with most rows first; `settings` by the name of the setting."""

    kinds: tuple[FacetValue, ...] = ()
    tracks: tuple[FacetValue, ...] = ()
    authors: tuple[FacetValue, ...] = ()
    badges: tuple[FacetValue, ...] = ()
    methods: tuple[FacetValue, ...] = ()
    backbones: tuple[FacetValue, ...] = ()
    settings: Mapping[str, tuple[FacetValue, ...]] = field(default_factory=dict)


def facets_of(lines: Sequence[BoardLine]) -> dict[str, Any]:
    """The facets of these lines, as they are stored. Of a setting that is the same everywhere nothing is said."""
    names = Counter(name for one in lines for name in one.config)
    settings = {
        name: values
        for name, _ in names.most_common(MOST_SETTINGS)
        if len(values := counted(one.config[name] for one in lines if name in one.config)) > 1
    }
    return {
        "kinds": counted(one.kind for one in lines),
        "tracks": counted(one.track for one in lines),
        "authors": counted(one.author for one in lines),
        "badges": counted(badge for one in lines for badge in one.badges),
        "methods": counted(one.method for one in lines),
        "backbones": counted(one.backbone for one in lines if one.backbone),
        "settings": settings,
    }


def read(stored: Mapping[str, Any]) -> Facets:
    """Facets as `facets_of` made them."""
    values = {name: _values(pairs) for name, pairs in stored.items() if name != "settings"}
    settings = {name: _values(pairs) for name, pairs in sorted(stored.get("settings", {}).items())}
    return Facets(**values, settings=settings)


def counted(values: Iterable[Any]) -> Counted:
    """The most frequent of these values with their counts, of equals the first by name; lists and the like left out.

    >>> counted(["b", "a", "b", True, 1])
    [['b', 2], [1, 1], [True, 1], ['a', 1]]
    """
    # By type, too: 1 and True are equal in Python, and not the same setting.
    counts = Counter((type(value), value) for value in values if not isinstance(value, dict | list))
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0][1])))
    return [[value, count] for (_, value), count in ordered[:MOST_VALUES]]


def _values(pairs: Counted) -> tuple[FacetValue, ...]:
    return tuple(FacetValue(value=value, count=count) for value, count in pairs)
