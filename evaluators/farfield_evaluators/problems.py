"""What is wrong with files that somebody hands in: every problem with its place and a stable code, all told at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from farfield.errors import FarfieldError
from farfield.packaging.apart import Limits, Refused, TooCostly, Unreadable, apart
from farfield_evaluators.run_plan import FileRefused

SHOWN_PROBLEMS = 20
SHOWN_CHARACTERS = 60
MOST_DETAILS = 5000


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that is wrong: its code, the file with the line where there is one, and a sentence."""

    code: str
    where: str
    says: str

    def __str__(self) -> str:
        return f"{self.where}: {self.says}" if self.where else self.says


class FilesRefused(FileRefused):
    """Files that cannot be scored; lists every problem. The code is theirs where all have the same."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        shown = [str(p) for p in problems[:SHOWN_PROBLEMS]]
        if len(problems) > SHOWN_PROBLEMS:
            shown.append(f"and {len(problems) - SHOWN_PROBLEMS} more problems")
        super().__init__("\n  ".join(shown))
        self.problems = tuple(problems)
        codes = {p.code for p in problems}
        if len(codes) == 1:
            self.code = codes.pop()

    @property
    def details(self) -> list[dict[str, str]]:
        """The problems as plain data, in which they come back from a process that looked into a file."""
        return [asdict(problem) for problem in self.problems[:MOST_DETAILS]]


Refusing = Callable[[Sequence[Problem]], FarfieldError]
"""What makes the error of a form of problems."""


def looked_at_apart(
    task: str, arguments: Mapping[str, Any], limits: Limits, refusing: Refusing, unreadable: str
) -> Any:
    """What the function `module:name` returns of a stranger's files, in a child with bounds.

    Raises what `refusing` makes of its problems; `unreadable` is the code of what nobody foresaw. Raises CannotLook.
    """
    try:
        return apart(task, arguments, limits, bare=False)
    except Refused as error:
        raise refusing(_problems_of(error)) from error
    except TooCostly as error:
        raise refusing([Problem(code=error.code, where="", says=str(error))]) from error
    except Unreadable as error:
        raise refusing([Problem(code=unreadable, where="", says=str(error))]) from error


def _problems_of(error: Refused) -> list[Problem]:
    found = error.details if isinstance(error.details, list) else []
    problems = [Problem(**{name: str(problem[name]) for name in ("code", "where", "says")}) for problem in found]
    return problems or [Problem(code=error.code, where="", says=str(error))]


def shown(value: object) -> str:
    """A value of a file, safe and short enough for a message."""
    text = ascii(value)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}..."
