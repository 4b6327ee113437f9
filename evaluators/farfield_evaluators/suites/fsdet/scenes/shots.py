"""The shots of the scenes: which objects of the pool a detector learns from, nested over numbers of shots.

FsDet's rule, in a pool where no scene shows a class twice: scenes of a class are drawn without repeats, its one object
in each is a shot, and the first k of them are the k shots. A shot set ("group") is a draw of its own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from farfield_evaluators.data.errors import PackError
from farfield_evaluators.suites.fsdet.scenes.compose import Scene
from farfield_evaluators.suites.fsdet.scenes.names import SHOT_SETS, SHOTS
from farfield_evaluators.suites.fsdet.scenes.sets import POOL, draws_of
from farfield_evaluators.suites.fsdet.scenes.things import CLASSES, NOVEL_NUMBERS
from farfield_evaluators.suites.fsdet.sets import record_set


@dataclass(frozen=True, kw_only=True)
class Shot:
    """An object of a scene, by the numbers of both; `set` is the pack's set of the record it makes."""

    scene: int
    object: int
    set: str


def shots_in(pool: Sequence[Scene]) -> Iterator[Shot]:
    """All shots of all shot sets. Raises PackError for a pool with too few scenes of a class."""
    for group in SHOT_SETS:
        for label in range(len(CLASSES)):
            for place, (scene, number) in enumerate(_drawn(pool, label, group)):
                among = [shots for shots in SHOTS if place < shots]
                yield Shot(
                    scene=scene, object=number, set=record_set(novel=label in NOVEL_NUMBERS, group=group, shots=among)
                )


def _drawn(pool: Sequence[Scene], label: int, group: int) -> list[tuple[int, int]]:
    """The objects of a class in an order of chance: as many as the most shots are."""
    places = [
        (scene, number)
        for scene, each in enumerate(pool)
        for number, shown in enumerate(each.objects)
        if shown.label == label
    ]
    if len(places) < max(SHOTS):
        raise PackError(f"the pool shows {CLASSES[label]} in {len(places)} scenes; {max(SHOTS)} shots need as many")
    order = draws_of(POOL.name, "shots", str(group), CLASSES[label]).permutation(len(places))
    return [places[place] for place in order[: max(SHOTS)]]
