"""Uploaded predictions: .npz files, read in a process that holds labels."""

import io
from collections.abc import Callable
from pathlib import Path
from random import Random

import numpy as np

from farfield import TaskFamily, families
from farfield.errors import PredictionsError
from farfield_evaluators.predictions import read_arrays
from fuzz import archives, mutate, nonsense
from fuzz.case import Case, refused

COUNT, CLASSES = 40, 6
SIZE = families.Size(examples=COUNT, classes=CLASSES)
IDS = np.array([f"{number:032x}" for number in range(COUNT)], dtype="S32")
FAMILIES = (families.of("classification"), families.of("ood-detection"))


class Predictions:
    """A file of predictions is read for a benchmark of 40 images."""

    name = "predictions"
    seconds = 30.0

    def make(self, rng: Random) -> Case:
        family = rng.choice(FAMILIES)
        outputs = {name: np.zeros(rule.shape, rule.dtype) for name, rule in family.outputs(SIZE).items()}
        members = {f"{name}.npy": _array(rng, array) for name, array in ({"ids": IDS} | outputs).items()}
        return Case(words=(family.name,), files={"sent.npz": archives.zipped(rng, members)})

    def run(self, case: Case, folder: Path) -> str:
        try:
            read_arrays(folder / "sent.npz", TaskFamily(case.words[0]), IDS, CLASSES)
        except PredictionsError as error:
            return refused(error.code)
        return "read"


def _array(rng: Random, array: np.ndarray) -> bytes:
    return npy(rng, _odd(rng, array) if rng.random() < 0.5 else array)


def npy(rng: Random, array: np.ndarray) -> bytes:
    """The array as .npy, with another header or damaged at times."""
    written = io.BytesIO()
    np.lib.format.write_array(written, array, version=rng.choice(((1, 0), (1, 0), (2, 0), (3, 0))), allow_pickle=True)
    data = written.getvalue()
    kind = rng.randrange(6)
    if kind == 0:
        return mutate.damaged(rng, data)
    if kind == 1:
        return _header(rng) + data[128:]
    return data


def _odd(rng: Random, array: np.ndarray) -> np.ndarray:
    return rng.choice(ODDITIES)(rng, array)


ODDITIES: tuple[Callable[[Random, np.ndarray], np.ndarray], ...] = (
    lambda rng, array: np.full(array.shape, rng.choice(nonsense.FLOATS)),
    lambda rng, array: array[: rng.randrange(len(array))],
    lambda rng, array: np.concatenate([array] * rng.choice((2, 3, 50))),
    lambda rng, array: np.zeros(array.shape, rng.choice(("f2", "i8", "u1", "c16", "?", "O", "U32", "S64", "M8[s]"))),
    lambda rng, array: array[::-1],
    lambda rng, array: array.reshape(-1),
    lambda rng, array: np.asfortranarray(array),
)


def _header(rng: Random) -> bytes:
    deep = rng.choice((3, 90, 3000))
    text = rng.choice(
        (
            "{'descr': '<f4', 'fortran_order': False, 'shape': (" + str(rng.choice(nonsense.NUMBERS)) + ", 6), }",
            "{'descr': '|O', 'fortran_order': False, 'shape': (40,), }",
            "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (40,), }",
            "(" * deep + ")" * deep,
            "-" * deep + "1",
            "[" * deep,
            "{'descr': " + "'<f4'" * deep + "}",
            nonsense.text(rng),
        )
    ).encode("latin-1", "replace")
    return b"\x93NUMPY\x01\x00" + (len(text) % 65536).to_bytes(2, "little") + text
