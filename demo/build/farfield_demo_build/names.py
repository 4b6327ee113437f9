"""Names of the concepts: CLDR labels, tags and groups from emojibase-data."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

QUOTES = "['\u2019\u201c\u201d]"


@dataclass(frozen=True, kw_only=True)
class Concept:
    """One pictured thing, known by its code points."""

    hexcode: str
    label: str
    tags: tuple[str, ...]
    group: str
    subgroup: str

    @property
    def name(self) -> str:
        """The label as a file name."""
        return slug(self.label)

    @property
    def key(self) -> str:
        """The code points in the form all packages are matched by."""
        return key(self.hexcode)


def slug(label: str) -> str:
    """`Women's room` -> `womens-room`, the way icon sets spell their names."""
    return re.sub(r"[^a-z0-9]+", "-", re.sub(QUOTES, "", label.lower())).strip("-")


def key(hexcode: str) -> str:
    """Lower case, without variation selectors and leading zeros: sets disagree on both."""
    parts = hexcode.lower().split("-")
    return "-".join(part.lstrip("0") for part in parts if part != "fe0f")


def load(package: Path) -> dict[str, Concept]:
    """Every concept with a group, by key; components (skin tones, hair) are left out."""
    entries = json.loads((package / "en" / "data.json").read_text())
    groups = json.loads((package / "meta" / "groups.json").read_text())
    concepts = (_concept(entry, groups) for entry in entries if "group" in entry)
    return {concept.key: concept for concept in concepts if concept.group != "component"}


def _concept(entry: dict[str, Any], groups: dict[str, Any]) -> Concept:
    return Concept(
        hexcode=entry["hexcode"].lower(),
        label=entry["label"],
        tags=tuple(entry.get("tags", ())),
        group=groups["groups"][str(entry["group"])],
        subgroup=groups["subgroups"][str(entry["subgroup"])],
    )
