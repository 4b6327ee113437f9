"""The part "pool": examples whose labels a method may ask for, in an order that tells none of them.

A pack's own order may go by class. The order here is that of a hash of each example's content: the same in every run,
so that a run can be repeated, and told by nothing but what the method sees anyway.
"""

import hashlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:  # the site knows the part's name, and reads no pack
    from farfield_evaluators.data.packs import Ints, Pack

POOL = "pool"


def by_content(pack: "Pack", positions: "Ints") -> "Ints":
    """These positions [P] of the pack in the order of the SHA-256 of their images or arrays as they are stored."""
    digests = _of_arrays(pack, positions) if pack.shape else _of_images(pack, positions)
    return np.array(sorted(positions.tolist(), key=dict(zip(positions.tolist(), digests, strict=True)).__getitem__))


def _of_images(pack: "Pack", positions: "Ints") -> list[bytes]:
    found = []
    with pack.blob.open("rb") as blob:
        for start, stop in pack.spans[positions].tolist():
            blob.seek(start)
            found.append(hashlib.sha256(blob.read(stop - start)).digest())
    return found


def _of_arrays(pack: "Pack", positions: "Ints") -> list[bytes]:
    return [hashlib.sha256(np.ascontiguousarray(pack.pixels[place]).tobytes()).digest() for place in positions]
