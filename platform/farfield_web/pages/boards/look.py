"""How a reader wants a board drawn, as addresses say it: a matter of taste, of which no figure depends. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from farfield_web.pages.boards.filters import Query, first

Density = Literal["compact", "comfortable"]
ABOUT = {
    "author": "Author",
    "track": "Track",
    "backbone": "Backbone",
    "kind": "Kind",
    "date": "Entered",
}
USUAL = ("author", "track")


@dataclass(frozen=True, kw_only=True)
class Look:
    """Rows close or apart, figures shaded or not, with or without their errors, and which columns.

    columns: names of columns, those of figures as `metric:domain` and those of ABOUT; None for the usual ones.
    """

    density: Density = "compact"
    heat: bool = False
    errors: bool = True
    columns: tuple[str, ...] | None = None

    def about(self) -> tuple[str, ...]:
        """Which facts of an entry have a column; its badges always have one, for they are no matter of taste."""
        chosen = USUAL if self.columns is None else self.columns
        return tuple(name for name in ABOUT if name in chosen)

    def shows(self, column: str) -> bool:
        """Whether a column of figures is among the chosen ones."""
        return self.columns is None or column in self.columns

    def with_columns(self, columns: tuple[str, ...] | None) -> "Look":
        return replace(self, columns=columns)

    @property
    def chosen(self) -> Iterator[tuple[str, str]]:
        """What is not the usual, as pairs of an address."""
        if self.density != "compact":
            yield "density", self.density
        if self.heat:
            yield "heat", "1"
        if not self.errors:
            yield "errors", "0"
        for column in self.columns or ():
            yield "col", column


def look_of(query: Query, figures: tuple[str, ...]) -> Look:
    """How an address wants a board with these columns of figures; names that are none of its columns are left out.

    All usual columns are the same as no choice, so that two addresses never mean one board.
    """
    asked = query.get("col", ())
    columns = tuple(name for name in (*ABOUT, *figures) if name in asked)
    usual = not columns or set(columns) == {*USUAL, *figures}
    return Look(
        density="comfortable" if first(query, "density") == "comfortable" else "compact",
        heat=first(query, "heat") == "1",
        errors=first(query, "errors") != "0",
        columns=None if usual else columns,
    )
