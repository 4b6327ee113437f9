"""Per class, and what was taken for what, as the page of an entry lays it out."""

from collections.abc import Sequence
from dataclasses import dataclass

from farfield_evaluators.benchmark import Benchmark
from farfield_web.entries.confusions import MIN_EXAMPLES, STEP, Told, domains_of, told
from farfield_web.pages.describe import domain_title
from farfield_web.pages.templatetags.figures import shown
from farfield_web.submissions.models import Submission

MOST_IN_MATRIX, MOST_CLASSES, MOST_MISTAKES = 20, 200, 25
SHADES = 5


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A test domain to look at, or all together."""

    title: str
    query: str
    current: bool


@dataclass(frozen=True, kw_only=True)
class Cell:
    """How many of a class were said to be another; `shade` from 0, none, to SHADES, all of the class."""

    count: int
    shade: int
    right: bool


@dataclass(frozen=True, kw_only=True)
class ClassLine:
    """A class with its share predicted right; `length` is its bar out of 1000, None where it is not told."""

    name: str
    text: str
    length: float | None
    examples: str
    cells: tuple[Cell, ...] = ()


@dataclass(frozen=True, kw_only=True)
class MistakeLine:
    """A class, what it was taken for, and how often."""

    label: str
    said: str
    share: str
    count: str


@dataclass(frozen=True, kw_only=True)
class Classes:
    """All of it. `rows` are in the order of the labels and have cells where there is a matrix; else the worst first."""

    choices: tuple[Choice, ...]
    names: tuple[str, ...]
    rows: tuple[ClassLine, ...]
    more: int
    mistakes: tuple[MistakeLine, ...]
    exact: bool
    least: int
    step: str


def classes_of(submission: Submission, benchmark: Benchmark, asked: str = "") -> Classes | None:
    """Of one test domain, or of all together where their classes are the same; None where nothing is kept."""
    known = domains_of(submission)
    if not known:
        return None
    chosen = [asked] if asked in known else known
    found = told(submission, benchmark, chosen)
    if found is None:  # their classes differ: one has to be chosen
        chosen = known[:1]
        found = told(submission, benchmark, chosen)
    return _laid_out(found, _choices(benchmark, known, chosen)) if found else None


def _choices(benchmark: Benchmark, known: Sequence[str], chosen: Sequence[str]) -> tuple[Choice, ...]:
    if len(known) < 2:
        return ()
    one = chosen[0] if len(chosen) == 1 else ""
    every = [Choice(title="All test domains", query="", current=not one)]
    return (*every, *(Choice(title=domain_title(benchmark, n), query=n, current=n == one) for n in known))


def _laid_out(found: Told, choices: tuple[Choice, ...]) -> Classes:
    matrix = found.matrix if found.matrix and len(found.classes) <= MOST_IN_MATRIX else None
    lines = [
        ClassLine(
            name=one.name,
            text=shown(one.recall),
            length=None if one.recall is None else round(1000 * one.recall, 1),
            examples="" if one.examples is None else str(one.examples),
            cells=_cells(matrix[at], at) if matrix else (),
        )
        for at, one in enumerate(found.classes)
    ]
    told_of = lines if matrix else sorted((one for one in lines if one.length is not None), key=_worst_first)
    mistakes = found.mistakes[:MOST_MISTAKES]
    return Classes(
        choices=choices,
        names=tuple(one.name for one in found.classes) if matrix else (),
        rows=tuple(told_of[:MOST_CLASSES]),
        more=max(0, len(told_of) - MOST_CLASSES),
        mistakes=tuple(
            MistakeLine(label=m.label, said=m.said, share=shown(m.share), count=str(m.count or "")) for m in mistakes
        ),
        exact=found.exact,
        least=MIN_EXAMPLES,
        step=f"{100 * STEP:.0f}",
    )


def _worst_first(one: ClassLine) -> tuple[float, str]:
    return one.length or 0.0, one.name


def _cells(row: Sequence[int], at: int) -> tuple[Cell, ...]:
    whole = sum(row) or 1
    return tuple(
        Cell(count=count, shade=-(-SHADES * count // whole), right=column == at) for column, count in enumerate(row)
    )
