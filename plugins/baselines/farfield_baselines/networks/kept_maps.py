"""What a layer that never changes makes of an image, kept in memory for the next time the image comes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import torch

MOST_BYTES = 1 << 29  # of all that is kept; what comes beyond it is made anew each time
DIGEST_BYTES = 16

Maps = Sequence[torch.Tensor]


class KeptMaps:
    """Maps by the pixels that they are made of: a set of training images is seen many times, and its mirror images.

    most: bytes of maps in memory. A copy of a network begins with nothing kept.
    """

    def __init__(self, most: int = MOST_BYTES) -> None:
        self.most, self.nbytes = most, 0
        self._kept: dict[bytes, Maps] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def __deepcopy__(self, memo: Any) -> KeptMaps:
        return KeptMaps(self.most)

    def of(self, pixels: torch.Tensor, make: Callable[[torch.Tensor], Maps]) -> Maps:
        """`make(pixels)`, or what it gave for the same pixels before: bit for bit the same."""
        key = _digest(pixels)
        if key in self._kept:
            return self._kept[key]
        made = make(pixels)
        size = sum(each.nbytes for each in made)
        if self.nbytes + size <= self.most:
            self._kept[key] = made
            self.nbytes += size
        return made


def _digest(pixels: torch.Tensor) -> bytes:
    whole = pixels.contiguous()
    hashed = hashlib.blake2b(whole.numpy().data, digest_size=DIGEST_BYTES)
    hashed.update(str((whole.dtype, tuple(whole.shape))).encode())
    return hashed.digest()
