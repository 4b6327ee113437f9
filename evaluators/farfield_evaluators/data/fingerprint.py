"""The fingerprint of a pack: what of a data set makes another data set when it changes."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Any

FORMAT = 1
UINT8 = "uint8"  # what arrays hold where nothing else is said
FINGERPRINT_LENGTH = 32
Row = tuple[Any, ...]  # hash, set, label, domain, order where the source's own order counts, and columns


@dataclass(frozen=True, kw_only=True)
class Head:
    """What the fingerprint covers besides the examples, in a source as in a pack."""

    name: str
    classes: tuple[Any, ...]
    domains: tuple[str, ...]
    sets: tuple[str, ...]
    shape: tuple[int, ...]
    dtype: str
    release: str
    official: bool
    label_spaces: tuple[Any, ...]
    prepared: tuple[tuple[str, int], ...]
    lent: tuple[Any, ...]
    columns: tuple[Any, ...]
    joined: tuple[Any, ...]
    prompts: tuple[str, ...]


def head(of: Any, sets: tuple[str, ...] | None = None) -> Head:
    """That of a source, whose sets are given, or of a pack."""
    named = {each.name: getattr(of, each.name) for each in fields(Head) if each.name != "sets"}
    return Head(sets=of.sets if sets is None else sets, **named)


def fingerprint(of: Head, rows: Iterable[Row]) -> str:
    """The first FINGERPRINT_LENGTH digits of a SHA-256 over the head and every row."""
    classes = [[c.name, list(c.synsets)] for c in of.classes]
    covered: list[Any] = [FORMAT, of.name, classes, list(of.domains), list(of.sets)]
    if of.shape or of.release or not of.official:
        dtype = {} if of.dtype == UINT8 else {"dtype": of.dtype}
        covered.append({"shape": list(of.shape), "release": of.release, "official": of.official, **dtype})
    if of.label_spaces or of.prepared:
        spaces = {name: space.as_json() for name, space in of.label_spaces}
        covered.append({"label_space": spaces, "prepared": dict(of.prepared)})
    if of.lent:
        covered.append({"lent": [asdict(lent) for lent in of.lent]})
    if of.columns:
        covered.append({"columns": [column.as_json() for column in of.columns]})
    if of.joined:
        covered.append({"joined": dict(of.joined)})
    if of.prompts:
        covered.append({"prompts": list(of.prompts)})
    digest = hashlib.sha256(_canonical(covered))
    for row in rows:
        digest.update(_canonical(list(row)))
    return digest.hexdigest()[:FINGERPRINT_LENGTH]


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode() + b"\n"
