"""What to cite of a board as BibTeX: the board itself, the papers of its benchmark, and those of its methods."""

import re
from collections.abc import Iterable
from datetime import datetime

from farfield_web.leaderboards.queries import Board
from farfield_web.pages.boards.board_latex import escaped
from farfield_web.pages.describe import paper

SITE = "Farfield"
_YEAR = re.compile(r"\b(19|20)\d\d\b")


def as_bibtex(found: Board, address: str, now: datetime) -> str:
    """An entry for the board as it is today, and one for each paper, in the words in which it is cited here."""
    benchmark = found.benchmark
    board = misc(
        f"farfield:{benchmark.name.replace('/', ':')}",
        {
            "title": f"{{{escaped(benchmark.title)}}}: a leaderboard",
            "author": f"{{{SITE}}}",
            "year": f"{now:%Y}",
            "url": address,
            "note": escaped(f"Version {benchmark.version}, comparability key {found.key or 'none'}, {now:%Y-%m-%d}"),
        },
    )
    papers = dict.fromkeys((*benchmark.citations, *_of_methods(found)))
    return "\n".join([board, *(cited(number, text) for number, text in enumerate(papers, 1))])


def _of_methods(found: Board) -> Iterable[str]:
    for row in found.rows:
        method = row.entry.submission.method
        yield from method.chosen(row.entry.submission.config).spec.get("papers", ()) if method else ()


def cited(number: int, text: str) -> str:
    """A citation is one text here: it is given whole, with the address and the year that it names."""
    link, years = paper(text).link, _YEAR.search(text)
    fields = {"title": f"{{{escaped(text)}}}", "year": years.group() if years else "", "url": link}
    return misc(f"farfield:cited:{number}", fields)


def misc(key: str, fields: dict[str, str]) -> str:
    """An entry of no kind that BibTeX knows; fields that are empty are left out."""
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@misc{{{key},", *lines, "}", ""])
