"""A pack on disk: its columns, its sets, and what of it may enter a sandbox."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield.errors import JobError, reason
from farfield.runtime.job import read_json
from farfield_evaluators.data import columns
from farfield_evaluators.data.columns import BASE, Array, Attribute, ColumnData, PackColumn
from farfield_evaluators.data.damage import glaring
from farfield_evaluators.data.errors import PackError
from farfield_evaluators.data.fingerprint import FORMAT, UINT8
from farfield_evaluators.data.label_space import LabelSpace, from_json
from farfield_evaluators.data.pack_use import reading
from farfield_evaluators.data.source import DTYPES, Joins, Lent, PackClass, Sides, Spaces

Ints = npt.NDArray[np.int64]
Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class Pack:
    """An imported data set on disk."""

    folder: Path
    name: str
    title: str
    licence: str
    fingerprint: str
    classes: tuple[PackClass, ...]
    domains: tuple[str, ...]
    sets: tuple[str, ...]
    shape: tuple[int, ...] = ()
    dtype: str = UINT8
    release: str = ""
    official: bool = True
    label_spaces: Spaces = ()
    prepared: Sides = ()
    lent: tuple[Lent, ...] = ()
    columns: tuple[PackColumn, ...] = ()
    joined: Joins = ()
    prompts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    files: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def blob(self) -> Path:
        return self.folder / "inputs" / "images.bin"

    @property
    def spans(self) -> Ints:
        """int64 [N, 2]: start and end of each encoded image in the blob."""
        return self._array("inputs/spans")

    @property
    def labels(self) -> Ints:
        """int64 [N], -1 for an image of no class. Hidden."""
        return self._array("hidden/labels")

    @property
    def domain_numbers(self) -> Ints:
        """int64 [N], into `domains`. Hidden."""
        return self._array("hidden/domains")

    def column(self, name: str) -> ColumnData:
        """The column of that name, of every example. Hidden. Raises PackError for one the pack does not have."""
        spec = {column.name: column for column in self.columns}.get(name)
        if spec is None:
            known = ", ".join(column.name for column in self.columns) or "none"
            raise PackError(f"pack {self.name!r} has no column {name!r}; besides {', '.join(BASE)} it has {known}")
        values, *rows = (self._array(f"hidden/columns/{file}") for file in spec.files())
        data = ColumnData(spec=spec, values=values, rows=rows[0] if rows else None)
        if problems := data.problems(len(self.spans)):
            raise damaged(self.name, problems)
        return data

    def attributes(self, positions: Ints) -> dict[str, Attribute]:
        """Of `domain`, and of each group column, which group the examples at these positions are of. Hidden."""
        groups = [column for column in self.columns if column.kind == "group"]
        named = {c.name: Attribute(numbers=self.column(c.name).values[positions], values=c.values) for c in groups}
        return {"domain": Attribute(numbers=self.domain_numbers[positions], values=self.domains), **named}

    def targets(self, positions: Ints) -> dict[str, Array]:
        """What the examples at these positions hold in all other columns, by the names of their files. Hidden."""
        others = [column.name for column in self.columns if column.kind != "group"]
        return {file: array for name in others for file, array in self.column(name).at(positions).arrays().items()}

    @property
    def pixels(self) -> Array:
        """[N, *shape] of the pack's type, memory-mapped. Raises PackError for a pack of encoded images."""
        if not self.shape:
            raise PackError(f"pack {self.name!r} holds encoded images, not arrays; decode them from its spans")
        try:
            mapped: Array = np.memmap(self.blob, DTYPES[self.dtype], mode="r").reshape(-1, *self.shape)
            return mapped
        except (OSError, ValueError) as error:
            raise damaged(self.name, [f"inputs/images.bin cannot be read: {reason(error)}"]) from error

    def environment(self, domain: int, set: str | None = None) -> Ints:
        """Positions of a domain's examples, all or those of a set, in the source's own order where the pack keeps it.

        Ascending where it does not. Raises PackError for a set the pack does not have.
        """
        found = np.flatnonzero(self.domain_numbers == domain)
        if set is not None:
            found = np.intersect1d(found, self.members(set), assume_unique=True)
        return self.in_source_order(found) if self._is_ordered else found

    def in_source_order(self, positions: Ints) -> Ints:
        """These positions [n] as the source had them. Raises PackError for a pack that does not keep its order."""
        if not self._is_ordered:
            raise PackError(f"pack {self.name!r} does not keep the order of its source")
        return positions[np.argsort(self._array("hidden/order")[positions], kind="stable")]

    def members(self, name: str) -> Ints:
        """Positions of a set's examples, ascending. Raises PackError for a set the pack does not have."""
        if parts := dict(self.joined).get(name):
            return np.sort(np.concatenate([self.members(part) for part in parts]))
        self._check_set(name)
        return np.flatnonzero(self._array("hidden/sets") == self.sets.index(name))

    def label_space(self, name: str) -> LabelSpace | None:
        """What the set's labels and logits are about; None when that is all of the pack's classes, each by its number.

        Raises PackError for a set the pack does not have.
        """
        self._check_set(name)
        return dict(self.label_spaces).get(name)

    def _check_set(self, name: str) -> None:
        known = (*self.sets, *(joined for joined, _ in self.joined))
        if name not in known:
            raise PackError(f"pack {self.name!r} has no set {name!r}; it has {', '.join(known)}")

    def prepared_sides(self, positions: Ints) -> Ints:
        """int64 [N]: to how many pixels a side the images at these positions [N] are resized already; 0 = they are not.

        Such an image is cropped at its centre or taken as it is, and never resized to more than is cropped from it.
        """
        by_set = np.array([dict(self.prepared).get(name, 0) for name in self.sets], np.int64)
        return by_set[self._array("hidden/sets")[positions]]

    def training(self, name: str) -> "tuple[Pack, Ints]":
        """The pack in which a training set lies, this one or one that lends it, and the positions [N] of its examples.

        Raises PackError for a set the pack does not have, or whose lender is not here any more.
        """
        for lent in self.lent:
            if lent.set == name:
                lender = whole(read_pack(self._packs / lent.pack / lent.fingerprint))
                return lender, lender.members(name)
        return self, self.members(name)

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """While the context lasts neither this pack nor one that lends to it is removed. Raises PackError."""
        with contextlib.ExitStack() as held:
            held.enter_context(reading(self.folder))
            for folder in {self._packs / lent.pack / lent.fingerprint for lent in self.lent}:
                if folder.exists():  # who does not train can do without
                    held.enter_context(reading(folder))
            yield

    @property
    def _is_ordered(self) -> bool:
        return (self.folder / "hidden" / "order.npy").exists()

    @property
    def _packs(self) -> Path:
        return self.folder.parents[1 + self.name.count("/")]

    def counts(self) -> dict[str, int]:
        """Examples by set, those of lent sets too."""
        sets = self._array("hidden/sets")
        own = {name: int((sets == number).sum()) for number, name in enumerate(self.sets)}
        own |= {name: len(self.members(name)) for name, _ in self.joined}
        return own | {lent.set: len(self.training(lent.set)[1]) for lent in self.lent}

    def _array(self, name: str) -> Array:
        try:
            loaded: Array = np.load(self.folder / f"{name}.npy", allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise damaged(self.name, [f"{name}.npy cannot be read: {reason(error)}"]) from error
        return loaded


def damaged(name: str, problems: Sequence[str]) -> PackError:
    """The error that says what is wrong with a pack's files and how to mend it."""
    return PackError(f"pack {name!r} is damaged: {'; '.join(problems)}; `farfield data repair {name}` mends it")


def whole(pack: Pack) -> Pack:
    """The pack. Raises PackError when a look at its folder tells that it is damaged."""
    problems = glaring(pack.folder, pack.files)
    if problems:
        raise damaged(pack.name, problems)
    return pack


def read_pack(folder: Path) -> Pack:
    """The pack in a folder as its manifest has it, whatever its other files are. Raises PackError."""
    name = f"{folder.parent.name}/{folder.name}"
    if not (folder / "manifest.json").exists():
        raise PackError(f"the pack in {name} is not here any more; import it again")
    try:
        manifest = read_json(folder / "manifest.json")
        if manifest["format"] != FORMAT:
            raise PackError(f"pack {manifest.get('name')!r} has format {manifest['format']}; import it again")
        return _from_manifest(folder, manifest)
    except (JobError, KeyError, TypeError, ValueError, AttributeError) as error:
        says = str(error) if isinstance(error, JobError) else "its manifest.json is not as it was written"
        raise PackError(f"the pack in {name} is damaged: {says}; import it again") from error


def _dtype(name: str) -> str:
    if name not in DTYPES:
        raise ValueError(f"arrays of {name} are not read")
    return name


def _from_manifest(folder: Path, manifest: Mapping[str, Any]) -> Pack:
    classes = tuple(PackClass(name=c["name"], synsets=tuple(c["synsets"])) for c in manifest["classes"])
    return Pack(
        folder=folder,
        classes=classes,
        domains=tuple(manifest["domains"]),
        sets=tuple(manifest["sets"]),
        shape=tuple(manifest.get("shape", ())),
        dtype=_dtype(manifest.get("dtype", UINT8)),
        release=manifest.get("release", ""),
        official=manifest.get("official", True),
        label_spaces=tuple((name, from_json(space)) for name, space in manifest.get("label_space", {}).items()),
        prepared=tuple(manifest.get("prepared", {}).items()),
        lent=tuple(Lent(**lent) for lent in manifest.get("lent", ())),
        joined=tuple((name, tuple(parts)) for name, parts in manifest.get("joined", {}).items()),
        columns=tuple(columns.from_json(column) for column in manifest.get("columns", ())),
        prompts=tuple(map(str, manifest.get("prompts", ()))),
        notes=tuple(manifest.get("notes", ())),
        files={
            name: {"bytes": int(f["bytes"]), "sha256": f["sha256"]} for name, f in manifest.get("files", {}).items()
        },
        **{key: manifest[key] for key in ("name", "title", "licence", "fingerprint")},
    )
