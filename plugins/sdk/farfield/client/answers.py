"""What a site answers, typed: boards, entries with their runs, and comparisons. `said` has all that the API gave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from farfield.client.tables import Table

Json = Mapping[str, Any]
SUCCEEDED, FAILED, CANCELLED = "succeeded", "failed", "cancelled"
NONE = "-"
ENDED = frozenset({SUCCEEDED, FAILED, CANCELLED})


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A published figure in its metric's own unit, with its standard error where there is one."""

    value: float
    stderr: float | None = None

    @classmethod
    def read(cls, said: Json | None) -> "Figure | None":
        return cls(value=said["value"], stderr=said.get("stderr")) if said else None

    def text(self, percent: bool = False) -> str:
        """As pages have it: `percent` shows a share times 100.

        >>> Figure(value=0.5, stderr=0.012).text(percent=True)
        '50.00 ± 1.20'
        """
        times, digits = (100, 2) if percent else (1, 4)
        error = "" if self.stderr is None else f" ± {self.stderr * times:.{digits}f}"
        return f"{self.value * times:.{digits}f}{error}"


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a board; `name` is what `ranked_by` takes. A unit of % is of shares, from 0 to 1."""

    name: str
    title: str
    unit: str = ""

    @property
    def is_percent(self) -> bool:
        return self.unit == "%"


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of a board; `figures` by the names of columns, without those that are missing."""

    rank: int | None
    low: int | None
    high: int | None
    reason: str
    submission: str
    method: str
    title: str
    owner: str
    labels: tuple[str, ...]
    figures: Mapping[str, Figure]
    said: Json = field(repr=False)

    @classmethod
    def read(cls, said: Json, columns: Sequence[Column]) -> "Row":
        place = said["place"] or {}
        read = {c.name: Figure.read(each) for c, each in zip(columns, said["figures"], strict=True)}
        return cls(
            rank=said["rank"],
            low=place.get("low"),
            high=place.get("high"),
            reason=said["reason"],
            submission=said["submission"],
            method=said["display_name"],
            title=said["title"],
            owner=said["owner"],
            labels=tuple(said["labels"]),
            figures={name: figure for name, figure in read.items() if figure is not None},
            said=said,
        )

    def place_in_words(self) -> str:
        """The rank with what it may be beyond chance."""
        rank = NONE if self.rank is None else str(self.rank)
        return rank if self.low is None or self.low == self.high else f"{rank} ({self.low} to {self.high})"


class Board(Table[Row]):
    """Rows of a board in its order; ranks are of the whole board."""

    def __init__(self, said: Json, rows: Sequence[Json], units: Mapping[str, str]) -> None:
        self.benchmark, self.version, self.tier = said["benchmark"], said["version"], said["tier"]
        self.key, self.ranked_by, self.page, self.entries = (
            said["key"], said["ranked_by"], said["page"], said["entries"],
        )  # fmt: skip
        self.columns = tuple(
            Column(name=c["name"], title=c["title"], unit=units.get(c["metric"], "")) for c in said["columns"]
        )
        tier = f", tier {self.tier}" if self.tier else ""
        read = [Row.read(row, self.columns) for row in rows]
        of = f"{len(read)} of {self.entries} entries, {self.page}"
        super().__init__(f"{self.benchmark}@{self.version}{tier}: {of}", read, self._texts(), self._record)

    def _texts(self) -> dict[str, Any]:
        texts: dict[str, Any] = {
            "rank": Row.place_in_words,
            "method": lambda row: f"{row.method} ({row.title})" if row.title else row.method,
            "by": lambda row: row.owner,
        }
        for column in self.columns:
            unit = f" ({column.unit})" if column.unit else ""
            texts[f"{column.title}{unit}"] = lambda row, column=column: _shown(row.figures.get(column.name), column)
        return texts | {"labels": lambda row: ", ".join(row.labels)}

    def _record(self, row: Row) -> dict[str, Any]:
        named = ("method_version", "track", "tier", "kind", "verified", "created_at")
        record = {
            "rank": row.rank,
            "rank_low": row.low,
            "rank_high": row.high,
            "method": row.method,
            "title": row.title,
            "owner": row.owner,
            "submission": row.submission,
            "labels": "; ".join(row.labels),
            **{name: row.said[name] for name in named},
        }
        for column in self.columns:
            figure = row.figures.get(column.name)
            record[column.name] = figure.value if figure else None
            record[f"{column.name}.stderr"] = figure.stderr if figure else None
        return record


@dataclass(frozen=True, kw_only=True)
class Event:
    """A line of a run's timeline. Where its state changed, `target` is the new one and `source` the one before."""

    run: str
    at: str
    kind: str
    attempt: int
    message: str
    source: str = ""
    target: str = ""

    @property
    def what(self) -> str:
        """In a few words."""
        return " ".join(part for part in (self.target or self.kind, self.message) if part)


@dataclass(frozen=True, kw_only=True)
class Run:
    """One evaluation of an entry."""

    number: str
    title: str
    status: str
    said: Json = field(repr=False)

    @property
    def failure(self) -> str:
        """Why it failed, with the code; empty when it did not."""
        told = self.said["failure"]
        return f"{told['sentence']} {told['message']}".strip() + f" [{told['code']}]" if told else ""

    @property
    def mark(self) -> tuple[Any, ...]:
        """What changes whenever something happened to it."""
        return self.said["attempt"], self.status, self.said["status_at"]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A submission. In lists it has neither runs nor figures."""

    number: str
    page: str
    benchmark: str
    method: str
    title: str
    status: str
    created_at: str
    runs: tuple[Run, ...] = ()
    said: Json = field(repr=False)

    @classmethod
    def read(cls, said: Json) -> "Entry":
        return cls(
            number=said["id"],
            page=said["page"],
            benchmark=said["benchmark"],
            method=said["display_name"],
            title=said["title"],
            status=said["status"],
            created_at=said["created_at"],
            runs=tuple(
                Run(number=run["id"], title=run["title"], status=run["status"], said=run)
                for run in said.get("runs", ())
            ),
            said=said,
        )

    @property
    def ended(self) -> bool:
        return self.status in ENDED

    def figure(self, name: str) -> Figure | None:
        """Its figure in a column, by the column's name; None where it has none."""
        asked = (each for each in self.said.get("figures", ()) if f"{each['metric']}:{each['domain']}" == name)
        return Figure.read(next(asked, None))


@dataclass(frozen=True, kw_only=True)
class Result:
    """An entry with the headline of its board; no figure before its runs are done."""

    entry: Entry
    column: Column
    figure: Figure | None


class Entries(Table[Result]):
    """Entries with their states and headlines, newest first."""

    def __init__(self, title: str, rows: Sequence[Result]) -> None:
        super().__init__(title, rows, _ENTRY, _entry_record)


_ENTRY = {
    "entry": lambda row: row.entry.number,
    "benchmark": lambda row: row.entry.benchmark,
    "method": lambda row: f"{row.entry.method} ({row.entry.title})" if row.entry.title else row.entry.method,
    "status": lambda row: row.entry.status,
    "headline": lambda row: f"{_shown(row.figure, row.column)} {row.column.title}" if row.figure else NONE,
    "made": lambda row: row.entry.created_at[:16].replace("T", " "),
}


def _entry_record(row: Result) -> dict[str, Any]:
    entry, figure = row.entry, row.figure
    named = ("track", "tier", "kind", "method_version", "verified")
    return {
        "entry": entry.number,
        "benchmark": entry.benchmark,
        "method": entry.method,
        "title": entry.title,
        "status": entry.status,
        "created_at": entry.created_at,
        "page": entry.page,
        **{name: entry.said[name] for name in named},
        "headline": row.column.name,
        "value": figure.value if figure else None,
        "stderr": figure.stderr if figure else None,
    }


class Comparison(Table[Json]):
    """Entries of one board against one another: a row for each pair and figure, `first` less `second`.

    `state` is `waiting` while the site still compares example by example, and rows are by errors until then.
    """

    def __init__(self, said: Json, rows: Sequence[Json] | None = None) -> None:
        self.benchmark, self.state, self.said = said["benchmark"], said["state"], said
        self.names = tuple(f"{place + 1}: {entry['name']}" for place, entry in enumerate(said["entries"]))
        rows = _contrasts(said) if rows is None else rows
        super().__init__(f"{self.benchmark}: {'; '.join(self.names)}", rows, self._texts(), self._record)

    def of_board(self) -> "Comparison":
        """Of the same the figures that are columns of the board."""
        return Comparison(self.said, [row for row in self.rows if row["of_board"]])

    def _texts(self) -> dict[str, Any]:
        return {
            "figure": lambda row: row["figure"],
            "pair": lambda row: f"{row['first'] + 1} - {row['second'] + 1}",
            "difference": lambda row: _times(row, "difference"),
            "95 % interval": lambda row: f"{_times(row, 'low')} to {_times(row, 'high')}",
            "p": lambda row: f"{row['p_value']:.3g}",
            "test": lambda row: "paired" if row["paired"] else "by errors",
        }

    def _record(self, row: Json) -> dict[str, Any]:
        entries = self.said["entries"]
        kept = ("metric", "domain", "of_board", "difference", "stderr", "low", "high", "p_value", "paired")
        pair = {side: entries[row[side]]["submission"] for side in ("first", "second")}
        return pair | {name: row[name] for name in kept}


def _contrasts(said: Json) -> list[Json]:
    return [
        {**contrast, "figure": each["title"], "metric": each["metric"], "domain": each["domain"]}
        | {"percent": each["unit"] == "%", "of_board": each["column"]}
        for each in said["figures"]
        for contrast in each["contrasts"]
    ]


def _shown(figure: Figure | None, column: Column) -> str:
    return NONE if figure is None else figure.text(percent=column.is_percent)


def _times(row: Json, name: str) -> str:
    return f"{row[name] * 100:+.2f}" if row["percent"] else f"{row[name]:+.4f}"
