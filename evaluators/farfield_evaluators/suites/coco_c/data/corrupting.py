"""The corruptions themselves: those of the package `imagecorruptions`, with every draw seeded.

Pixels of motion blur and snow differ from ImageNet-C's, for they are made for images of any size here. The package
draws from numpy's shared generator, so one image at a time is corrupted in a process.
"""

import hashlib
import threading
from importlib import metadata
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield_evaluators.data.errors import PackError
from farfield_evaluators.metrics.corruption import MAIN

Pixels = npt.NDArray[np.uint8]
DISTRIBUTION, LEAST_SIDE = "imagecorruptions-imaug", 32
USED = (DISTRIBUTION, "opencv-python", "scikit-image", "numpy")  # what pixels depend on
SEEDED = ("glass_blur", "impulse_noise")  # these draw from generators of their own, and take a seed
_DRAWING = threading.Lock()


def corrupted(pixels: Pixels, corruption: str, severity: int, seed: int) -> Pixels:
    """uint8 [H, W, 3] of at least 32 pixels a side under one of MAIN at a severity 1..5; seed: 0..2**31 - 1.

    Raises PackError where the package is not installed.
    """
    package = _package()
    more = {"seed": seed} if corruption in SEEDED else {}
    with _DRAWING:
        state = np.random.get_state()
        try:
            np.random.seed(seed)
            made: Pixels = package.corrupt(pixels, severity=severity, corruption_name=corruption, **more)
        finally:
            np.random.set_state(state)
    return made


def seed_of(image: bytes, corruption: str, severity: int, seed: int) -> int:
    """What is drawn for an image depends on its bytes, the corruption, the severity and the seed of the whole.

    >>> seed_of(b"", "fog", 1, 0) == seed_of(b"", "fog", 2, 0)
    False
    """
    digest = hashlib.sha256(image + f"{corruption} {severity} {seed}".encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1


def made_with() -> str:
    """The versions that pixels depend on, for whoever asks where they are from. Raises PackError."""
    _package()
    return ", ".join(f"{name} {metadata.version(name)}" for name in USED)


def _package() -> Any:
    try:
        import imagecorruptions
    except ImportError as error:
        says = f"corruptions are made by {DISTRIBUTION}; install it with the extra `corruptions` ({error})"
        raise PackError(says) from error
    names = imagecorruptions.get_corruption_names()
    if tuple(names) != MAIN:
        raise PackError(f"{DISTRIBUTION} has other corruptions than COCO-C: {', '.join(names)}")
    return imagecorruptions
