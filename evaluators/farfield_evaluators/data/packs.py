"""Packs: an imported data set as a memory-mapped file set with a manifest and a fingerprint over its contents.

    <packs>/<name>/current                  the fingerprint in use
    <packs>/<name>/<fingerprint>/manifest.json
                                 inputs/images.bin, inputs/spans.npy     all a sandbox may ever see
                                 hidden/labels.npy, sets.npy, domains.npy  never mounted anywhere
                                 hidden/order.npy                          where the source's own order matters

A name may hold one slash: `domainbed/pacs`. Examples lie in the order of the hash of their content: it is the same
wherever the pack is built, and tells nothing of classes, sets or file names.
"""

import contextlib
import logging
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from farfield.errors import JobError, reason
from farfield.job import read_json, write_json
from farfield_evaluators.data.contents import Contents, Items, read, store
from farfield_evaluators.data.damage import BLOB, SPANS, damages, glaring, measured
from farfield_evaluators.data.encoded import read_image
from farfield_evaluators.data.errors import SHOWN_PROBLEMS, PackError, UnreadableFiles
from farfield_evaluators.data.fingerprint import FORMAT, fingerprint, head
from farfield_evaluators.data.label_space import LabelSpace, from_json
from farfield_evaluators.data.locks import reading, writing, writing_if_free

__all__ = [
    "FORMAT",
    "ArrayExample",
    "Example",
    "Ints",
    "Lent",
    "Pack",
    "PackClass",
    "PackError",
    "Pixels",
    "Source",
    "UnreadableFiles",
    "build",
    "current",
    "imported",
    "is_imported",
    "list_packs",
    "open_pack",
    "read_pack",
    "verify",
]
log = logging.getLogger(__name__)
FINGERPRINT = re.compile(r"[0-9a-f]{32}")
DRAFT = "incoming-"
Ints = npt.NDArray[np.int64]
Pixels = npt.NDArray[np.uint8]
Spaces = tuple[tuple[str, LabelSpace], ...]  # by set
Sides = tuple[tuple[str, int], ...]  # pixels, by set


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
        return read_image(self.path)

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

    @property
    def pixels(self) -> Pixels:
        """uint8 [N, *shape], memory-mapped, of a pack of arrays. Raises PackError for a pack of encoded images."""
        if not self.shape:
            raise PackError(f"pack {self.name!r} holds encoded images, not arrays; decode them from its spans")
        try:
            return np.memmap(self.blob, np.uint8, mode="r").reshape(-1, *self.shape)
        except (OSError, ValueError) as error:
            raise damaged(self.name, [f"inputs/images.bin cannot be read: {reason(error)}"]) from error

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
                lender = _whole(read_pack(self._packs / lent.pack / lent.fingerprint))
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
    def _packs(self) -> Path:
        return self.folder.parents[1 + self.name.count("/")]

    def counts(self) -> dict[str, int]:
        """Examples by set, those of lent sets too."""
        sets = self._array("hidden/sets")
        own = {name: int((sets == number).sum()) for number, name in enumerate(self.sets)}
        return own | {lent.set: len(self.training(lent.set)[1]) for lent in self.lent}

    def _array(self, name: str) -> Ints:
        try:
            loaded: Ints = np.load(self.folder / f"{name}.npy", allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise damaged(self.name, [f"{name}.npy cannot be read: {reason(error)}"]) from error
        return loaded


def damaged(name: str, problems: Sequence[str]) -> PackError:
    """The error that says what is wrong with a pack's files and how to mend it."""
    return PackError(f"pack {name!r} is damaged: {'; '.join(problems)}; `farfield data repair {name}` mends it")


def build(source: Source, packs: Path) -> Pack:
    """Import a source; a no-op when the same contents are there, intact. Interrupted, it leaves nothing that counts.

    Imports of one name wait for one another. A damaged pack of the same contents is replaced. Raises PackError listing
    files that are missing or unreadable, or when nothing can be written.
    """
    home = packs / source.name
    try:
        with writing(home):
            sweep(packs)
            sweep_home(home)
            put(home, lambda draft: _write(source, draft))
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        raise PackError(f"pack {source.name!r} cannot be written in {packs}: {reason(error)}{where}") from error
    return open_pack(packs, source.name)


def put(home: Path, write: Callable[[Path], str]) -> None:
    """Let `write` fill a new folder, which becomes the pack in use of `home`, whole or not at all.

    `write` returns the fingerprint. A pack that has it already stays as it is, unless it is damaged. The caller is
    `writing` to `home`. Raises OSError.
    """
    draft = Path(tempfile.mkdtemp(prefix=DRAFT, dir=home))
    try:
        written = write(draft)
        draft.chmod(0o755)
        problems = problems_of(home / written) if (home / written).exists() else ["missing"]
        if problems:
            _replace(draft, home / written, problems)
        set_current(home, written)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _replace(draft: Path, final: Path, problems: Sequence[str]) -> None:
    """What was damaged is moved away first, for a folder cannot be put in place of another that is not empty."""
    if final.exists():
        log.warning("the pack in %s was damaged (%s); it is replaced", final, "; ".join(problems))
        discard(final)
    os.replace(draft, final)


def discard(folder: Path) -> None:
    """Remove a folder of a pack so that no half of it counts, however this ends; what is in use lives on."""
    doomed = Path(tempfile.mkdtemp(prefix=DRAFT, dir=folder.parent))
    os.replace(folder, doomed / folder.name)
    shutil.rmtree(doomed, ignore_errors=True)


def sweep(packs: Path) -> None:
    """Remove the drafts that killed imports left under any name, except where somebody is at work."""
    for home in {draft.parent for pattern in ("*", "*/*") for draft in packs.glob(f"{pattern}/{DRAFT}*")}:
        with contextlib.suppress(OSError), writing_if_free(home) as free:
            if free:
                sweep_home(home)


def sweep_home(home: Path) -> None:
    """Remove the drafts of one name. The caller is `writing` to it, so nobody else is."""
    for stale in (*home.glob(f"{DRAFT}*"), *home.glob("current.part")):
        stale.unlink() if stale.is_file() else shutil.rmtree(stale, ignore_errors=True)


def is_imported(packs: Path, name: str) -> bool:
    """Whether a pack of that name is there, whole or damaged."""
    return (packs / name / "current").exists()


def open_pack(packs: Path, name: str) -> Pack:
    """The pack in use. Raises PackError when it was never imported, is of another format, or lacks a file."""
    return _whole(read_pack(packs / name / current(packs, name)))


def current(packs: Path, name: str) -> str:
    """The fingerprint in use. Raises PackError when there is none."""
    try:
        found = (packs / name / "current").read_text(encoding="utf-8", errors="replace").strip()
    except (FileNotFoundError, NotADirectoryError):
        raise PackError(f"pack {name!r} is not imported here; `farfield data import {name}` brings it") from None
    except OSError as error:
        raise PackError(f"pack {name!r} cannot be read: {error.filename}: {error.strerror}") from error
    if not FINGERPRINT.fullmatch(found):
        raise damaged(name, ["its file `current` holds no fingerprint"])
    return found


def problems_of(folder: Path) -> list[str]:
    """What is wrong with the pack in a folder; nothing for one that is intact. Every byte is read."""
    try:
        return damages(read_pack(folder))
    except PackError as error:
        return [str(error)]


def _whole(pack: Pack) -> Pack:
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


def _from_manifest(folder: Path, manifest: Mapping[str, Any]) -> Pack:
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
        lent=tuple(Lent(**lent) for lent in manifest.get("lent", ())),
        notes=tuple(manifest.get("notes", ())),
        files={
            name: {"bytes": int(f["bytes"]), "sha256": f["sha256"]} for name, f in manifest.get("files", {}).items()
        },
        **{key: manifest[key] for key in ("name", "title", "licence", "fingerprint")},
    )


def list_packs(packs: Path) -> list[Pack]:
    """Every imported pack, by name. Raises PackError for one that cannot be opened."""
    return [open_pack(packs, name) for name in imported(packs)]


def imported(packs: Path) -> list[str]:
    """The names of packs that are there, whole or damaged."""
    markers = [*packs.glob("*/current"), *packs.glob("*/*/current")]
    return sorted(marker.parent.relative_to(packs).as_posix() for marker in markers)


def verify(pack: Pack) -> None:
    """Recompute the fingerprint from what is on disk. Raises PackError naming the files that are damaged."""
    problems = damages(pack)
    if problems:
        raise damaged(pack.name, problems)


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
    arrays = {SPANS: stored, **{f"hidden/{name}.npy": values for name, values in columns.items()}}
    for name, values in arrays.items():
        np.save(folder / name, values, allow_pickle=False)
    rows = zip(contents.hashes(), *(column.tolist() for column in columns.values()), strict=True)
    written = fingerprint(head(source, contents.set_names), rows)
    files = measured(folder, [BLOB, *arrays])
    write_json(folder / "manifest.json", _manifest(source, contents.set_names, written) | {"files": files})
    return written


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


def _manifest(source: Source, sets: tuple[str, ...], written: str) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "name": source.name,
        "title": source.title,
        "licence": source.licence,
        "fingerprint": written,
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


def set_current(home: Path, chosen: str) -> None:
    """Put this pack in use under its name. Raises OSError."""
    draft = home / "current.part"
    draft.write_text(chosen + "\n", encoding="utf-8")
    os.replace(draft, home / "current")
