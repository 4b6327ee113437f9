"""A table of images: CSV or Parquet with a path in each row, and with it label, split, domain and groups."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from farfield.errors import did_you_mean, reason
from farfield.packaging.files import read_regular
from farfield_evaluators.data.errors import PackError
from farfield_evaluators.own.places import LONGEST_VALUE, path_problem
from farfield_evaluators.own.rows import MOST_ROWS, Row, Rows, file_row
from farfield_evaluators.own.spec import SPLIT, Data, OwnSpec

MOST_BYTES = 1 << 30
MOST_COLUMNS = 1000
MOST_SHOWN_VALUE = 60
Record = Mapping[str, str]


def read_table(path: Path, data: Data, wanted: Sequence[str]) -> Rows:
    """The images that a table lists, relative to its folder; `wanted` are the columns that something is said of.

    That of the domain is read where it is there. Raises PackError for what is no table, or has no wanted column.
    """
    wanted = list(dict.fromkeys([data.path, *wanted]))
    named = [*wanted, data.domain]
    names, records = read_parquet(path, named) if path.suffix.lower() == ".parquet" else read_csv(path)
    absent = [name for name in wanted if name not in names]
    if absent:
        says = f"{path.name} has no column {absent[0]!r}{did_you_mean(absent[0], names)}"
        raise PackError(f"{says}; it has {', '.join(names)}".replace("?;", "?"))
    wanted += [data.domain] if data.domain in names and data.domain not in wanted else []
    rows: list[Row] = []
    problems: list[str] = []
    for number, record in enumerate(records, 2):
        if len(rows) + len(problems) == MOST_ROWS:
            raise PackError(f"{path.name} has more than {MOST_ROWS:,} rows; that is more than can be imported at once")
        place = record[data.path]
        problem = path_problem(place) or _long(record, wanted)
        if problem:
            problems.append(f"{path.name}, row {number}: {place[:MOST_SHOWN_VALUE]!r} {problem}")
        else:
            rows.append(file_row(path.parent, place, {name: record[name] for name in wanted}))
    return Rows(rows=rows, names=tuple(names), problems=tuple(problems))


def read_csv(path: Path) -> tuple[list[str], Iterator[Record]]:
    """The header, and the rows as they are asked for, which raises PackError at one that is none."""
    try:
        text = read_regular(path, MOST_BYTES).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        says = "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else reason(error)
        raise PackError(f"{path} cannot be read: {says}") from error
    lines = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=_delimiter(text))
    names = next(_rows(path, lines), [])
    if not names or len(names) > MOST_COLUMNS or len(set(names)) != len(names):
        raise PackError(f"{path.name}: its first line must name at most {MOST_COLUMNS} columns, no two alike")
    return names, _records(path, names, lines)


def _delimiter(text: str) -> str:
    """What is most between the names of the header: a comma, a semicolon as some spreadsheets have it, or a tab."""
    head = text[: text.find("\n") if "\n" in text else len(text)]
    return max(",;\t", key=head.count)


def _records(path: Path, names: list[str], lines: Any) -> Iterator[Record]:
    for values in _rows(path, lines):
        if not values:
            continue
        if len(values) != len(names):
            says = f"has {len(values)} values, and the first line names {len(names)} columns"
            raise PackError(f"{path.name}, line {lines.line_num}: {says}")
        yield dict(zip(names, values, strict=True))


def _rows(path: Path, lines: Any) -> Iterator[list[str]]:
    try:
        yield from lines
    except csv.Error as error:
        raise PackError(f"{path.name}, line {lines.line_num}: {error}") from error


def read_parquet(path: Path, wanted: Sequence[str]) -> tuple[list[str], Iterator[Record]]:
    """The names of all columns, and rows of those that are wanted, as texts. Raises PackError."""
    parquet = arrow("pyarrow.parquet")
    try:
        file = parquet.ParquetFile(path)
    except Exception as error:  # pyarrow raises several kinds for what is no Parquet
        raise PackError(f"{path} cannot be read as Parquet: {_words(error)}") from error
    names = [str(name) for name in file.schema_arrow.names]
    if file.metadata.num_rows > MOST_ROWS or len(names) > MOST_COLUMNS:
        raise PackError(f"{path.name} has {file.metadata.num_rows:,} rows; at most {MOST_ROWS:,} are read")
    return names, _texts(path, file, [name for name in wanted if name in names])


def _texts(path: Path, file: Any, names: list[str]) -> Iterator[Record]:
    try:
        for batch in file.iter_batches(batch_size=10_000, columns=names):
            columns = [_as_texts(column) for column in batch.columns]
            yield from (dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True))
    except PackError:
        raise
    except Exception as error:
        raise PackError(f"{path} cannot be read as Parquet: {_words(error)}") from error


def _as_texts(column: Any) -> list[str]:
    return ["" if value is None else str(value) for value in column.to_pylist()]


def arrow(module: str) -> Any:
    """A module of pyarrow, which only whoever reads Parquet or Arrow needs. Raises PackError where it is missing."""
    import importlib

    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise PackError("Parquet and Arrow are read with pyarrow: `pip install farfield-platform[arrays]`") from error


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def _long(record: Record, wanted: Iterable[str]) -> str:
    long = next((name for name in wanted if len(record[name]) > LONGEST_VALUE), "")
    return f"has more than {LONGEST_VALUE} characters in the column {long!r}" if long else ""


def wanted_columns(spec: OwnSpec) -> list[str]:
    """The columns that something is said of in the file: in the order in which it is said."""
    rules = [rule for rule in (spec.train, *spec.parts.values(), *(test.where for test in spec.tests)) if rule]
    made = ("", SPLIT) if spec.data.holdout else ("",)
    named = [
        spec.folds.over if spec.folds else "",
        *spec.data.further_groups,
        *(column for rule in rules for column in rule),
    ]
    return list(dict.fromkeys(name for name in named if name not in made))
