"""Public ids of examples: a hash of the stored image, so that an id tells neither label nor file name nor domain."""

import hashlib

import numpy as np
import numpy.typing as npt

from farfield_evaluators.data.packs import Ints, Pack

ID_LENGTH = 32
Ids = npt.NDArray[np.bytes_]


def example_id(encoded: bytes) -> str:
    """The first 32 hexadecimal digits of the SHA-256 of an image's encoded bytes, as the pack stores them.

    >>> example_id(b"an image")
    'a5df3fde7b200c3fa2791144c7e05c5c'
    """
    return hashlib.sha256(encoded).hexdigest()[:ID_LENGTH]


def example_ids(pack: Pack, positions: Ints) -> Ids:
    """Ids [N] (S32) of the examples at these positions [N]; identical images have one id."""
    with pack.blob.open("rb") as blob:
        found = []
        for start, end in pack.spans[positions].tolist():
            blob.seek(start)
            found.append(example_id(blob.read(end - start)))
    return np.array(found, f"S{ID_LENGTH}")
