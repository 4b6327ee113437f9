"""What the rows of a board can be filtered by, with how many rows have each value."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from farfield_web.leaderboards.plain_lines import Telling
from farfield_web.submissions.written import setting_name

MOST_VALUES = 100  # of a facet, and of a setting; of more, those with most entries
MOST_SETTINGS = 100
Counted = list[list[str | int]]
Facets = Mapping[str, Sequence[tuple[str, int]]]
"""By the name of a list of filters its values, those with most rows first, each with how many rows have it."""


def facets_of(lines: Sequence[Telling]) -> dict[str, Counted]:
    """The facets of these lines, as they are stored. Nothing is said of what is the same everywhere."""
    values = {
        "track": counted(one.track for one in lines),
        "kind": counted(one.kind for one in lines),
        "badge": counted(badge for one in lines for badge in one.badges),
        "phase": counted(one.phase for one in lines if one.phase),
        "method": counted(one.method for one in lines),
        "backbone": counted(one.backbone for one in lines if one.backbone),
        "author": counted(one.author for one in lines),
        "set": _settings(lines),
    }
    return {name: pairs for name, pairs in values.items() if any(count != len(lines) for _, count in pairs)}


def read(stored: Mapping[str, Counted]) -> Facets:
    """Facets as `facets_of` made them."""
    return {name: tuple((str(value), int(count)) for value, count in pairs) for name, pairs in stored.items()}


def counted(values: Iterable[str]) -> Counted:
    """The most frequent of these values with their counts, of equals the first by name.

    >>> counted(["b", "a", "b"])
    [['b', 2], ['a', 1]]
    """
    return [[value, count] for value, count in _ordered(Counter(values))[:MOST_VALUES]]


def _settings(lines: Sequence[Telling]) -> Counted:
    """Of each setting that has several values these, as `name:value`."""
    by_name: dict[str, Counter[str]] = {}
    for one in lines:
        for setting in one.settings:
            by_name.setdefault(setting_name(setting), Counter())[setting] += 1
    named = sorted(by_name.items(), key=lambda pair: (-pair[1].total(), pair[0]))[:MOST_SETTINGS]
    telling = Counter({each: n for _, counts in named if len(counts) > 1 for each, n in _ordered(counts)[:MOST_VALUES]})
    return [[value, count] for value, count in _ordered(telling)]


def _ordered(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
