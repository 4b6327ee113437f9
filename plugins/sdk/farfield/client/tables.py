"""Rows that print well: as text on a terminal, as HTML in a notebook, as a data frame where pandas is installed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from importlib import import_module
from typing import Any, Generic, TypeVar, overload

from farfield.errors import UsageError
from farfield.packaging.plain import visible

RowT = TypeVar("RowT")
MOST = 80  # characters of a cell


class Table(Sequence[RowT], Generic[RowT]):
    """A sequence of rows. `shown` has a text for each column of a row, `recorded` all of it for a frame."""

    def __init__(
        self,
        title: str,
        rows: Sequence[RowT],
        shown: Mapping[str, Callable[[RowT], str]],
        recorded: Callable[[RowT], Mapping[str, Any]],
    ) -> None:
        self.title, self.rows = title, tuple(rows)
        self._shown, self._recorded = dict(shown), recorded

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[RowT]:
        return iter(self.rows)

    @overload
    def __getitem__(self, index: int) -> RowT: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[RowT, ...]: ...
    def __getitem__(self, index: int | slice) -> RowT | tuple[RowT, ...]:
        return self.rows[index]

    def records(self) -> list[dict[str, Any]]:
        """A flat dictionary for each row."""
        return [dict(self._recorded(row)) for row in self.rows]

    def to_frame(self) -> Any:
        """A pandas.DataFrame of the records. Raises UsageError where pandas is not installed."""
        try:
            pandas = import_module("pandas")
        except ModuleNotFoundError as error:
            raise UsageError("pandas is not installed: pip install pandas, or use .records()") from error
        return pandas.DataFrame(self.records())

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        lines = [tuple(self._shown), *self._cells()]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        body = ("  ".join(f"{text:<{width}}" for text, width in zip(line, widths, strict=True)) for line in lines)
        return "\n".join([self.title, *(line.rstrip() for line in body)])

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{escape(name)}</th>" for name in self._shown)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(text)}</td>" for text in line) + "</tr>" for line in self._cells()
        )
        caption = f"<caption>{escape(visible(self.title, 300))}</caption>"
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def _cells(self) -> list[tuple[str, ...]]:
        return [tuple(visible(text(row), MOST) for text in self._shown.values()) for row in self.rows]
