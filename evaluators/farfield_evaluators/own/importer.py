"""`farfield data import` of one's own data: from rows by the rules of the file to a pack, or to all that is wrong."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from farfield_evaluators.benchmark import OOD_VAL
from farfield_evaluators.data.build import build
from farfield_evaluators.data.columns import PackColumn
from farfield_evaluators.data.pack import Pack
from farfield_evaluators.data.problems import SUBSET_ADVICE, ImportProblems
from farfield_evaluators.data.source import PackClass, Source
from farfield_evaluators.own.choose import choose, joined, with_splits
from farfield_evaluators.own.coco import COLUMNS, read_coco
from farfield_evaluators.own.datasets import read_datasets
from farfield_evaluators.own.folders import read_folders
from farfield_evaluators.own.looks import Looked, look
from farfield_evaluators.own.outlines import with_outlines
from farfield_evaluators.own.parts import UNLABELED, target_column
from farfield_evaluators.own.rows import Row, Rows
from farfield_evaluators.own.spec import OF_BOXES, REGRESSION, WITHOUT_CLASS, OwnSpec, column_name
from farfield_evaluators.own.tables import read_table, wanted_columns
from farfield_evaluators.scoring.classification import TOP, TOP5
from farfield_evaluators.suite import Importer, ImportRequest, write_report


@dataclass(frozen=True, kw_only=True)
class OwnDataImporter(Importer):
    """The importer of a TOML file's data; what it leaves out is written to the report, too."""

    spec: OwnSpec

    def run(self, request: ImportRequest) -> Pack:
        """As `Importer.run`; `--report` also names repeated images, which are no reason to refuse the rest."""
        if request.path is None:
            return super().run(request)
        said: list[str] = []
        try:
            return import_own(self.spec, request.path, request.packs, subset=request.subset, remarks=said)
        except ImportProblems as error:
            said[:0] = error.problems
            raise
        finally:
            if request.report is not None:
                write_report(request.report, said)


def importer_of(spec: OwnSpec) -> OwnDataImporter:
    """The importer of the pack that the file describes."""
    made: Callable[..., Pack] = lambda path, packs, subset=False: import_own(spec, path, packs, subset=subset)  # noqa: E731
    return OwnDataImporter(name=spec.benchmark_name, build=made, spec=spec)


def import_own(
    spec: OwnSpec, path: Path, packs: Path, *, subset: bool = False, remarks: list[str] | None = None
) -> Pack:
    """Import the data at `path`. Repeated images are left out and told in `remarks`.

    subset: leave out what cannot be read, too. Raises PackError for what is not of the kind that the file says, and
    ImportProblems naming all that is wrong.
    """
    rows = with_splits(read(spec, path), spec)
    chosen = choose(rows, spec)
    problems = [*rows.problems, *chosen.problems, *_group_problems(spec, rows)]
    labels = [_label(spec, row, name) for row, name in zip(rows.rows, chosen.sets, strict=True)]
    problems += _target_problems(spec, rows, chosen.sets) + _label_problems(spec, rows, chosen.sets, labels)
    problems += _class_problems(spec, rows, labels)
    if problems:
        raise ImportProblems(path, spec.benchmark_name, problems)
    looked = look(rows.rows, chosen.sets, *_said_of(spec, rows, labels))
    bad = [*looked.unreadable, *looked.contradictory]
    if bad and not subset:
        raise ImportProblems(path, spec.benchmark_name, bad, advice=SUBSET_ADVICE)
    if remarks is not None:
        remarks += [*bad, *looked.repeated]
    return build(_source(spec, rows, chosen.sets, labels, looked), packs)


def read(spec: OwnSpec, path: Path) -> Rows:
    """The rows of the data at a path, by the kind that the file says."""
    data = spec.data
    if data.kind == "folders":
        return read_folders(path, data)
    if data.kind == "coco":
        rows = read_coco(path, data)
        return with_outlines(rows) if spec.masks else rows
    told = data.label if spec.has_classes else data.target
    wanted = list(dict.fromkeys([told, *wanted_columns(spec)]))
    return read_table(path, data, wanted) if data.kind == "table" else read_datasets(path, data, wanted)


def _label(spec: OwnSpec, row: Row, set_name: str) -> str:
    """The class of an image, "" for one of none: of OOD sets it does not count what the data call it."""
    is_none = not spec.has_classes or set_name == OOD_VAL or _role_of(spec, set_name) in WITHOUT_CLASS
    return "" if is_none else row.values.get(spec.data.label, "")


def _role_of(spec: OwnSpec, set_name: str) -> str:
    """The role of the test whose set it is, or whose part in a fold; "" of a training set."""
    return next((t.role for t in spec.tests if set_name == t.set or set_name.startswith(f"{t.set}/")), "")


def _label_problems(spec: OwnSpec, rows: Rows, sets: Sequence[str], labels: Sequence[str]) -> list[str]:
    """Images that need a class and have none, or one that the file does not list."""
    if not spec.has_classes:
        return []
    known = set(spec.data.classes)
    problems = []
    for row, name, label in zip(rows.rows, sets, labels, strict=True):
        if name and name not in (UNLABELED, OOD_VAL) and not label and _role_of(spec, name) not in WITHOUT_CLASS:
            problems.append(f"{row.where}: has no class, and is in {name}")
        elif label and known and label not in known:
            problems.append(f"{row.where}: the class {label!r} is none of data.classes")
    return problems


def _said_of(spec: OwnSpec, rows: Rows, labels: Sequence[str]) -> tuple[Sequence[str], str]:
    """What equal images must agree in, and its word."""
    if spec.family != REGRESSION:
        return labels, "classes"
    return [row.values.get(spec.data.target, "") for row in rows.rows], "targets"


def _target_problems(spec: OwnSpec, rows: Rows, sets: Sequence[str]) -> list[str]:
    """Images of regression without a number."""
    if spec.family != REGRESSION:
        return []
    pairs = [(row, row.values.get(spec.data.target, "")) for row, name in zip(rows.rows, sets, strict=True) if name]
    return [
        f"{row.where}: {text[:40]!r} in the column {spec.data.target!r} is no finite number"
        for row, text in pairs
        if number_of(text) is None
    ]


def number_of(text: str) -> float | None:
    """The finite number that a text is; None for anything else.

    >>> number_of(" 1.5e3"), number_of("nan"), number_of("")
    (1500.0, None, None)
    """
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _target(spec: OwnSpec, row: Row) -> Mapping[str, float]:
    """The number to tell of an image, by the pack's column."""
    if spec.family != REGRESSION:
        return {}
    return {target_column(spec).name: float(row.values[spec.data.target])}


def _group_problems(spec: OwnSpec, rows: Rows) -> list[str]:
    """Groups by a column that the data do not have."""
    absent = [name for name in spec.data.further_groups if name not in rows.names]
    return [f"data.groups holds {name!r}; the data have {', '.join(rows.names)}" for name in absent]


def _class_problems(spec: OwnSpec, rows: Rows, labels: Sequence[str]) -> list[str]:
    """A column of the board that so few classes do not have."""
    count = len(spec.data.classes or rows.classes or {label for label in labels if label})
    asked = [n for n, column in enumerate(spec.columns, 1) if column.metric == TOP5.metric.name]
    if count > TOP or not asked:
        return []
    return [
        f"columns[{n}].metric: top5 is defined for more than {TOP} classes, and the data have {count}" for n in asked
    ]


@dataclass(frozen=True, kw_only=True)
class OwnExample:
    """A row that goes into the pack."""

    row: Row
    columns: Mapping[str, Any]

    def stored(self) -> bytes:
        return self.row.load()

    def where(self) -> str:
        return self.row.where


def _source(spec: OwnSpec, rows: Rows, sets: Sequence[str], labels: Sequence[str], looked: Looked) -> Source:
    kept = [rows.rows[number] for number in looked.kept]
    classes = spec.data.classes or rows.classes or tuple(sorted({labels[number] for number in looked.kept} - {""}))
    domains = tuple(sorted({_domain(spec, row) for row in kept}))
    groups = {name: tuple(sorted({row.values[name] for row in kept})) for name in spec.data.further_groups}
    columns = [
        PackColumn(name=column_name(name), kind="group", values=_named(values)) for name, values in groups.items()
    ]
    columns += COLUMNS if spec.family in OF_BOXES else ()
    columns += [target_column(spec)] if spec.family == REGRESSION else []
    numbers = {name: {value: n for n, value in enumerate(values)} for name, values in groups.items()}
    by_class, by_domain = {c: n for n, c in enumerate(classes)}, {d: n for n, d in enumerate(domains)}
    examples = [
        OwnExample(
            row=rows.rows[number],
            columns={
                "set": sets[number],
                "label": by_class[labels[number]] if labels[number] else -1,
                "domain": by_domain[_domain(spec, rows.rows[number])],
                **{column_name(name): numbers[name][rows.rows[number].values[name]] for name in groups},
                **_target(spec, rows.rows[number]),
                **rows.rows[number].boxes,
            },
        )
        for number in looked.kept
    ]
    return Source(
        name=spec.benchmark_name,
        title=spec.title,
        licence=spec.licence,
        classes=tuple(PackClass(name=name.replace("_", " ")) for name in classes),
        domains=domains,
        examples=examples,
        columns=tuple(columns),
        joined=joined(spec),
        official=not (looked.unreadable or looked.contradictory),
        notes=_notes(rows, sets, looked),
    )


def _named(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(value or "(none)" for value in values)


def _domain(spec: OwnSpec, row: Row) -> str:
    return row.values.get(spec.data.domain, "") or "all"


def _notes(rows: Rows, sets: Sequence[str], looked: Looked) -> tuple[str, ...]:
    """What a card says of what was left out."""
    counts = {
        "images that no rule takes": sum(not name for name in sets),
        "repeated images": len(looked.repeated),
        "unreadable images": len(looked.unreadable),
        "images under two classes": len(looked.contradictory),
    }
    return (*rows.notes, *(f"left out: {count:,} {what}" for what, count in counts.items() if count))
