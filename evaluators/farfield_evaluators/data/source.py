"""What an importer hands over: a data set as examples with columns, before it is a pack."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np

from farfield_evaluators.data.columns import PackColumn
from farfield_evaluators.data.contents import Items
from farfield_evaluators.data.encoded import read_image
from farfield_evaluators.data.fingerprint import UINT8
from farfield_evaluators.data.label_space import LabelSpace

Spaces = tuple[tuple[str, LabelSpace], ...]  # by set
Joins = tuple[tuple[str, tuple[str, ...]], ...]
Sides = tuple[tuple[str, int], ...]  # pixels, by set
DTYPES: Mapping[str, np.dtype[Any]] = MappingProxyType({UINT8: np.dtype("|u1"), "float32": np.dtype("<f4")})
"""What the arrays of a pack may hold, as they lie on disk."""


class _HasPlace(Protocol):
    @property
    def set(self) -> str: ...
    @property
    def label(self) -> int: ...
    @property
    def domain(self) -> int: ...
    @property
    def order(self) -> int: ...


class Placed:
    """An example whose columns are its set, label, domain and order."""

    @property
    def columns(self: _HasPlace) -> Mapping[str, Any]:
        return {"set": self.set, "label": self.label, "domain": self.domain, "order": self.order}


@dataclass(frozen=True, kw_only=True)
class PackClass:
    """A class: its name as shown and used in prompts, and the ImageNet synsets it stands for."""

    name: str
    synsets: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Example(Placed):
    """One file of the source; `domain` counts into the source's domains, `more` are values of columns it declares."""

    path: Path
    set: str
    label: int = -1
    domain: int = 0
    order: int = 0
    more: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def columns(self) -> Mapping[str, Any]:
        return {**super().columns, **self.more}

    def stored(self) -> bytes:
        return read_image(self.path)

    def where(self) -> str:
        return str(self.path)


@dataclass(frozen=True, kw_only=True)
class ArrayExample(Placed):
    """One image of a source that is an array: its pixels in C order, of the source's type; `more` as of an Example."""

    pixels: bytes
    set: str
    label: int
    domain: int = 0
    order: int = 0
    more: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def columns(self) -> Mapping[str, Any]:
        return {**super().columns, **self.more}

    def stored(self) -> bytes:
        return self.pixels

    def where(self) -> str:
        return f"image {self.order}"


@dataclass(frozen=True, kw_only=True)
class Lent:
    """A training set that lies in another pack, and so is no copy: this set of that pack, of that fingerprint."""

    set: str
    pack: str
    fingerprint: str


@dataclass(frozen=True, kw_only=True)
class Source:
    """What an importer hands over: everything a pack is made of.

    shape: of each image, for a source of arrays; () for encoded images. dtype: of such arrays, one of DTYPES.
    ordered: keep the source's own order.
    release: which release it is, "" where there is only one; official: whether it is that release, whole.
    label_spaces: of each set whose classes are fewer or coarser than `classes`, by its name.
    prepared: sets whose images are resized and cropped already, to so many pixels a side, as ImageNet-C's are.
    lent: training sets that lie in other packs of the same classes.
    columns: what its examples have besides set, label, domain and order.
    joined: sets made of others, such as a fold's training set of all other folds; each is a name and the sets it joins.
    prompts: templates that the data set's authors made for a text tower, with {} for a class's name.
    notes: what a reader should know; no part of the fingerprint.
    once: equal images lie in the pack once, for sources in which many are; it must be one of encoded images.
    """

    name: str
    title: str
    licence: str
    classes: tuple[PackClass, ...]
    domains: tuple[str, ...]
    examples: Items
    shape: tuple[int, ...] = ()
    dtype: str = UINT8
    ordered: bool = False
    release: str = ""
    official: bool = True
    label_spaces: Spaces = ()
    prepared: Sides = ()
    lent: tuple[Lent, ...] = ()
    columns: tuple[PackColumn, ...] = ()
    joined: Joins = ()
    prompts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    once: bool = False
