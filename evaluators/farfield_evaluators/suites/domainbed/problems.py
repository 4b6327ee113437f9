"""What is wrong with a folder of records: each problem with its place and a stable code."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from farfield_evaluators.run_plan import FileRefused

EMPTY = "records.empty"
UNREADABLE = "records.unreadable"
NOT_JSON = "records.not_json"
MISSING_KEY = "records.missing_key"
BAD_VALUE = "records.bad_value"
WRONG_LENGTH = "records.wrong_length"
UNKNOWN_DATASET = "records.unknown_dataset"
DUPLICATE = "records.duplicate"
MIXED = "records.mixed"
UNFINISHED = "records.unfinished"
NOT_A_ZIP = "records.not_a_zip"
WRONG_BENCHMARK = "records.wrong_benchmark"
WRONG_TIER = "records.wrong_tier"
SEVERAL = "records.invalid"
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


class RecordsError(FileRefused):
    """Records that cannot be scored; lists every problem. The code is theirs where all have the same."""

    code = SEVERAL

    def __init__(self, problems: Sequence[Problem]) -> None:
        shown = [str(p) for p in problems[:SHOWN_PROBLEMS]]
        if len(problems) > SHOWN_PROBLEMS:
            shown.append(f"and {len(problems) - SHOWN_PROBLEMS} more problems")
        super().__init__("\n  ".join(shown))
        self.problems = tuple(problems)
        codes = {p.code for p in problems}
        self.code = codes.pop() if len(codes) == 1 else SEVERAL

    @property
    def details(self) -> list[dict[str, str]]:
        """The problems as plain data, in which they come back from a process that looked into a file."""
        return [asdict(problem) for problem in self.problems[:MOST_DETAILS]]


def shown(value: object) -> str:
    """A value of a file, safe and short enough for a message."""
    text = ascii(value)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}..."
