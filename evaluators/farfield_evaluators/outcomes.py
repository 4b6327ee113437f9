"""What a run said of each test example, as one Parquet file: what ranking, comparing and scoring again start from.

A row is a test example: `example`, its place in the pack whose fingerprint the file names, `domain`, and a column for
each outcome that the benchmark's scorers looked at, such as `hit`, `confidence` or `score`; null where a domain has
none. There is no label. But a hit beside a prediction tells one, and so do confidences: such a file is the operator's,
and never given out. Rows stand domain by domain in the pack's order, so that neither the file nor its hash tells the
secret order of the run, and equal outcomes are equal files.
"""

import hashlib
import importlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from farfield.errors import FarfieldError
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.data.columns import ROWS, Array, Ints
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.evaluate import Arrays, Scored, Truth, as_tests, figures_of, scored
from farfield_evaluators.figure import Figure
from farfield_evaluators.run_plan import Evidence
from farfield_evaluators.scoring.remarks import empty_groups
from farfield_evaluators.scoring.test import Test
from farfield_evaluators.staging import truth_of

FORMAT = 1
EXAMPLE, DOMAIN = "example", "domain"
KEY = b"farfield"
MOST_ROWS = 20_000_000
MOST_COLUMNS = 200
MOST_BYTES = 1 << 30
CHUNK_BYTES = 1 << 20
COMPRESSION = "zstd"


class OutcomesError(FarfieldError):
    """Outcomes that cannot be kept, read or scored again; says why."""

    code = "outcomes.invalid"


@dataclass(frozen=True, kw_only=True)
class DomainOutcomes:
    """Those of one test domain: places of its examples in the pack [N], ascending, and the outcomes [N] by name."""

    domain: str
    examples: Ints = field(repr=False)
    columns: Mapping[str, Array] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Outcomes:
    """Those of a run on a benchmark's version and a pack, domain by domain."""

    benchmark: str
    version: str
    fingerprint: str
    domains: tuple[DomainOutcomes, ...]

    @property
    def rows(self) -> int:
        return sum(len(domain.examples) for domain in self.domains)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that any domain has, in the order of the file."""
        return tuple(dict.fromkeys(name for domain in self.domains for name in domain.columns))

    def check(self, most_bytes: int = MOST_BYTES) -> None:
        """Raises OutcomesError for more than can be kept: rows, columns, or bytes in memory."""
        size = sum(values.nbytes for domain in self.domains for values in (domain.examples, *domain.columns.values()))
        said = f"{self.rows:,} rows of {len(self.names)} outcomes take {size / 2**20:,.0f} MiB"
        if self.rows > MOST_ROWS or len(self.names) > MOST_COLUMNS or size > most_bytes:
            bound = f"{MOST_ROWS:,} rows, {MOST_COLUMNS} outcomes and {most_bytes / 2**20:,.0f} MiB"
            raise OutcomesError(f"{said}; at most {bound} are kept")


@dataclass(frozen=True, kw_only=True)
class Written:
    """A file of outcomes, called by its content."""

    sha256: str
    size: int
    rows: int


def judged(benchmark: Benchmark, pack: Pack, truth: Truth, predictions: Arrays) -> Evidence:
    """What the predictions of one run give: figures, outcomes and remarks. Raises PredictionsError as `evaluate`."""
    return told_of(benchmark, pack, truth, scored(benchmark, truth, predictions))


def told_of(benchmark: Benchmark, pack: Pack, truth: Truth, result: Scored) -> Evidence:
    """What a scored run gives."""
    return Evidence(
        figures=result.figures,
        outcomes=outcomes_of(benchmark, pack.fingerprint, truth, result.tests),
        remarks=empty_groups(benchmark.scorers, result.tests),
    )


def outcomes_of(benchmark: Benchmark, fingerprint: str, truth: Truth, tests: Sequence[Test]) -> Outcomes:
    """What scorers saw of a staged run. Raises ValueError for a truth that does not know its examples' places."""
    if truth.positions is None:
        raise ValueError("only the outcomes of a staged run have examples")
    places = [truth.positions[truth.domains == number] for number in range(len(benchmark.domains))]
    domains = tuple(_ordered(test, examples) for test, examples in zip(tests, places, strict=True))
    return Outcomes(benchmark=benchmark.name, version=benchmark.version, fingerprint=fingerprint, domains=domains)


def _ordered(test: Test, examples: Ints) -> DomainOutcomes:
    order = np.argsort(examples, kind="stable")
    columns = {name: values[order] for name, values in sorted(test.known.items())}
    return DomainOutcomes(domain=test.domain, examples=examples[order], columns=columns)


def rescore(benchmark: Benchmark, pack: Pack, outcomes: Outcomes) -> tuple[Figure, ...]:
    """The figures of a run, from its outcomes and the pack's hidden labels: the same as when it was scored.

    The scorers are the benchmark's as they are now. Raises OutcomesError for outcomes of another benchmark or pack, and
    for a scorer that looks at more than was kept.
    """
    _check_same(benchmark, pack, outcomes)
    numbers = {domain.name: number for number, domain in enumerate(benchmark.domains)}
    positions = np.concatenate([domain.examples for domain in outcomes.domains])
    domains = np.concatenate([np.full(len(d.examples), numbers[d.domain]) for d in outcomes.domains])
    truth = truth_of(benchmark, pack, positions, domains)
    tests = as_tests(benchmark, truth, _Gone())
    known = {domain.domain: domain.columns for domain in outcomes.domains}
    for test in tests:
        test.known.update(known.get(test.domain, {}))
    return figures_of(benchmark, tests)


def _check_same(benchmark: Benchmark, pack: Pack, outcomes: Outcomes) -> None:
    own = (benchmark.name, benchmark.version, pack.fingerprint)
    of = (outcomes.benchmark, outcomes.version, outcomes.fingerprint)
    if own != of:
        shown = "{}, version {}, on the pack {:.12}"
        raise OutcomesError(f"these are outcomes of {shown.format(*of)}, and not of {shown.format(*own)}")
    names = {domain.name for domain in benchmark.domains}
    places = [domain.examples[[0, -1]] for domain in outcomes.domains if len(domain.examples)]
    beyond = any(first < 0 or last >= len(pack.labels) for first, last in places)
    if beyond or any(domain.domain not in names for domain in outcomes.domains):
        raise OutcomesError(f"outcomes of domains or examples that {benchmark.name} does not have")


class _Gone(Mapping[str, Array]):
    """The outputs of a run that is over."""

    def __getitem__(self, name: str) -> Array:
        looked_at = name.removesuffix(ROWS)
        raise OutcomesError(f"a scorer looks at {looked_at!r}, which is not kept; the method must be run again")

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def write(outcomes: Outcomes, path: Path, most_bytes: int = MOST_BYTES) -> Written:
    """Write them, whole or not at all. Raises OutcomesError beyond the bounds, and where it cannot be written."""
    outcomes.check(most_bytes)
    try:
        handle, draft = tempfile.mkstemp(prefix=".outcomes-", dir=path.parent)
        os.close(handle)
        try:
            _write(outcomes, Path(draft))
            Path(draft).replace(path)
        finally:
            Path(draft).unlink(missing_ok=True)
    except OSError as error:
        raise OutcomesError(f"{path.name} cannot be written: {error.strerror}") from error
    return Written(sha256=sha256_of(path), size=path.stat().st_size, rows=outcomes.rows)


def _write(outcomes: Outcomes, path: Path) -> None:
    arrow, parquet = _library("pyarrow"), _library("pyarrow.parquet")
    types = {name: _type(arrow, outcomes, name) for name in outcomes.names}
    fields = [(EXAMPLE, arrow.int64()), (DOMAIN, arrow.string()), *types.items()]
    about = {"format": FORMAT, "benchmark": outcomes.benchmark, "version": outcomes.version}
    metadata = {KEY: json.dumps(about | {"fingerprint": outcomes.fingerprint}, sort_keys=True).encode()}
    schema = arrow.schema(fields, metadata=metadata)
    with parquet.ParquetWriter(path, schema, compression=COMPRESSION) as writer:
        for domain in outcomes.domains:
            count = len(domain.examples)
            outcome = [
                arrow.array(domain.columns[name], type=kind) if name in domain.columns else arrow.nulls(count, kind)
                for name, kind in types.items()
            ]
            arrays = [arrow.array(domain.examples), arrow.array([domain.domain] * count, arrow.string()), *outcome]
            writer.write_table(arrow.Table.from_arrays(arrays, schema=schema), row_group_size=max(1, count))


def _type(arrow: Any, outcomes: Outcomes, name: str) -> Any:
    """The column's type. Raises OutcomesError where domains do not agree, and for what is no number or truth value."""
    dtypes = {domain.columns[name].dtype for domain in outcomes.domains if name in domain.columns}
    if len(dtypes) > 1 or next(iter(dtypes)).kind not in "biuf":
        raise OutcomesError(f"the outcome {name!r} is of the types {', '.join(sorted(map(str, dtypes)))}; give it one")
    return arrow.from_numpy_dtype(dtypes.pop())


def read(path: Path, sha256: str = "", most_bytes: int = MOST_BYTES) -> Outcomes:
    """What `write` wrote, whose content must have this hash where one is given.

    Raises OutcomesError for another file, and for one beyond the bounds, which is not read.
    """
    if not path.is_file():
        raise OutcomesError(f"{path} is no file of outcomes")
    if sha256 and sha256_of(path) != sha256:
        raise OutcomesError(f"{path.name} is damaged: its content is not {sha256}")
    arrow, parquet = _library("pyarrow"), _library("pyarrow.parquet")
    try:
        with parquet.ParquetFile(path) as file:
            return _read(file, most_bytes)
    except (arrow.ArrowException, KeyError, TypeError, ValueError, OSError) as error:
        raise OutcomesError(f"{path.name} is no file of outcomes: {type(error).__name__}") from error


def _read(file: Any, most_bytes: int) -> Outcomes:
    _check_size(file, most_bytes)
    about = json.loads(file.schema_arrow.metadata[KEY])
    if about["format"] != FORMAT:
        raise OutcomesError(f"the file is of format {about['format']}, and this version reads {FORMAT}; upgrade it")
    return Outcomes(
        benchmark=str(about["benchmark"]),
        version=str(about["version"]),
        fingerprint=str(about["fingerprint"]),
        domains=tuple(_domain(table) for table in _tables(file)),
    )


def _check_size(file: Any, most_bytes: int) -> None:
    metadata = file.metadata
    size = sum(metadata.row_group(number).total_byte_size for number in range(metadata.num_row_groups))
    if metadata.num_rows > MOST_ROWS or metadata.num_columns > MOST_COLUMNS + 2 or size > most_bytes:
        says = f"the file says that it holds {metadata.num_rows:,} rows in {size:,} bytes"
        raise OutcomesError(f"{says}: too much to read")


def _tables(file: Any) -> Iterator[Any]:
    tables = (file.read_row_group(number) for number in range(file.num_row_groups))
    return (table for table in tables if len(table))


def _domain(table: Any) -> DomainOutcomes:
    names = [name for name in table.column_names if name not in (EXAMPLE, DOMAIN)]
    present = [name for name in names if table[name].null_count < len(table)]
    return DomainOutcomes(
        domain=str(table[DOMAIN][0].as_py()),
        examples=table[EXAMPLE].to_numpy(),
        columns={name: table[name].to_numpy() for name in present},
    )


def sha256_of(path: Path) -> str:
    """The hash of a file's content."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _library(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        wanted = "pyarrow is not installed; pip install 'farfield-platform[arrays]'"
        raise OutcomesError(f"outcomes are kept as Parquet, and {wanted}") from error
