"""The arrays of a declared base: trained by the method's function, saved as one file, read for a run.

One .npz without pickles, so that reading it executes nothing, whoever wrote it.
"""

import re
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from farfield.base import Base
from farfield.context import RunContext
from farfield.errors import ProtocolError, reason
from farfield.method import MethodSpec
from farfield.runtime.base_phase import MOST_BYTES
from farfield.runtime.loops import named_parts
from farfield.runtime.rules import Array

FILE = "arrays.npz"
NUMBERS = "biufc"
MOST_ARRAYS = 10_000
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,199}", re.ASCII)


class Parts(Protocol):
    """Training data by name; None where the benchmark has none of that name."""

    def part(self, name: str) -> Any: ...


def trained(base: Base, context: RunContext, inputs: Parts) -> dict[str, Array]:
    """What the function of `base` returns in the context of a method.

    Raises ProtocolError where a set that it needs is not there, and for anything but arrays of numbers by name.
    """
    train = inputs.part("train")
    if train is None:
        raise ProtocolError("this method has a base, but the benchmark has no training split to train it on")
    there = named_parts(inputs, base.asked, "base.train")
    own = replace(context, config=base.settings_in(context.config), base=None)
    return checked(base.train(own, train, **there))


def require_same_images(spec: MethodSpec, base: Base, config: object) -> None:
    """Raises ProtocolError where a method takes other images than its base, which has fewer settings, is trained on.

    Then `inputs_for` follows a setting that `base.config` does not have.
    """
    settings = spec.config(**{name: getattr(config, name) for name in base.settings})
    own, first = spec.inputs_of(config), spec.inputs_of(settings)
    if own != first:
        says = f"the method takes {own}, and its base would be trained on {first}"
        raise ProtocolError(f"{says}: base.config must have every setting that `inputs_for` depends on")


def checked(arrays: object) -> dict[str, Array]:
    """Arrays by name. Raises ProtocolError for anything else, for none, and for more than may be kept."""
    if not isinstance(arrays, Mapping) or not 0 < len(arrays) <= MOST_ARRAYS:
        raise ProtocolError(f"a base must be 1 to {MOST_ARRAYS} arrays by name, got {type(arrays).__name__}")
    for name, array in arrays.items():
        if not isinstance(name, str) or NAME.fullmatch(name) is None:
            raise ProtocolError(f"the base has an array called {name!r}; names are letters, digits, `.`, `_` and `-`")
        if not isinstance(array, np.ndarray) or array.dtype.kind not in NUMBERS:
            raise ProtocolError(f"the base's {name!r} must be a numpy array of numbers")
    size = sum(array.nbytes for array in arrays.values())
    if size >= MOST_BYTES:
        raise ProtocolError(f"the base has {size / (1 << 30):.2f} GiB; at most {MOST_BYTES >> 30} GiB are kept")
    return dict(arrays)


def save(arrays: Mapping[str, Array], folder: Path) -> None:
    """Write them into a folder, which is made where it is not there."""
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / FILE, "w") as written:
        for name, array in arrays.items():
            with written.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)


def load(folder: Path) -> dict[str, Array]:
    """The arrays of a folder. Raises ProtocolError for one that cannot be read: its method's package wrote it so."""
    try:
        with zipfile.ZipFile(folder / FILE) as archive:
            return {name.removesuffix(".npy"): _array(archive, name) for name in archive.namelist()}
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise ProtocolError(f"{FILE} of the base cannot be read: {reason(error)}") from error


def _array(archive: zipfile.ZipFile, name: str) -> Array:
    with archive.open(name) as member:
        array: Array = np.lib.format.read_array(member, allow_pickle=False)
        return array
