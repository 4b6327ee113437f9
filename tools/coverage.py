"""The pages of docs/coverage, made of the tables beside them and of the code: `python -m tools.coverage --write`.

`--check` says what in a table is not so in the code, and which page or card is not up to date. A test does the same.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from farfield.config import schema_of
from farfield.method import MethodSpec
from farfield_baselines.plugin import farfield_methods
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import benchmarks
from farfield_evaluators.coverage import Row, Table, heading, tables

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = DOCS / "coverage"
CARD_LINE = "How far it is what its paper has: [coverage]("
GUIDE_LINE = "How far each is what its paper has: "
MADE = "<!-- Made by `python -m tools.coverage --write` of {}.toml, which is where to change it. -->"


@dataclass(frozen=True, kw_only=True)
class Here:
    """What this code has that a row can name, by the beginning of its name; and what of it says that it has a paper."""

    methods: Mapping[str, MethodSpec]
    benchmarks: Mapping[str, Benchmark]
    metrics: frozenset[str]
    commands: frozenset[str]

    def has(self, name: str) -> bool:
        kind, _, rest = name.partition(":")
        if kind == "setting":
            method, _, setting = rest.partition(".")
            return method in self.methods and setting in schema_of(self.methods[method].config)["properties"]
        return rest in {"method": self.methods, "benchmark": self.benchmarks, "metric": self.metrics}.get(
            kind, self.commands
        )

    @property
    def with_papers(self) -> Iterator[str]:
        yield from (f"method:{name}" for name, spec in self.methods.items() if spec.papers)
        yield from (f"benchmark:{name}" for name, each in self.benchmarks.items() if each.citations)


@cache
def here() -> Here:
    """What our own suites and methods have."""
    ours = {each.name: each for each in benchmarks() if (ROOT / _card(each.name)).is_file()}
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    commands = project.partition('[project.entry-points."farfield.commands"]')[2].partition("\n[")[0]
    return Here(
        methods={spec.name: spec for spec in farfield_methods()},
        benchmarks=ours,
        metrics=frozenset(metric.name for each in ours.values() for metric in each.metrics),
        commands=frozenset(re.findall(r"^([\w-]+) =", commands, re.MULTILINE)),
    )


def problems(found: tuple[Table, ...]) -> list[str]:
    """What the tables say that is not so, and what has a paper and stands in none."""
    rows = [(table, row) for table in found for row in table.rows]
    wrong = [f"{table.name}.toml: {row.name}: {text}" for table, row in rows for text in _problems_of(row)]
    named = {name for _, row in rows for name in row.here}
    missing = [name for name in here().with_papers if name not in named]
    return wrong + [f"{name} has a paper and stands in no row of docs/coverage" for name in missing]


def _problems_of(row: Row) -> Iterator[str]:
    yield from (f"there is no {name}" for name in row.here if not here().has(name))
    for test in row.tests:
        name, _, function = test.partition("::")
        path = ROOT / name
        if not path.is_file():
            yield f"there is no file {name}"
        elif function and not re.search(rf"^def {function}\(", path.read_text(encoding="utf-8"), re.MULTILINE):
            yield f"{name} has no test {function}"
        elif not any(word in _texts(path) for word in _words(row)):
            yield f"{name} mentions none of {', '.join(_words(row))}"


def _words(row: Row) -> list[str]:
    """Any of which a test of the row has, in its text or the figures beside it: short names stand in quotes there."""
    names = [name.lower() for name in (row.name, *(re.split(r"[:/]", name)[-1] for name in row.here))]
    return sorted({word for n in names for word in re.findall(r"\w{3,}", n.replace("_", "-")) or [f'"{n}"']})


@cache
def _texts(path: Path) -> str:
    """A test, and the figures that were measured for it beside it."""
    beside = [other for other in sorted(path.parent.glob("*.json")) if other.name in path.read_text(encoding="utf-8")]
    return "\n".join([path.stem, *(each.read_text(encoding="utf-8") for each in (path, *beside))]).lower()


def page(table: Table) -> str:
    """The Markdown of a table."""
    source = f"[{table.source}]({table.address})" if table.address else table.source
    lines = [MADE.format(table.name), "", f"# Coverage: {table.title}", ""]
    lines += [f"Compared with {source}. What the words mean: [coverage](../coverage.md).", ""]
    for kind in table.kinds:
        lines += [f"## {heading(kind)}", "", "| Name | Here | How far | Tests |", "| --- | --- | --- | --- |"]
        lines += [_line(row) for row in table.of(kind)]
        lines.append("")
    return "\n".join(lines)


def _line(row: Row) -> str:
    names = ", ".join(_linked(name) for name in row.here)
    tests = "<br>".join(f"`{test}`" for test in row.tests)
    cells = (f'<a id="{row.anchor}"></a>{row.name}', names, f"**{row.level.word}**: {row.how}", tests)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _linked(name: str) -> str:
    kind, _, rest = name.partition(":")
    page = {
        "method": _page_of(rest),
        "setting": _page_of(rest.partition(".")[0]),
        "benchmark": f"../{_card(rest).removeprefix('docs/')}",
        "metric": "../metrics.md",
    }.get(kind, "")
    return f"[`{rest}`]({page})" if page else f"`{rest}`"


@cache
def _page_of(method: str) -> str:
    """The section whose table has the method; nothing where none has."""
    for path in sorted(DOCS.glob("*.md")):
        before, row, _ = path.read_text(encoding="utf-8").partition(f"\n| `{method}` |")
        if row:
            section = re.findall(r"^##+ (.*)$", before, re.MULTILINE)[-1:]
            return f"../{path.name}{''.join(f'#{_slug(title)}' for title in section)}"
    return ""


def _slug(title: str) -> str:
    """The address that a heading gets within its page."""
    return re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", title.lower()).strip())


def _card(benchmark: str) -> str:
    return f"docs/benchmarks/{benchmark.replace('/', '-')}.md"


def card(benchmark: str, text: str, found: tuple[Table, ...]) -> str:
    """A benchmark's card with its line, which names the first row that it stands in."""
    rows = [(table, row) for table in found for row in table.rows if f"benchmark:{benchmark}" in row.here]
    kept = "\n".join(line for line in text.splitlines() if not line.startswith(CARD_LINE)).rstrip()
    line = f"{CARD_LINE}../coverage/{rows[0][0].name}.md#{rows[0][1].anchor})." if rows else ""
    return f"{kept}\n\n{line}\n" if line else f"{kept}\n"


def guide(text: str, found: tuple[Table, ...]) -> str:
    """A document with a line below each table of methods, which leads from every name to the first row of its own."""
    parts: list[str] = []
    for part in re.split(r"((?:^\|.*\n)+)", re.sub(rf"\n{GUIDE_LINE}.*\n", "", text), flags=re.MULTILINE):
        links = _rows_of(part, found) if part.startswith("| Name |") else []
        parts += [part, f"\n{GUIDE_LINE}{', '.join(links)}.\n"] if links else [part]
    return "".join(parts)


def _rows_of(methods: str, found: tuple[Table, ...]) -> list[str]:
    rows = {name: (table, row) for table in found[::-1] for row in table.rows[::-1] for name in row.here}
    named = [name for name in re.findall(r"^\| `([\w-]+)` \|", methods, re.MULTILINE) if f"method:{name}" in rows]
    places = [(name, *rows[f"method:{name}"]) for name in named]
    return [f"[`{name}`](coverage/{table.name}.md#{row.anchor})" for name, table, row in places]


def written() -> dict[Path, str]:
    """Every page, card and guide as it should be."""
    found = tables()
    made = {PAGES / f"{table.name}.md": page(table) for table in found}
    made |= {path: guide(path.read_text(encoding="utf-8"), found) for path in DOCS.glob("*.md")}
    cards = {name: ROOT / _card(name) for name in here().benchmarks}
    return made | {path: card(name, path.read_text(encoding="utf-8"), found) for name, path in cards.items()}


def stale() -> list[str]:
    """Files that are not as they should be."""
    return [
        f"{path.relative_to(ROOT)} is not up to date: python -m tools.coverage --write"
        for path, text in written().items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]


def main(argv: list[str]) -> int:
    """Write the pages and the line of each card; with --check only say what is wrong."""
    if argv == ["--write"]:
        for path, text in written().items():
            path.write_text(text, encoding="utf-8")
    wrong = [*problems(tables()), *stale()]
    print("\n".join(wrong))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
