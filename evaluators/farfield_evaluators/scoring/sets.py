"""What the names of sets say: which is the ID set, which are corruptions, and which are a board's."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from farfield import families
from farfield_evaluators.arrays import ArraysError
from farfield_evaluators.catalog import benchmarks
from farfield_evaluators.metrics.corruption import MAIN, Place, place_of
from farfield_evaluators.metrics.names import canonical

NAME = "arrays.name"
ID_NAMES = ("val", "photographs", "iid")
NEAR_NAMES = ("ssb-hard", "ninco")
_OF_BOARDS = frozenset(
    canonical(domain.name) for b in benchmarks() if families.of(b.family).curves for domain in b.domains
)


def check_names(names: Iterable[str]) -> None:
    """Raises ArraysError for a severity beyond 1..5, and for names that stand for the same images, or some of them."""
    found: dict[str | Place, str] = {}
    for name in names:
        key = _place_of(name) or canonical(name)
        if key in found:
            raise ArraysError(NAME, f"{found[key]} and {name} are names of one set; give it once")
        found[key] = name
    for key, name in found.items():
        pooled = isinstance(key, Place) and key.severity and found.get(replace(key, severity=None))
        if pooled:
            raise ArraysError(NAME, f"{pooled} holds all severities, and {name} one of them; give the one or the other")


def roles_of(names: Collection[str]) -> dict[str, str]:
    """By name: "id", "shift" or "corruption". Where there are corruptions alone the main ones are the shifts."""
    places = {name: place_of(name) for name in names if canonical(name) not in ID_NAMES}
    alone = all(places.values())

    def role(place: Place | None) -> str:
        return "shift" if place is None or (alone and place.corruption in MAIN) else "corruption"

    return {name: role(places[name]) if name in places else "id" for name in names}


def is_known(name: str) -> bool:
    """Whether it is the name of a corruption, or of a set of a board that compares classifiers."""
    return place_of(name) is not None or canonical(name) in _OF_BOARDS


def _place_of(name: str) -> Place | None:
    try:
        return place_of(name)
    except ValueError as error:
        raise ArraysError(NAME, str(error)) from error
