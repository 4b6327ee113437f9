"""Features that a run is given in the place of images: where they come from, and which rows of them are laid out."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from farfield_evaluators.data.packs import Ints, Pack, PackError

Features = npt.NDArray[np.float32]
RowsAt = Callable[[Ints], Features]


@dataclass(frozen=True, kw_only=True)
class FeatureSource:
    """Where features come from: of(pack, positions [n], ascending) -> float32 [n, D], or None where there are none.

    needed: the method takes nothing else, and `of` raises where there are none. learns: it is given them of what it
    learns from, too. networks: a word for each network that they are of, equal where their features are.
    """

    of: Callable[[Pack, Ints], Features | None]
    needed: bool = True
    learns: bool = True
    networks: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Given:
    """The features of a run's images, those of each pack computed at once: by the pack's fingerprint its positions and
    rows."""

    rows: dict[str, tuple[Ints, Features]]
    learns: bool

    def of(self, pack: Pack) -> RowsAt:
        """Takes positions [n] in the pack, gives float32 [n, D]."""
        chosen, features = self.rows[pack.fingerprint]

        def at(positions: Ints) -> Features:
            places = np.searchsorted(chosen, positions)
            if not np.array_equal(chosen.take(places, mode="clip"), positions):
                raise PackError(f"images of {pack.name} are laid out of which no features were asked for")
            return np.asarray(features[places])

        return at


def given(source: FeatureSource, taken: Iterable[tuple[Pack, Ints]]) -> Given | None:
    """The features of what a run takes, (pack, positions) each; None where there are none of some."""
    packs: dict[str, Pack] = {}
    wanted: dict[str, list[Ints]] = defaultdict(list)
    for pack, positions in taken:
        packs[pack.fingerprint] = pack
        wanted[pack.fingerprint].append(positions)
    rows: dict[str, tuple[Ints, Features]] = {}
    for name, pack in packs.items():
        chosen = np.unique(np.concatenate(wanted[name]))
        features = source.of(pack, chosen)
        if features is None:
            return None
        rows[name] = (chosen, features)
    return Given(rows=rows, learns=source.learns)
