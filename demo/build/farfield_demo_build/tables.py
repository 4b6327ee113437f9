"""index.csv, classes.json and SHA256SUMS."""

import csv
import json
from pathlib import Path
from typing import Any

from farfield_demo_build.maps import Maps
from farfield_demo_build.pictures import Row

COLUMNS = ("path", "domain", "concept", "class", "split", "set", "source", "licence")


def write_index(rows: list[Row], path: Path) -> None:
    """One row per image."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((r.path, r.domain, r.concept, r.class_name, r.split, r.set, r.source, r.licence) for r in rows)


def write_classes(maps: Maps, path: Path) -> None:
    """The class list, sorted by name, each with the synsets its concepts depict."""
    classes = [_class_entry(maps, each.name) for each in maps.classes]
    text = json.dumps(sorted(classes, key=lambda entry: str(entry["name"])), indent=1)
    path.write_text(text + "\n")


def _class_entry(maps: Maps, name: str) -> dict[str, Any]:
    """A concept without an exact synset stands for the whole class."""
    chosen = next(each for each in maps.classes if each.name == name)
    concepts: dict[str, list[str]] = {}
    for each in maps.subjects:
        if each.class_name == name:
            exact = set(concepts.get(each.concept, ())) | set(each.synsets or chosen.synsets)
            concepts[each.concept] = sorted(exact)
    return {
        "name": chosen.name,
        "prompt_name": chosen.prompt_name,
        "synsets": list(chosen.synsets),
        "concepts": dict(sorted(concepts.items())),
    }


def write_sums(sums: dict[str, str], path: Path) -> None:
    """Hashes over decoded pixels, in the layout of sha256sum."""
    path.write_text("".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items())))
