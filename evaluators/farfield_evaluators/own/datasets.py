"""A folder that Hugging Face's `datasets` saved on disk: Arrow or Parquet files that hold the images themselves.

Nothing is downloaded, unpickled or imported for it: the files are read by pyarrow, as data.
"""

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from farfield_evaluators.data.encoded import MOST_BYTES as MOST_IMAGE_BYTES
from farfield_evaluators.data.encoded import UnreadableImage, clean
from farfield_evaluators.data.errors import PackError
from farfield_evaluators.own.places import LONGEST_VALUE, path_problem
from farfield_evaluators.own.rows import MOST_ROWS, Row, Rows, file_row
from farfield_evaluators.own.spec import Data
from farfield_evaluators.own.tables import arrow

MOST_FILES = 10_000
MOST_CLASSES = 100_000
HELD = 2  # groups of rows of a Parquet file that are held at once


def read_datasets(path: Path, data: Data, wanted: Sequence[str]) -> Rows:
    """All rows of all splits. Raises PackError for a folder without such files, or without a wanted column."""
    files = files_of(path)
    if not files:
        raise PackError(
            f'{path} holds no .arrow and no .parquet file; data.kind = "datasets" reads what `datasets` saved'
        )
    rows: list[Row] = []
    classes: tuple[str, ...] = ()
    names: dict[str, None] = {"split": None}
    for split, file in files:
        part = _Part.of(file, data, wanted)
        classes = _same(classes, part.classes, file)
        names |= dict.fromkeys(part.names)
        rows += part.rows(path, split)
        if len(rows) > MOST_ROWS:
            raise PackError(f"{path} has more than {MOST_ROWS:,} rows; that is more than can be imported at once")
    return Rows(rows=rows, names=tuple(names), classes=classes)


def files_of(path: Path) -> list[tuple[str, Path]]:
    """(split, file) of each file with rows, by split and name."""
    if path.is_file():
        return [(_split(path), path)]
    files = sorted([*path.glob("*.arrow"), *path.glob("*.parquet"), *path.glob("*/*.arrow"), *path.glob("*/*.parquet")])
    if len(files) > MOST_FILES:
        raise PackError(f"{path} has more than {MOST_FILES:,} files")
    kept = [file for file in files if not file.name.startswith(("cache-", "tmp"))]
    return [
        (file.parent.name if file.parent != path and file.suffix == ".arrow" else _split(file), file) for file in kept
    ]


def columns_of(file: Path) -> list[str]:
    """The names of a file's columns. Raises PackError for a file that cannot be read."""
    return [str(name) for name in _opened(file, "", ())[0].names]


def _split(file: Path) -> str:
    """The split that a file's name tells, as in train-00000-of-00002.parquet."""
    return file.stem.split("-")[0]


def _same(before: tuple[str, ...], now: tuple[str, ...], file: Path) -> tuple[str, ...]:
    if before and now and before != now:
        raise PackError(f"{file}: its classes are others than those of the files before it")
    return now or before


class _Part:
    """One file: the texts of its columns, and its images as they are asked for."""

    def __init__(
        self, file: Path, schema: Any, batches: Iterator[Any], image: Callable[[int], Any], data: Data
    ) -> None:
        self._file, self._batches, self._image, self._data = file, batches, image, data
        self.names = [str(name) for name in schema.names]
        features = _features(file, schema)
        self._codes = {name: names for name, value in features.items() if (names := _names(value))}
        self.classes = tuple(self._codes.get(data.label, ()))

    @classmethod
    def of(cls, file: Path, data: Data, wanted: Sequence[str]) -> "_Part":
        schema, batches, image = _opened(file, data.image, list(dict.fromkeys([*wanted, data.domain, "split"])))
        names = [str(name) for name in schema.names]
        absent = next((name for name in (data.image, *wanted) if name not in (*names, "split")), None)
        if absent is not None:
            raise PackError(f"{file.name} has no column {absent!r}; it has {', '.join(names)}")
        return cls(file, schema, batches, image, data)

    def rows(self, root: Path, split: str) -> Iterator[Row]:
        number = 0
        try:
            for batch in self._batches:
                columns = {name: batch.column(name).to_pylist() for name in batch.schema.names}
                for index in range(batch.num_rows):
                    values = {name: self._text(name, column[index]) for name, column in columns.items()}
                    load = partial(_stored, self._image, number, root)
                    number += 1
                    where = f"{self._file.name if self._file == root else self._file.relative_to(root)}, row {number}"
                    yield Row(where=where, load=load, values={**values, "split": values.get("split") or split})
        except PackError:
            raise
        except Exception as error:
            raise PackError(f"{self._file} cannot be read: {' '.join(str(error).split())[:200]}") from error

    def _text(self, name: str, value: Any) -> str:
        names = self._codes.get(name, ())
        if names and isinstance(value, int):
            return names[value] if 0 <= value < len(names) else ""
        return "" if value is None else str(value)[:LONGEST_VALUE]


def _stored(image: Callable[[int], Any], number: int, root: Path) -> bytes:
    """The image of a row, as a pack stores it; one that is only named lies in the folder."""
    value = _value(image, number)
    encoded = value.get("bytes") if isinstance(value, Mapping) else value
    if isinstance(encoded, bytes) and encoded:
        if len(encoded) > MOST_IMAGE_BYTES:
            raise UnreadableImage(f"it has {len(encoded):,} bytes; at most {MOST_IMAGE_BYTES:,} are read")
        return clean(encoded)
    place = value.get("path") if isinstance(value, Mapping) else value
    if not isinstance(place, str) or path_problem(place):
        raise UnreadableImage("the row holds neither an image nor the path of one below the folder")
    return file_row(root, place, {}).load()


def _value(image: Callable[[int], Any], number: int) -> Any:
    try:
        return image(number)
    except MemoryError:
        raise
    except Exception as error:  # of a damaged file pyarrow raises several kinds, not before the rows are read
        raise UnreadableImage(f"the row cannot be read: {' '.join(str(error).split())[:200]}") from error


def _opened(file: Path, image: str, wanted: Sequence[str]) -> tuple[Any, Iterator[Any], Callable[[int], Any]]:
    """(schema, the wanted columns by batches, what gives a row's image). Raises PackError."""
    try:
        return (_open_arrow if file.suffix == ".arrow" else _open_parquet)(file, image, wanted)
    except PackError:
        raise
    except Exception as error:  # pyarrow raises several kinds for what is damaged
        raise PackError(f"{file} cannot be read: {' '.join(str(error).split())[:200]}") from error


def _open_arrow(file: Path, image: str, wanted: Sequence[str]) -> tuple[Any, Iterator[Any], Callable[[int], Any]]:
    """A stream as `save_to_disk` writes it, mapped into memory: images are read when they are asked for."""
    pa, ipc = arrow("pyarrow"), arrow("pyarrow.ipc")
    table = ipc.open_stream(pa.memory_map(str(file))).read_all()
    if table.num_rows > MOST_ROWS:
        raise PackError(f"{file.name} has more than {MOST_ROWS:,} rows")
    texts = table.select([name for name in wanted if name in table.schema.names])
    column = table.column(image) if image in table.schema.names else None
    return table.schema, iter(texts.to_batches(max_chunksize=10_000)), lambda number: column[number].as_py()  # type: ignore[index]


def _open_parquet(file: Path, image: str, wanted: Sequence[str]) -> tuple[Any, Iterator[Any], Callable[[int], Any]]:
    """A Parquet file, of which a few groups of rows are held at once."""
    opened = arrow("pyarrow.parquet").ParquetFile(file)
    if opened.metadata.num_rows > MOST_ROWS:
        raise PackError(f"{file.name} has more than {MOST_ROWS:,} rows")
    names = opened.schema_arrow.names
    ends: list[int] = []
    for group in range(opened.metadata.num_row_groups):
        ends.append((ends[-1] if ends else 0) + opened.metadata.row_group(group).num_rows)
    lock = threading.Lock()

    @lru_cache(maxsize=HELD)
    def group_of(group: int) -> Any:
        return opened.read_row_group(group, columns=[image]).column(image)

    def row(number: int) -> Any:
        with lock:  # one reader at a time: the file has one position
            group = next(g for g, end in enumerate(ends) if number < end)
            return group_of(group)[number - (ends[group - 1] if group else 0)].as_py()

    batches = opened.iter_batches(batch_size=10_000, columns=[name for name in wanted if name in names])
    return opened.schema_arrow, batches, row


def _features(file: Path, schema: Any) -> Mapping[str, Any]:
    """What `datasets` says of the columns: in the file's metadata, or in dataset_info.json beside it."""
    said = (schema.metadata or {}).get(b"huggingface")
    try:
        if said is not None:
            features = json.loads(said)["info"]["features"]
        else:
            features = json.loads((file.parent / "dataset_info.json").read_text(encoding="utf-8"))["features"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}
    return features if isinstance(features, dict) else {}


def _names(feature: Any) -> tuple[str, ...]:
    """The names of a column of numbered classes; none of another."""
    names = feature.get("names") if isinstance(feature, Mapping) else None
    if not isinstance(names, list) or not 0 < len(names) <= MOST_CLASSES or not all(isinstance(n, str) for n in names):
        return ()
    return tuple(names)
