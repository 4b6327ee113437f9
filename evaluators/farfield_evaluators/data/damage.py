"""What is wrong with the files of a pack on disk, told by the file: missing, cut short, changed, or unreadable."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from farfield.errors import reason
from farfield_evaluators.data.columns import ColumnData
from farfield_evaluators.data.contents import read
from farfield_evaluators.data.errors import PackError
from farfield_evaluators.data.fingerprint import fingerprint, head

if TYPE_CHECKING:
    from farfield_evaluators.data.pack import Pack

BLOB, SPANS = "inputs/images.bin", "inputs/spans.npy"
COLUMNS = ("sets", "labels", "domains", "order")
NEEDED = (BLOB, SPANS, "hidden/sets.npy", "hidden/labels.npy", "hidden/domains.npy")
CHUNK_BYTES = 1 << 20
Ints = npt.NDArray[np.int64]
Files = Mapping[str, Mapping[str, Any]]  # bytes and sha256 of each file, by its name; packs of earlier have none


def measured(folder: Path, names: list[str]) -> dict[str, dict[str, Any]]:
    """What a manifest says of each file."""
    return {name: {"bytes": (folder / name).stat().st_size, "sha256": _sum(folder / name)} for name in names}


def glaring(folder: Path, files: Files) -> list[str]:
    """What a look at the folder tells, without reading a file: those that are missing or of another length."""
    return [problem for name in sorted({*NEEDED, *files}) if (problem := _at_a_glance(folder, name, files.get(name)))]


def damages(pack: "Pack") -> list[str]:
    """Everything that is wrong with a pack's files, a sentence each; none for one whose contents are its fingerprint's.

    Every byte is read.
    """
    try:
        return _damages(pack)
    except OSError as error:  # such as of a disk that fails
        name = Path(error.filename or pack.folder / BLOB).name
        return [f"{name} cannot be read: {reason(error)}"]


def _damages(pack: "Pack") -> list[str]:
    found = glaring(pack.folder, pack.files) or [*_changed_sums(pack, pack.files.keys() - {BLOB})]
    if found:
        return found
    columns: dict[str, Ints] = {}
    for name in (SPANS, *(f"hidden/{c}.npy" for c in COLUMNS if (pack.folder / f"hidden/{c}.npy").exists())):
        try:
            columns[name] = np.load(pack.folder / name, allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            found.append(f"{name} cannot be read: {reason(error)}")
    found = found or [*_misfits(columns, (pack.folder / BLOB).stat().st_size)]
    if found:
        return found
    try:
        more = [pack.column(column.name) for column in pack.columns]
    except PackError as error:
        return [str(error)]
    return [*_changed(pack, columns, more)]


def _at_a_glance(folder: Path, name: str, known: Mapping[str, Any] | None) -> str:
    path = folder / name
    if not path.is_file():
        return f"{name} is missing"
    size = path.stat().st_size
    return "" if known is None else _wrong_length(name, size, known["bytes"])


def _wrong_length(name: str, size: int, known: int) -> str:
    if size < known:
        return f"{name} is cut short: {size:,} of {known:,} bytes"
    return f"{name} has {size - known:,} bytes too many" if size > known else ""


def _misfits(columns: Mapping[str, Ints], blob_bytes: int) -> Iterator[str]:
    """Columns that do not fit one another or the blob."""
    spans = columns[SPANS]
    if spans.ndim != 2 or spans.shape[1] != 2 or not np.issubdtype(spans.dtype, np.integer) or spans.min(initial=0) < 0:
        yield f"{SPANS} does not hold where images begin and end"
        return
    for name, values in columns.items():
        if name != SPANS and (values.shape != spans.shape[:1] or not np.issubdtype(values.dtype, np.integer)):
            yield f"{name} does not hold a whole number for each of {len(spans)} images"
    problem = _wrong_length(BLOB, blob_bytes, int(spans.max(initial=0)))
    if problem:
        yield problem


def _changed(pack: "Pack", columns: Mapping[str, Ints], more: Iterable[ColumnData]) -> Iterator[str]:
    misplaced: list[int] = []
    words = [values.tolist() for name, values in columns.items() if name != SPANS] + [c.words() for c in more]
    rows = zip(_hashes(pack.folder / BLOB, columns[SPANS], misplaced), *words, strict=True)
    contents = fingerprint(head(pack), rows)
    if contents == pack.fingerprint:
        return
    of_blob = [*_changed_sums(pack, [BLOB])] if pack.files else [f"{BLOB} is changed"] if misplaced else []
    which = "manifest.json" if pack.files else "a file"
    yield from of_blob or [f"{which} is changed: its contents give {contents}, not {pack.fingerprint}"]


def _changed_sums(pack: "Pack", names: Iterable[str]) -> Iterator[str]:
    for name in sorted(names):
        if name in pack.files and _sum(pack.folder / name) != pack.files[name]["sha256"]:
            yield f"{name} is changed"


def _hashes(blob: Path, spans: Ints, misplaced: list[int]) -> Iterator[str]:
    """Each image's SHA-256. Images lie in the order of these: those that do not are added to `misplaced`."""
    last = ""
    with blob.open("rb") as opened:
        for position, (start, end) in enumerate(spans.tolist()):
            found = hashlib.sha256(read(opened, start, end)).hexdigest()
            if found < last:
                misplaced.append(position)
            last = found
            yield found


def _sum(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as opened:
        while chunk := opened.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
