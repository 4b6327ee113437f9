"""Arrays that somebody's own script wrote, from a .npz, .safetensors or Arrow file, without running anything in it.

    score   [N]     higher = more in-distribution
    logits  [N, C]  one column for each class
    label   [N]     whole numbers from 0 to C - 1

    space   [C]     whole numbers, for a set with fewer or coarser classes than the logits: of each class, the number of
                    the set's class that it stands for, or -1 for none; of several the highest logit counts

An Arrow file (IPC file or stream, as Feather 2 and `datasets` write them) has a row for each image; `logits` is a
column of lists that have one length, or of tensors of one shape, and it can have no `space`. Nothing is unpickled:
arrays of Python objects are refused.
"""

import importlib
import zipfile
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield.errors import FarfieldError, reason
from farfield.packaging.files import START_BYTES, impostor, open_regular

Array = npt.NDArray[Any]
NOT_A_FILE = "arrays.not_a_file"
PICKLE = "arrays.pickle"
MISSING = "arrays.missing"
DTYPE = "arrays.dtype"
SHAPE = "arrays.shape"
NOT_FINITE = "arrays.not_finite"
NO_READER = "arrays.no_reader"
PER_IMAGE = ("scores", "logits", "label")
NAMES = (*PER_IMAGE, "space")
DIMENSIONS: Mapping[str, int] = {"scores": 1, "logits": 2, "label": 1, "space": 1}
WHOLE = ("label", "space")
PICKLES = (".pkl", ".pickle", ".pt", ".pth", ".bin")
MEANT: Mapping[str, str] = {"logit": "logits", "labels": "label"}
# As files of before had it: predictions and arrays have one name for it now.
FORMER: Mapping[str, str] = {"score": "scores"}
READ = frozenset({*NAMES, *FORMER})


class ArraysError(FarfieldError):
    """A file of arrays that cannot be scored; the code says why, one of `arrays.*`."""

    code = NOT_A_FILE

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def read_arrays(path: Path, needed: Collection[str]) -> dict[str, Array]:
    """Those of `NAMES` that the file has, finite and with N > 0 rows: scores float64, logits float, the others int64.

    Raises ArraysError, whose message names the file and the array.
    """
    start = _start(path)
    suffix = path.suffix.lower()
    if impostor(start):
        raise ArraysError(NOT_A_FILE, f"{path.name} is {impostor(start)}")
    if suffix in PICKLES or _is_pickle(start):
        raise ArraysError(PICKLE, f"{path.name} is a pickle, which is never loaded; save a .npz of plain arrays")
    if suffix not in READERS:
        raise ArraysError(NOT_A_FILE, f"{path.name} must end in one of {', '.join(READERS)}, to say its format")
    found = _read(path)
    _check_names(path, found, needed)
    arrays = {name: _checked(path, name, found[name]) for name in NAMES if name in found}
    lengths = {name: len(array) for name, array in arrays.items() if name in PER_IMAGE}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise ArraysError(SHAPE, f"{path.name}: the arrays must have a row for each image, the same number: {listed}")
    return arrays


def _read(path: Path) -> dict[str, Array]:
    """The arrays as they lie in the file."""
    try:
        found = READERS[path.suffix.lower()](path)
        return found | {now: found[former] for former, now in FORMER.items() if former in found and now not in found}
    except FarfieldError:
        raise
    except Exception as error:  # on damaged bytes the libraries raise anything, from KeyError to MemoryError
        says = reason(error) or type(error).__name__
        raise ArraysError(NOT_A_FILE, f"{path.name} cannot be read as {path.suffix}: {says}") from error


def _start(path: Path) -> bytes:
    """The first bytes of a regular file. Raises ArraysError for anything else."""
    try:
        with open_regular(path) as opened:
            return opened.read(START_BYTES)
    except FileNotFoundError:
        raise ArraysError(NOT_A_FILE, f"there is no file {path}") from None
    except OSError as error:
        raise ArraysError(NOT_A_FILE, f"{path} cannot be read: {reason(error)}") from error


def _is_pickle(start: bytes) -> bool:
    """Whether it starts as pickles of protocol 2 and later do, whatever it is called."""
    return len(start) >= 2 and start[0] == 0x80 and 2 <= start[1] <= 5


def _check_names(path: Path, found: Collection[str], needed: Collection[str]) -> None:
    missing = [name for name in needed if name not in found]
    if missing:
        holds = ", ".join(ascii(name) for name in sorted(found)[:8]) or "nothing"
        meant = [f"call {name!r} {MEANT[name]!r}" for name in sorted(found) if MEANT.get(name) in missing]
        says = f"{path.name} lacks {' and '.join(missing)}; it holds {holds}"
        raise ArraysError(MISSING, "; ".join([says, *meant]))


def _checked(path: Path, name: str, array: Array) -> Array:
    if array.ndim != DIMENSIONS[name]:
        wanted = "[N, C]" if DIMENSIONS[name] == 2 else "[N]"
        raise ArraysError(SHAPE, f"{path.name}: {name} has the shape {list(array.shape)}; expected {wanted}")
    if not array.size:
        raise ArraysError(SHAPE, f"{path.name}: {name} has the shape {list(array.shape)}, which holds nothing")
    if not np.issubdtype(array.dtype, np.integer if name in WHOLE else np.floating):
        kind = "whole numbers" if name in WHOLE else "floating point"
        raise ArraysError(DTYPE, f"{path.name}: {name} must be {kind}, and is {array.dtype}")
    if name in WHOLE:
        return array.astype(np.int64)
    _check_finite(path, name, array)
    return array.astype(np.float64) if name == "scores" else array


def _check_finite(path: Path, name: str, array: Array) -> None:
    whole = np.asarray(np.isfinite(array).reshape(len(array), -1).all(axis=1))
    if not whole.all():
        first = int(np.argmin(whole))
        says = (
            f"{path.name}: {name} must be finite; {int((~whole).sum())} of {len(whole)} rows are not, the first is row"
        )
        raise ArraysError(NOT_FINITE, f"{says} {first}, counted from 0")


def _npz(path: Path) -> dict[str, Array]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = {Path(name).stem for name in archive.namelist() if name.endswith(".npy")}
        with np.load(path, allow_pickle=False) as opened:
            return {name: opened[name] if name in READ else np.empty(0) for name in sorted(members)}
    except ValueError as error:
        if "pickle" in str(error):
            says = f"{path.name} holds pickled Python objects, which are never loaded; save plain arrays"
            raise ArraysError(PICKLE, says) from error
        raise


def _safetensors(path: Path) -> dict[str, Array]:
    module = _library("safetensors", path)
    try:
        with module.safe_open(path, framework="numpy") as opened:
            return {name: opened.get_tensor(name) if name in READ else np.empty(0) for name in opened.keys()}  # noqa: SIM118
    except TypeError as error:
        says = f"{path.name} holds a type that numpy does not have, such as bfloat16; save float32"
        raise ArraysError(DTYPE, says) from error


def _arrow(path: Path) -> dict[str, Array]:
    arrow = _library("pyarrow", path)
    ipc = importlib.import_module("pyarrow.ipc")
    with arrow.memory_map(str(path)) as source:
        is_file = source.read(6) == b"ARROW1"
        source.seek(0)
        table = (ipc.open_file if is_file else ipc.open_stream)(source).read_all()
        names = table.column_names
        return {name: _column(path, name, table.column(name)) if name in READ else np.empty(0) for name in names}


def _column(path: Path, name: str, column: Any) -> Array:
    """A column as an array: [N], or [N, C] for lists of one length and tensors of one dimension."""
    arrow = importlib.import_module("pyarrow")
    whole = column.combine_chunks()
    if isinstance(whole, arrow.ChunkedArray):  # as of no chunk, or of more than one array can hold
        whole = arrow.concat_arrays(whole.chunks) if whole.num_chunks else arrow.array([], whole.type)
    if isinstance(whole, arrow.ExtensionArray):
        whole = whole.storage
    if whole.null_count:
        raise ArraysError(NOT_FINITE, f"{path.name}: {name} has {whole.null_count} empty rows")
    if not hasattr(whole, "flatten") or arrow.types.is_struct(whole.type):
        return np.array(whole.to_numpy(zero_copy_only=False))
    values, rows = whole.flatten(), len(whole)
    if rows == 0 or len(values) % rows or len(set(whole.value_lengths().to_pylist())) > 1:
        raise ArraysError(SHAPE, f"{path.name}: the lists of {name} must have one length, the number of classes")
    if values.null_count:
        raise ArraysError(NOT_FINITE, f"{path.name}: {name} has {values.null_count} empty values")
    return np.array(values.to_numpy(zero_copy_only=False)).reshape(rows, -1)


def _library(name: str, path: Path) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        says = f"{path.name} takes the package {name!r} to read; install it, or the extra `arrays` of Farfield"
        raise ArraysError(NO_READER, says) from None


READERS: Mapping[str, Callable[[Path], dict[str, Array]]] = {
    ".npz": _npz,
    ".safetensors": _safetensors,
    ".arrow": _arrow,
    ".feather": _arrow,
    ".ipc": _arrow,
}
