"""What is wrong with a folder of records: each problem with its place and a stable code."""

from farfield_evaluators.problems import FilesRefused, Problem, shown

__all__ = ["Problem", "RecordsError", "shown"]

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


class RecordsError(FilesRefused):
    """Records that cannot be scored; lists every problem. The code is theirs where all have the same."""

    code = SEVERAL
