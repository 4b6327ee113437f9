"""Features that were computed for another pack's images: found by what an image is, not by which pack it lies in.

    <cache>/features/<images>/images.npy        S32 [N]: a digest of each image, in their order
                             /<word>.npy        float32 [N, D]: their features, see `feature_files`
                             /<word>.computing  locked while they are computed

Benchmarks are made of one another's images: a long-tailed cut, or a data set with groups, of pictures that are on a
board already. Computing is the dear part, so what one pack has is copied to the next.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from farfield_evaluators.data.packs import Ints, Pack
from farfield_evaluators.locks import is_held
from farfield_workers.feature_files import IMAGES, Features, glance

WORTH_WAITING = 0.5  # of the images that are needed: with fewer, computing oneself is not much more
DIGEST_LENGTH = 32
PART_DIGITS = 16
CHUNK_ROWS = 4096
Digests = npt.NDArray[np.bytes_]


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """Images of a pack: those at `positions` [n], ascending."""

    pack: Pack
    positions: Ints

    def __len__(self) -> int:
        return len(self.positions)

    @cached_property
    def fingerprint(self) -> str:
        """The pack's own of all of its images, with what tells which they are of some."""
        if len(self) == len(self.pack.spans):
            return self.pack.fingerprint
        digest = hashlib.sha256(np.ascontiguousarray(self.positions, "<i8").tobytes()).hexdigest()
        return f"{self.pack.fingerprint}.{digest[:PART_DIGITS]}"

    def at(self, numbers: Ints) -> "Chosen":
        """Some of them, by their numbers here."""
        return replace(self, positions=self.positions[numbers])


def digests_of(chosen: Chosen) -> Digests:
    """S32 [n]: the first digits of a SHA-256 over each image and what else decides about how it is read."""
    pack = chosen.pack
    spans, sides = pack.spans[chosen.positions], pack.prepared_sides(chosen.positions)
    digests = np.empty(len(sides), f"S{DIGEST_LENGTH}")
    with pack.blob.open("rb") as blob:
        for number, ((start, end), side) in enumerate(zip(spans.tolist(), sides.tolist(), strict=True)):
            blob.seek(start)
            digest = hashlib.sha256(f"{pack.shape} {side}\n".encode() + blob.read(end - start))
            digests[number] = digest.hexdigest()[:DIGEST_LENGTH].encode()
    return digests


@dataclass(frozen=True, kw_only=True)
class Neighbour:
    """Another pack in the cache: the digests [M] of its images, and where its features lie, or will."""

    digests: Digests
    path: Path

    @property
    def computing(self) -> Path:
        """Who holds the lock of this file computes them."""
        return self.path.with_suffix(".computing")

    def share(self, wanted: Digests) -> float:
        """Which part of the wanted images [N] it has."""
        return float(np.isin(wanted, self.digests).mean()) if len(wanted) else 0.0

    def features(self) -> Features | None:
        """float32 [M, D], memory-mapped; None where there are none that fit the digests.

        It is another's, so nothing is removed.
        """
        return glance(self.path, len(self.digests))


def neighbours(path: Path) -> Iterator[Neighbour]:
    """All packs but the one whose features are to lie at `path` that have theirs, or whose are computed just now."""
    for folder in sorted(path.parents[1].iterdir()):
        beside = folder / path.name
        if folder == path.parent or not (beside.exists() or is_held(beside.with_suffix(".computing"))):
            continue
        try:
            digests = np.load(folder / IMAGES, allow_pickle=False)
        except (OSError, ValueError, EOFError):
            continue
        if digests.ndim == 1 and digests.dtype == np.dtype(f"S{DIGEST_LENGTH}"):
            yield Neighbour(digests=digests, path=beside)


@dataclass(frozen=True, kw_only=True)
class Share:
    """Rows that lie elsewhere: of the features [M, D], those at `rows` [K], for the images at `positions` [K]."""

    features: Features
    rows: Ints
    positions: Ints

    def copy(self, target: Features) -> None:
        """Put them in their places of the whole [N, D]."""
        for start in range(0, len(self.rows), CHUNK_ROWS):
            chosen = slice(start, start + CHUNK_ROWS)
            target[self.positions[chosen]] = self.features[self.rows[chosen]]


def shares_of(wanted: Digests, others: Iterable[Neighbour]) -> tuple[list[Share], Ints]:
    """What other packs have of the wanted images [N], each from the first that has it; and the positions of the rest.

    All are of one width: another would be of another network.
    """
    shares: list[Share] = []
    missing = np.arange(len(wanted))
    for other in others:
        features = other.features()
        if features is None or (shares and features.shape[1] != shares[0].features.shape[1]):
            continue
        order = np.argsort(other.digests)
        places = np.searchsorted(other.digests, wanted[missing], sorter=order)
        rows = order[np.minimum(places, len(order) - 1)]
        same = other.digests[rows] == wanted[missing]
        if same.any():
            shares.append(Share(features=features, rows=rows[same], positions=missing[same]))
            missing = missing[~same]
    return shares, missing


def join(shares: Sequence[Share], computed: Features | None, missing: Ints, target: Path) -> None:
    """Write all features of a pack, in its order, to a new file. Raises OSError, and ValueError for other widths.

    computed: of the images at `missing`, None where none is.
    """
    known = (
        [*shares, Share(features=computed, rows=np.arange(len(missing)), positions=missing)]
        if computed is not None
        else shares
    )
    shape = (sum(len(share.rows) for share in known), known[0].features.shape[1])
    whole = np.lib.format.open_memmap(target, "w+", np.float32, shape)
    for share in known:
        share.copy(whole)
    whole.flush()
