"""A zip of run folders: the records of a sweep that was run elsewhere, as they are handed in."""

import hashlib
import tempfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from farfield.errors import PackageError
from farfield.packaging.archive import MIB, Bounds, Contents, read_archive
from farfield_evaluators.suites.domainbed.folder import MOST_BYTES, read_sweep
from farfield_evaluators.suites.domainbed.problems import NOT_A_ZIP, Problem, RecordsError
from farfield_evaluators.suites.domainbed.records import DONE, RESULTS, Record

# The largest sweep of DomainBed's own data sets, all of RotatedMNIST, writes 100 MiB.
BOUNDS = Bounds(total_bytes=128 * MIB)
ZIP_MAGIC = b"PK"
LONGEST_NAME = 200  # bytes; a file system takes some more


def read_zip(path: Path) -> tuple[Record, ...]:
    """All records of a zip, read as strictly as those of a folder, and of a whole sweep. Raises RecordsError.

    The run folders may lie in a folder of their own; what is neither records nor a mark that a run is done is left out.
    """
    contents = _contents(path)
    with tempfile.TemporaryDirectory(prefix="farfield-records-") as folder:
        _unpack(contents, Path(folder))
        sweep = read_sweep(Path(folder), partial=True)
    if sweep.missing:
        raise RecordsError(sweep.missing)
    return sweep.records


def _contents(path: Path) -> Contents:
    with path.open("rb") as file:
        if file.read(len(ZIP_MAGIC)) != ZIP_MAGIC:
            raise RecordsError([Problem(code=NOT_A_ZIP, where="", says="the file is not a .zip of run folders")])
    try:
        return read_archive(path, lambda name: MOST_BYTES if PurePosixPath(name).name == RESULTS else 0, BOUNDS)
    except PackageError as error:
        raise RecordsError([Problem(code=NOT_A_ZIP, where="", says=str(error))]) from error


def _unpack(contents: Contents, folder: Path) -> None:
    """Write records and marks below `folder`, which is flat: a run's folder is called by its whole path."""
    for name in contents.files:
        path = PurePosixPath(name)
        if path.name in {RESULTS, DONE}:
            run = folder / _flat(path.parts[:-1])
            run.mkdir(exist_ok=True)
            (run / path.name).write_bytes(contents.texts.get(name, b""))


def _flat(parts: Sequence[str]) -> str:
    """The name of a run's folder in messages; a hash where no file system would take it."""
    name = "__".join(parts) or "records"
    return name if len(name.encode()) <= LONGEST_NAME else hashlib.sha256(name.encode()).hexdigest()
