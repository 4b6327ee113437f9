"""The concepts that may be trained on: none that any test set of the demo data shows."""

import csv
from pathlib import Path

from farfield_demo_build import names

STYLES = ("noto", "noto-blob", "fluent-flat", "fluent-contrast", "fluent-3d")


def allowed(concepts: dict[str, names.Concept], maps: Path, left_out: Path) -> list[names.Concept]:
    """All concepts but flags, those mapped for the benchmarks, and their near twins."""
    codes = {names.key(row["hexcode"]) for row in _rows(maps / "concepts.csv")}
    words = {row["concept"] for row in _rows(maps / "photographs.csv")}
    words |= {row["concept"] for row in _rows(left_out)}
    _all_known(words_of=left_out, known={concept.name for concept in concepts.values()})
    kept = [each for key, each in concepts.items() if key not in codes and each.name not in words]
    return [each for each in kept if each.group != "flags"]


def _all_known(words_of: Path, known: set[str]) -> None:
    unknown = {row["concept"] for row in _rows(words_of)} - known
    if unknown:
        raise ValueError(f"{words_of.name} names no concept: {', '.join(sorted(unknown))}")


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))
