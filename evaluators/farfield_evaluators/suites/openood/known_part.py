"""A pack as it is for a method of open-set recognition: the known classes of its split, and no others."""

from dataclasses import dataclass, fields

import numpy as np

from farfield_evaluators.data.pack import Ints, Pack


@dataclass(frozen=True, kw_only=True)
class KnownPart(Pack):
    """A pack as it is for those who know some of its classes: these alone, numbered from 0; all others are -1.

    known: the numbers of these classes in the pack, ascending; whole: how many it has.
    """

    known: tuple[int, ...]
    whole: int

    @property
    def labels(self) -> Ints:
        numbers = np.full(self.whole + 1, -1, np.int64)  # the last is that of images without a class
        numbers[list(self.known)] = np.arange(len(self.known))
        return numbers[super().labels]


def known_part(pack: Pack, train_set: str) -> KnownPart:
    """The pack with the classes that its training set has."""
    known = tuple(np.unique(pack.labels[pack.members(train_set)]).tolist())
    own = {field.name: getattr(pack, field.name) for field in fields(pack)}
    own |= {"classes": tuple(pack.classes[number] for number in known)}
    return KnownPart(**own, known=known, whole=len(pack.classes))
