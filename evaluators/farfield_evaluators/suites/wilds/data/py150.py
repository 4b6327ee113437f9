"""Py150-wilds: the next token of Python files; the repositories of validation and test are none of those of training.

Raychev et al., OOPSLA 2016; Lu et al., CodeXGLUE, 2021; Koh et al., ICML 2021 (arXiv 2012.07421), section 4.2.5. Of a
file's tokens each but the first is a label, and none where it is padding. Types of tokens are metadata, by position.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from farfield.errors import reason
from farfield_evaluators.data.errors import PackError
from farfield_evaluators.data.tables import read_table
from farfield_evaluators.suites.wilds.data.release import Array, Ints, Release, from_source
from farfield_evaluators.suites.wilds.datasets import PY150, SOURCE

PARTS: Mapping[str, str] = {
    "train": "train",
    "IDval": "id_val",
    "OODval": "val",
    "IDtest": "id_test",
    "OODtest": "test",
}
TYPES = ("class", "method", "punctuation", "keyword", "builtin", "literal", "other_identifier")
MASKED = -100  # the type of padding
NAMES = Path("metadata") / "repo_file_names"
PROCESSED = Path("processed")
KEY = str(NAMES / "repo_ids.csv")


def read(root: Path) -> Release:
    """The release in a folder. Raises PackError."""
    tokens, types, repos, counts = [], [], [], {}
    numbers = _repositories(root)
    for part, split in PARTS.items():
        tokens.append(_rows(root / PROCESSED / f"{part}_input.json"))
        types.append(_rows(root / PROCESSED / f"{part}_input_tok_type.json"))
        repos.append(_repos(root, part, numbers))
        counts[split] = len(repos[-1])
        if tokens[-1].shape != types[-1].shape or len(tokens[-1]) != len(repos[-1]):
            raise PackError(f"{root}: the tokens, their types and the names of files of {part} do not go together")
    _check_lengths(root, tokens)
    splits = np.repeat([PY150.splits[split] for split in counts], list(counts.values()))
    return _release(splits, np.concatenate(tokens)[:, 1:], np.concatenate(types)[:, 1:], np.concatenate(repos), numbers)


def _release(splits: Ints, tokens: Ints, types: Ints, repos: Ints, numbers: Mapping[str, int]) -> Release:
    names = {number: name for name, number in numbers.items()}
    fields = ("repo", *(f"tok_{place}_type" for place in range(types.shape[1])), SOURCE)
    return Release(
        dataset=PY150,
        splits=splits,
        labels=np.where(types == MASKED, np.nan, tokens),
        metadata=np.column_stack([repos, types, from_source(PY150, splits)]),
        fields=fields,
        values={"repo": tuple(names.get(number, "") for number in range(max(names, default=-1) + 1))},
    )


def _repositories(root: Path) -> dict[str, int]:
    table = read_table(root / KEY, ("id", "repo_name"))
    return dict(zip(table.texts("repo_name"), table.whole("id").tolist(), strict=True))


def _repos(root: Path, part: str, numbers: Mapping[str, int]) -> Ints:
    """The number of the repository of each file [n]: the first two folders of its name."""
    path = root / NAMES / f"{part}.txt"
    try:
        names = ["/".join(line.split("/")[:2]) for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise PackError(f"{path} cannot be read: {reason(error)}") from error
    unknown = [name for name in names if name not in numbers]
    if unknown:
        raise PackError(f"{path}: {unknown[0]!r} is no repository of {KEY}, and {len(unknown) - 1} others")
    return np.array([numbers[name] for name in names], np.int64)


def _rows(path: Path) -> Ints:
    """Whole numbers [n, length], each row a file's. Raises PackError."""
    try:
        with path.open(encoding="utf-8") as opened:
            rows: Sequence[Any] = json.load(opened)
        array: Array = np.array(rows)
    except (OSError, ValueError) as error:
        raise PackError(f"{path} cannot be read: {reason(error)}") from error
    if array.ndim != 2 or not np.issubdtype(array.dtype, np.integer):
        raise PackError(f"{path} does not hold rows of whole numbers that have one length")
    return array.astype(np.int64)


def _check_lengths(root: Path, tokens: Sequence[Ints]) -> None:
    lengths = {part: rows.shape[1] for part, rows in zip(PARTS, tokens, strict=True)}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{part} {length}" for part, length in lengths.items())
        raise PackError(f"{root}: the files of all parts must have one number of tokens; they have {listed}")
