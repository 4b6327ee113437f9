"""Tiny data sets in the official layouts: the same folders, a few classes, two images in each."""

import gzip
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from farfield_evaluators.suites.domainbed.data.idx import FILES
from farfield_evaluators.suites.domainbed.data.official import Official

PER_CLASS = 2
ENDINGS = (".jpg", ".png")
DIGITS = (36, 12)  # in the training and the test file


def tiny(spec: Official, classes: tuple[str, ...] = ("dog", "horse")) -> Official:
    """The release as if it had these classes and two images of each in every domain."""
    counts = {domain: PER_CLASS * len(classes) for domain in spec.domains}
    return replace(spec, classes=classes, class_count=len(classes), uncounted=(), releases={"domainbed": counts})


def grow(spec: Official, root: Path) -> Path:
    """Write the whole release below root/<its folder>; no two images are alike."""
    for d, domain in enumerate(spec.domains):
        for c, name in enumerate(spec.classes):
            folder = root / spec.folder / domain / name
            folder.mkdir(parents=True)
            for number, ending in enumerate(ENDINGS[:PER_CLASS]):
                colour = (20 + 30 * d, 20 + 60 * c, 20 + 100 * number)
                Image.new("RGB", (10, 8), colour).save(folder / f"pic_{number}{ending}")
    return root / spec.folder


def idx(array: np.ndarray) -> bytes:
    """An idx file of unsigned bytes."""
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.astype(np.uint8).tobytes()


def digit_files(folder: Path, *, zipped: bool = False, counts: tuple[int, int] = DIGITS) -> Path:
    """Four idx files of noise; the labels go 0 1 2 ... 9 0 1 ..."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    for part, count in enumerate(counts):
        images = rng.integers(1, 256, (count, 28, 28), np.uint8)
        for name, array in zip(FILES[2 * part :], (images, np.arange(count) % 10), strict=False):
            contents = idx(array)
            file = folder / (f"{name}.gz" if zipped else name)
            file.write_bytes(gzip.compress(contents, mtime=0) if zipped else contents)
    return folder
