"""Packs: an imported data set as a memory-mapped file set with a manifest and a fingerprint over its contents.

    <packs>/<name>/current                  the fingerprint in use
    <packs>/<name>/<fingerprint>/manifest.json
                                 inputs/images.bin, inputs/spans.npy     all a sandbox may ever see
                                 hidden/labels.npy, sets.npy, domains.npy  never mounted anywhere
                                 hidden/order.npy                          where the source's own order matters

A name may hold one slash: `domainbed/pacs`. Examples lie in the order of the hash of their content: it is the same
wherever the pack is built, and tells nothing of classes, sets or file names.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from farfield import FarfieldError
from farfield.job import read_json, write_json
from farfield_evaluators.data.contents import Contents, Items, read, store
from farfield_evaluators.data.encoded import clean
from farfield_evaluators.data.label_space import LabelSpace, from_json

FORMAT = 1
FINGERPRINT_LENGTH = 32
SHOWN_PROBLEMS = 10
Ints = npt.NDArray[np.int64]
Pixels = npt.NDArray[np.uint8]
Spaces = tuple[tuple[str, LabelSpace], ...]  # by set
Sides = tuple[tuple[str, int], ...]  # pixels, by set


class PackError(FarfieldError):
    """A pack that is missing, damaged, or cannot be built; says which files and what to do."""

    code = "data.pack"


class UnreadableFiles(PackError):
    """Images of a source that cannot be decoded; `problems` has a sentence for each."""

    code = "data.unreadable_image"

    def __init__(self, problems: Sequence[str], examples: int) -> None:
        shown = "\n  ".join(problems[:SHOWN_PROBLEMS])
        super().__init__(f"{len(problems)} of {examples} images cannot be read; replace them:\n  {shown}")
        self.problems = tuple(problems)


@dataclass(frozen=True, kw_only=True)
class PackClass:
    """A class: its name as shown and used in prompts, and the ImageNet synsets it stands for."""

    name: str
    synsets: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Example:
    """One file of the source; `domain` counts into the source's domains."""

    path: Path
    set: str
    label: int
    domain: int = 0
    order: int = 0

    def stored(self) -> bytes:
        return clean(self.path.read_bytes())

    def where(self) -> str:
        return str(self.path)


@dataclass(frozen=True, kw_only=True)
class ArrayExample:
    """One image of a source that is an array: its pixels, uint8, in C order."""

    pixels: bytes
    set: str
    label: int
    domain: int = 0
    order: int = 0

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

    shape: of each image, for a source of ArrayExamples; () for encoded images. ordered: keep the source's own order.
    release: which release it is, "" where there is only one; official: whether it is that release, whole.
    label_spaces: of each set whose classes are fewer or coarser than `classes`, by its name.
    prepared: sets whose images are resized and cropped already, to so many pixels a side, as ImageNet-C's are.
    lent: training sets that lie in other packs of the same classes.
    notes: what a reader should know; no part of the fingerprint.
    """

    name: str
    title: str
    licence: str
    classes: tuple[PackClass, ...]
    domains: tuple[str, ...]
    examples: Items
    shape: tuple[int, ...] = ()
    ordered: bool = False
    release: str = ""
    official: bool = True
    label_spaces: Spaces = ()
    prepared: Sides = ()
    lent: tuple[Lent, ...] = ()
    notes: tuple[str, ...] = ()


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
    release: str = ""
    official: bool = True
    label_spaces: Spaces = ()
    prepared: Sides = ()
    lent: tuple[Lent, ...] = ()
    notes: tuple[str, ...] = ()

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

    @property
    def pixels(self) -> Pixels:
        """uint8 [N, *shape], memory-mapped, of a pack of arrays. Raises PackError for a pack of encoded images."""
        if not self.shape:
            raise PackError(f"pack {self.name!r} holds encoded images, not arrays; decode them from its spans")
        return np.memmap(self.blob, np.uint8, mode="r").reshape(-1, *self.shape)

    def environment(self, domain: int, set: str | None = None) -> Ints:
        """Positions of a domain's examples, all or those of a set, in the source's own order where the pack keeps it.

        Ascending where it does not. Raises PackError for a set the pack does not have.
        """
        found = np.flatnonzero(self.domain_numbers == domain)
        if set is not None:
            found = np.intersect1d(found, self.members(set), assume_unique=True)
        if not (self.folder / "hidden" / "order.npy").exists():
            return found
        return found[np.argsort(self._array("hidden/order")[found], kind="stable")]

    def members(self, name: str) -> Ints:
        """Positions of a set's examples, ascending. Raises PackError for a set the pack does not have."""
        if name not in self.sets:
            raise PackError(f"pack {self.name!r} has no set {name!r}; it has {', '.join(self.sets)}")
        return np.flatnonzero(self._array("hidden/sets") == self.sets.index(name))

    def label_space(self, name: str) -> LabelSpace | None:
        """What the set's labels and logits are about; None when that is all of the pack's classes, each by its number.

        Raises PackError for a set the pack does not have.
        """
        if name not in self.sets:
            raise PackError(f"pack {self.name!r} has no set {name!r}; it has {', '.join(self.sets)}")
        return dict(self.label_spaces).get(name)

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
                lender = _read_pack(self.folder.parents[1 + self.name.count("/")] / lent.pack / lent.fingerprint)
                return lender, lender.members(name)
        return self, self.members(name)

    def counts(self) -> dict[str, int]:
        """Examples by set, those of lent sets too."""
        sets = self._array("hidden/sets")
        own = {name: int((sets == number).sum()) for number, name in enumerate(self.sets)}
        return own | {lent.set: len(self.training(lent.set)[1]) for lent in self.lent}

    def _array(self, name: str) -> Ints:
        loaded: Ints = np.load(self.folder / f"{name}.npy", allow_pickle=False)
        return loaded


def build(source: Source, packs: Path) -> Pack:
    """Import a source; a no-op when the same contents are there. Interrupted, it leaves nothing that counts.

    Raises PackError listing files that are missing or unreadable.
    """
    home = packs / source.name
    home.mkdir(parents=True, exist_ok=True)
    for stale in home.glob("incoming-*"):
        shutil.rmtree(stale, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix="incoming-", dir=home))
    try:
        fingerprint = _write(source, draft)
        final = home / fingerprint
        if not final.exists():
            draft.chmod(0o755)
            os.replace(draft, final)
        _set_current(home, fingerprint)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return open_pack(packs, source.name)


def is_imported(packs: Path, name: str) -> bool:
    """Whether a pack of that name is there, whole or damaged."""
    return (packs / name / "current").exists()


def open_pack(packs: Path, name: str) -> Pack:
    """The pack in use. Raises PackError when it was never imported or is of another format."""
    home = packs / name
    try:
        fingerprint = (home / "current").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise PackError(f"pack {name!r} is not imported here; `farfield data import {name}` brings it") from None
    return _read_pack(home / fingerprint)


def _read_pack(folder: Path) -> Pack:
    if not (folder / "manifest.json").exists():
        raise PackError(f"the pack in {folder.parent.name}/{folder.name} is not here any more; import it again")
    manifest = read_json(folder / "manifest.json")
    if manifest["format"] != FORMAT:
        raise PackError(f"pack {manifest.get('name')!r} has format {manifest['format']}; import it again")
    classes = tuple(PackClass(name=c["name"], synsets=tuple(c["synsets"])) for c in manifest["classes"])
    return Pack(
        folder=folder,
        classes=classes,
        domains=tuple(manifest["domains"]),
        sets=tuple(manifest["sets"]),
        shape=tuple(manifest.get("shape", ())),
        release=manifest.get("release", ""),
        official=manifest.get("official", True),
        label_spaces=tuple((name, from_json(space)) for name, space in manifest.get("label_space", {}).items()),
        prepared=tuple(manifest.get("prepared", {}).items()),
        lent=tuple(Lent(**one) for one in manifest.get("lent", ())),
        notes=tuple(manifest.get("notes", ())),
        **{key: manifest[key] for key in ("name", "title", "licence", "fingerprint")},
    )


def list_packs(packs: Path) -> list[Pack]:
    """Every imported pack, by name."""
    markers = [*packs.glob("*/current"), *packs.glob("*/*/current")]
    return [open_pack(packs, name) for name in sorted(m.parent.relative_to(packs).as_posix() for m in markers)]


def verify(pack: Pack) -> None:
    """Recompute the fingerprint from what is on disk. Raises PackError when it differs or files are damaged."""
    hidden = pack.folder / "hidden"
    names = [name for name in ("sets", "labels", "domains", "order") if (hidden / f"{name}.npy").exists()]
    columns = [np.load(hidden / f"{name}.npy", allow_pickle=False).tolist() for name in names]
    found = _fingerprint(_head(pack), zip(_hashes_on_disk(pack), *columns, strict=True))
    if found != pack.fingerprint:
        differs = f"its contents give {found}, not {pack.fingerprint}"
        raise PackError(f"pack {pack.name!r} is damaged: {differs}; import it again")


Row = tuple[Any, ...]  # hash, set, label, domain, and order where the source's own order counts


def _hashes_on_disk(pack: Pack) -> Iterator[str]:
    with pack.blob.open("rb") as blob:
        for start, end in pack.spans.tolist():
            yield hashlib.sha256(read(blob, start, end)).hexdigest()


@dataclass(frozen=True, kw_only=True)
class _Head:
    """What the fingerprint covers besides the examples, in a source as in a pack."""

    name: str
    classes: tuple[PackClass, ...]
    domains: tuple[str, ...]
    sets: tuple[str, ...]
    shape: tuple[int, ...]
    release: str
    official: bool
    label_spaces: Spaces
    prepared: Sides
    lent: tuple[Lent, ...]


def _head(of: Any, sets: tuple[str, ...] | None = None) -> _Head:
    names = ("name", "classes", "domains", "shape", "release", "official", "label_spaces", "prepared", "lent")
    return _Head(sets=of.sets if sets is None else sets, **{key: getattr(of, key) for key in names})


def _write(source: Source, folder: Path) -> str:
    (folder / "inputs").mkdir()
    (folder / "hidden").mkdir()
    with tempfile.TemporaryFile(dir=folder) as unsorted:
        contents = store(source.examples, unsorted)
        if contents.problems:
            raise UnreadableFiles(contents.problems, len(source.examples))
        _check_labels(source, contents)
        contents = contents.in_order()
        stored = _write_blob(folder, unsorted, contents.spans)
    columns = _columns(source, contents)
    for name, values in {"inputs/spans": stored, **{f"hidden/{k}": v for k, v in columns.items()}}.items():
        np.save(folder / f"{name}.npy", values, allow_pickle=False)
    rows = zip(contents.hashes(), *(column.tolist() for column in columns.values()), strict=True)
    fingerprint = _fingerprint(_head(source, contents.set_names), rows)
    write_json(folder / "manifest.json", _manifest(source, contents.set_names, fingerprint))
    return fingerprint


def _check_labels(source: Source, contents: Contents) -> None:
    """Raises PackError for a label space that does not fit its set. Labels of other sets are the importer's matter."""
    for name, space in source.label_spaces:
        inside = contents.sets == contents.set_names.index(name) if name in contents.set_names else slice(0)
        problems = space.problems(len(source.classes), contents.labels[inside])
        if problems:
            raise PackError(f"pack {source.name!r}, set {name!r}: {'; '.join(problems[:SHOWN_PROBLEMS])}")


def _columns(source: Source, contents: Contents) -> dict[str, Ints]:
    columns = {"sets": contents.sets, "labels": contents.labels, "domains": contents.domains}
    return {**columns, "order": contents.orders} if source.ordered else columns


def _write_blob(folder: Path, unsorted: BinaryIO, spans: Ints) -> Ints:
    with (folder / "inputs" / "images.bin").open("wb") as blob:
        for start, end in spans.tolist():
            blob.write(read(unsorted, start, end))
    ends = np.cumsum(spans[:, 1] - spans[:, 0])
    return np.stack([ends - (spans[:, 1] - spans[:, 0]), ends], axis=1)


def _manifest(source: Source, sets: tuple[str, ...], fingerprint: str) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "name": source.name,
        "title": source.title,
        "licence": source.licence,
        "fingerprint": fingerprint,
        "classes": [asdict(c) for c in source.classes],
        "domains": list(source.domains),
        "sets": list(sets),
        "examples": len(source.examples),
        "shape": list(source.shape),
        "release": source.release,
        "official": source.official,
        "label_space": {name: space.as_json() for name, space in source.label_spaces},
        "prepared": dict(source.prepared),
        "lent": [asdict(one) for one in source.lent],
        "notes": list(source.notes),
    }


def _fingerprint(of: _Head, rows: Iterable[Row]) -> str:
    classes = [[c.name, list(c.synsets)] for c in of.classes]
    head: list[Any] = [FORMAT, of.name, classes, list(of.domains), list(of.sets)]
    if of.shape or of.release or not of.official:
        head.append({"shape": list(of.shape), "release": of.release, "official": of.official})
    if of.label_spaces or of.prepared:
        spaces = {name: space.as_json() for name, space in of.label_spaces}
        head.append({"label_space": spaces, "prepared": dict(of.prepared)})
    if of.lent:
        head.append({"lent": [asdict(one) for one in of.lent]})
    digest = hashlib.sha256(_canonical(head))
    for row in rows:
        digest.update(_canonical(list(row)))
    return digest.hexdigest()[:FINGERPRINT_LENGTH]


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def _set_current(home: Path, fingerprint: str) -> None:
    draft = home / "current.part"
    draft.write_text(fingerprint + "\n", encoding="utf-8")
    os.replace(draft, home / "current")
