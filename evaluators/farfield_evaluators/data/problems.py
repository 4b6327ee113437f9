"""Everything that is wrong with somebody's copy of a release, said at once."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from farfield_evaluators.data.errors import PackError

SHOWN = 50
Judge = Callable[[str, int, Sequence[int]], Iterator[str]]
"""`too_many` or `too_few`."""


class ImportProblems(PackError):
    """A folder that is not the release it should be; `problems` has a sentence for each thing wrong, all of them."""

    code = "data.problems"

    def __init__(self, root: Path, name: str, problems: Sequence[str], *, advice: str = "") -> None:
        self.problems = tuple(map(printable, problems))
        lines = [*self.problems[:SHOWN]]
        if len(self.problems) > SHOWN:
            lines.append(f"and {len(self.problems) - SHOWN} more; --report FILE writes all of them")
        number = "1 problem" if len(self.problems) == 1 else f"{len(self.problems)} problems"
        listed = "\n  ".join(lines)
        super().__init__(f"{root} is not {name}, nothing was imported: {number}{advice}\n  {listed}")


SUBSET_ADVICE = "; mend them, or import a part of the data as what it is with --subset"


def printable(problem: str) -> str:
    """A file's name may hold anything; a problem stays one line that any terminal prints."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in problem)


def difference(count: int, official: Sequence[int]) -> str:
    """How far a count is from the nearest official one.

    >>> difference(48, [50]), difference(51, [50, 60])
    ('2 missing', '1 too many')
    """
    nearest = min(official, key=lambda known: abs(known - count))
    return f"{nearest - count:,} missing" if count < nearest else f"{count - nearest:,} too many"


def too_many(counted: str, count: int, official: Sequence[int]) -> Iterator[str]:
    """A sentence for a count above the largest official one; it belongs to what is extra, in a subset too.

    >>> list(too_many("val: {} images", 51, [40, 50])), list(too_many("val: {} images", 45, [40, 50]))
    (['val: 51 images, not 40 or 50; 1 too many'], [])
    """
    if count > max(official):
        yield not_official(counted, count, official)


def too_few(counted: str, count: int, official: Sequence[int]) -> Iterator[str]:
    """A sentence for any other count that is not official; it belongs to what is missing, which a subset may lack.

    >>> list(too_few("val: {} images", 38, [40, 50])), list(too_few("val: {} images", 51, [40, 50]))
    (['val: 38 images, not 40 or 50; 2 missing'], [])
    """
    if count < max(official) and count not in official:
        yield not_official(counted, count, official)


def not_official(counted: str, count: int, official: Sequence[int]) -> str:
    """The sentence for a count that is none of the official ones.

    >>> not_official("test: {} images", 9, [10, 12])
    'test: 9 images, not 10 or 12; 1 missing'
    """
    known = " or ".join(f"{number:,}" for number in official)
    return f"{counted.format(f'{count:,}')}, not {known}; {difference(count, official)}"
