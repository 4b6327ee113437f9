"""Packs: an imported data set as a memory-mapped file set with a manifest and a fingerprint over its contents.

    <packs>/<name>/current                  the fingerprint in use
    <packs>/<name>/<fingerprint>/manifest.json
                                 inputs/images.bin, inputs/spans.npy     all a sandbox may ever see
                                 hidden/labels.npy, sets.npy, domains.npy  never mounted anywhere

Examples lie in the order of the hash of their content: it is the same wherever the pack is built, and tells nothing of
classes, sets or file names.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield import FarfieldError
from farfield.job import read_json, write_json
from farfield_evaluators.data.encoded import UnreadableImage, clean

FORMAT = 1
FINGERPRINT_LENGTH = 32
SHOWN_PROBLEMS = 10
Ints = npt.NDArray[np.int64]


class PackError(FarfieldError):
    """A pack that is missing, damaged, or cannot be built; says which files and what to do."""

    code = "data.pack"


@dataclass(frozen=True, kw_only=True)
class PackClass:
    """A class: its name as shown and used in prompts, and the ImageNet synsets it stands for."""

    name: str
    synsets: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Example:
    """One file of the source: its set, class number (-1 for OOD) and domain number (into the source's domains)."""

    path: Path
    set: str
    label: int
    domain: int = 0


@dataclass(frozen=True, kw_only=True)
class Source:
    """What an importer hands over: everything a pack is made of."""

    name: str
    title: str
    licence: str
    classes: tuple[PackClass, ...]
    domains: tuple[str, ...]
    examples: tuple[Example, ...]


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

    def members(self, name: str) -> Ints:
        """Positions of a set's examples, ascending. Raises PackError for a set the pack does not have."""
        if name not in self.sets:
            raise PackError(f"pack {self.name!r} has no set {name!r}; it has {', '.join(self.sets)}")
        return np.flatnonzero(self._array("hidden/sets") == self.sets.index(name))

    def counts(self) -> dict[str, int]:
        """Examples by set."""
        sets = self._array("hidden/sets")
        return {name: int((sets == number).sum()) for number, name in enumerate(self.sets)}

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


def open_pack(packs: Path, name: str) -> Pack:
    """The pack in use. Raises PackError when it was never imported or is of another format."""
    home = packs / name
    try:
        fingerprint = (home / "current").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise PackError(f"pack {name!r} is not imported here; `farfield data import` brings it") from None
    folder = home / fingerprint
    manifest = read_json(folder / "manifest.json")
    if manifest["format"] != FORMAT:
        raise PackError(f"pack {name!r} has format {manifest['format']}; import it again")
    classes = tuple(PackClass(name=c["name"], synsets=tuple(c["synsets"])) for c in manifest["classes"])
    return Pack(
        folder=folder,
        classes=classes,
        domains=tuple(manifest["domains"]),
        sets=tuple(manifest["sets"]),
        **{key: manifest[key] for key in ("name", "title", "licence", "fingerprint")},
    )


def list_packs(packs: Path) -> list[Pack]:
    """Every imported pack, by name."""
    return [open_pack(packs, marker.parent.name) for marker in sorted(packs.glob("*/current"))]


def verify(pack: Pack) -> None:
    """Recompute the fingerprint from what is on disk. Raises PackError when it differs or files are damaged."""
    blob = pack.blob.read_bytes()
    spans, sets = pack.spans, np.load(pack.folder / "hidden/sets.npy", allow_pickle=False)
    hashes = [hashlib.sha256(blob[start:end]).hexdigest() for start, end in spans]
    rows = zip(hashes, sets.tolist(), pack.labels.tolist(), pack.domain_numbers.tolist(), strict=True)
    found = _fingerprint(pack.name, pack.classes, pack.domains, pack.sets, rows)
    if found != pack.fingerprint:
        differs = f"its contents give {found}, not {pack.fingerprint}"
        raise PackError(f"pack {pack.name!r} is damaged: {differs}; import it again")


Row = tuple[str, int, int, int]


def _write(source: Source, folder: Path) -> str:
    sets = tuple(sorted({e.set for e in source.examples}))
    hashed = _hashes(source.examples)
    order = sorted(range(len(hashed)), key=lambda i: (hashed[i], source.examples[i].set, source.examples[i].label))
    examples = [source.examples[i] for i in order]
    spans = _write_blob(folder, examples)
    columns = {
        "hidden/sets": [sets.index(e.set) for e in examples],
        "hidden/labels": [e.label for e in examples],
        "hidden/domains": [e.domain for e in examples],
        "inputs/spans": spans,
    }
    (folder / "hidden").mkdir()
    for name, values in columns.items():
        np.save(folder / f"{name}.npy", np.asarray(values, np.int64), allow_pickle=False)
    rows = [(hashed[i], sets.index(e.set), e.label, e.domain) for i, e in zip(order, examples, strict=True)]
    fingerprint = _fingerprint(source.name, source.classes, source.domains, sets, rows)
    write_json(folder / "manifest.json", _manifest(source, sets, fingerprint))
    return fingerprint


def _hashes(examples: Sequence[Example]) -> list[str]:
    """sha256 of each cleaned image; one PackError for all files that fail."""
    hashed, problems = [], []
    for example in examples:
        try:
            hashed.append(hashlib.sha256(clean(example.path.read_bytes())).hexdigest())
        except (OSError, UnreadableImage) as error:
            problems.append(f"{example.path}: {error}")
    if problems:
        shown = "\n  ".join(problems[:SHOWN_PROBLEMS])
        raise PackError(f"{len(problems)} of {len(examples)} images cannot be read; replace them:\n  {shown}")
    return hashed


def _write_blob(folder: Path, examples: Sequence[Example]) -> list[tuple[int, int]]:
    (folder / "inputs").mkdir()
    spans, position = [], 0
    with (folder / "inputs" / "images.bin").open("wb") as blob:
        for example in examples:
            image = clean(example.path.read_bytes())
            blob.write(image)
            spans.append((position, position + len(image)))
            position += len(image)
    return spans


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
    }


def _fingerprint(
    name: str,
    classes: Sequence[PackClass],
    domains: Sequence[str],
    sets: Sequence[str],
    rows: Iterable[Row],
) -> str:
    head = [FORMAT, name, [[c.name, list(c.synsets)] for c in classes], list(domains), list(sets)]
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
