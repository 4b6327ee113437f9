"""Building packs: a source becomes a folder that is in use whole, or not at all."""

import contextlib
import logging
import math
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from farfield.errors import reason
from farfield.runtime.job import write_json
from farfield_evaluators.data.columns import Array
from farfield_evaluators.data.contents import Contents, read, store
from farfield_evaluators.data.damage import BLOB, SPANS, measured
from farfield_evaluators.data.errors import SHOWN_PROBLEMS, PackError, UnreadableFiles
from farfield_evaluators.data.fingerprint import FORMAT, UINT8, fingerprint, head
from farfield_evaluators.data.pack import Ints, Pack
from farfield_evaluators.data.pack_use import writing, writing_if_free
from farfield_evaluators.data.shelf import open_pack, problems_of, set_current
from farfield_evaluators.data.source import DTYPES, Source

log = logging.getLogger(__name__)
DRAFT = "incoming-"


def build(source: Source, packs: Path) -> Pack:
    """Import a source; a no-op when the same contents are there, intact. Interrupted, it leaves nothing that counts.

    Imports of one name wait for one another. A damaged pack of the same contents is replaced. Raises PackError listing
    files that are missing or unreadable, or when nothing can be written.
    """
    home = packs / source.name
    _check_columns(source)
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


def _write(source: Source, folder: Path) -> str:
    (folder / "inputs").mkdir()
    (folder / "hidden").mkdir()
    with tempfile.TemporaryFile(dir=folder) as unsorted:
        contents = store(source.examples, unsorted, source.columns)
        if contents.problems:
            raise UnreadableFiles(contents.problems, len(source.examples))
        _check_labels(source, contents)
        _check_sizes(source, contents)
        contents = contents.in_order()
        stored = _write_blob(folder, unsorted, contents, once=source.once)
    base = _columns(source, contents)
    arrays = {SPANS: stored, **{f"hidden/{name}.npy": values for name, values in base.items()}, **_named(contents)}
    if contents.columns:
        (folder / "hidden" / "columns").mkdir()
    for name, values in arrays.items():
        np.save(folder / name, values, allow_pickle=False)
    words = [*(column.tolist() for column in base.values()), *(column.words() for column in contents.columns)]
    written = fingerprint(head(source, contents.set_names), zip(contents.hashes(), *words, strict=True))
    files = measured(folder, [BLOB, *arrays])
    write_json(folder / "manifest.json", _manifest(source, contents.set_names, written) | {"files": files})
    return written


def _check_columns(source: Source) -> None:
    """Raises PackError for columns that cannot be, two of one name, a set that joins none, or a type of arrays."""
    names = [column.name for column in source.columns]
    problems = [problem for column in source.columns for problem in column.problems()]
    joined = [name for name, parts in source.joined if not parts]
    problems += [f"the set {name!r} joins no other" for name in joined]
    problems += (
        [] if source.dtype in DTYPES else [f"its arrays hold {source.dtype}, which is none of {', '.join(DTYPES)}"]
    )
    problems += [f"two columns are called {name!r}" for name in sorted(set(names)) if names.count(name) > 1]
    if problems:
        raise PackError(f"pack {source.name!r}: {'; '.join(problems)}")


def _check_sizes(source: Source, contents: Contents) -> None:
    """Raises PackError where arrays do not all have the bytes that their shape and type make."""
    wanted = math.prod(source.shape) * DTYPES[source.dtype].itemsize
    sizes = contents.spans[:, 1] - contents.spans[:, 0]
    other = np.flatnonzero(sizes != wanted) if source.shape else np.zeros(0, np.int64)
    if len(other):
        where = source.examples[int(other[0])].where()
        says = f"{len(other)} arrays are not {source.dtype} of the shape {list(source.shape)}"
        raise PackError(f"pack {source.name!r}: {says}, the first is {where}")


def _named(contents: Contents) -> dict[str, Array]:
    """The arrays of the columns that a pack need not have, by their files."""
    return {f"hidden/columns/{name}.npy": a for column in contents.columns for name, a in column.arrays().items()}


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


def _write_blob(folder: Path, unsorted: BinaryIO, contents: Contents, *, once: bool) -> Ints:
    """The images in their order, and where each lies now; `once`: equal ones, which are neighbours, share a place."""
    spans, digests = contents.spans, contents.digests
    new = np.ones(len(spans), bool)
    if once and len(spans):
        new[1:] = (digests[1:] != digests[:-1]).any(axis=1)
    with (folder / "inputs" / "images.bin").open("wb") as blob:
        for start, end in spans[new].tolist():
            blob.write(read(unsorted, start, end))
    lengths = spans[:, 1] - spans[:, 0]
    ends = np.cumsum(lengths * new)
    return np.stack([ends - lengths, ends], axis=1)


def _manifest(source: Source, sets: tuple[str, ...], written: str) -> dict[str, Any]:
    values = {
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
    more: dict[str, Any] = {"columns": [c.as_json() for c in source.columns], "joined": dict(source.joined)}
    more |= {"dtype": "" if source.dtype == UINT8 else source.dtype, "prompts": list(source.prompts)}
    return values | {key: value for key, value in more.items() if value}
