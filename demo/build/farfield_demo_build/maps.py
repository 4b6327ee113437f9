"""The hand-checked maps, and the rules every row has to obey."""

import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

OOD_STYLES = ("noto", "twemoji")
FLAG_STYLES = ("openmoji", "twemoji")


@dataclass(frozen=True, kw_only=True)
class Class:
    """A named set of ImageNet synsets."""

    name: str
    prompt_name: str
    synsets: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What a picture shows: of a class, or of none."""

    concept: str
    class_name: str
    set: str
    synsets: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Drawing(Subject):
    """A concept to be drawn by many hands."""

    hexcode: str

    def wants(self, style: str) -> bool:
        """Class concepts come in every style; others in two are enough."""
        if self.set == "shift":
            return True
        return style in (FLAG_STYLES if self.set == "far/flags" else OOD_STYLES)


@dataclass(frozen=True, kw_only=True)
class Photograph(Subject):
    """One stamp, and what it shows."""

    stamp: str
    split: str


@dataclass(frozen=True, kw_only=True)
class Maps:
    """Everything that was decided by hand."""

    classes: tuple[Class, ...]
    drawings: tuple[Drawing, ...]
    photographs: tuple[Photograph, ...]
    left_out: frozenset[tuple[str, str]]

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """Drawings, then photographs."""
        return (*self.drawings, *self.photographs)


def load(folder: Path) -> Maps:
    """Reads and checks the maps."""
    maps = Maps(
        classes=tuple(_class(row) for row in _rows(folder / "classes.csv")),
        drawings=tuple(_drawing(row) for row in _rows(folder / "concepts.csv")),
        photographs=tuple(_photograph(row) for row in _rows(folder / "photographs.csv")),
        left_out=frozenset((row["domain"], row["concept"]) for row in _rows(folder / "left_out.csv")),
    )
    check(maps)
    return maps


def check(maps: Maps) -> None:
    """Refuses maps that break the benchmark's rules, naming the row."""
    by_name = {each.name: each for each in maps.classes}
    _unique("synset", [synset for each in maps.classes for synset in each.synsets])
    _unique("stamp", [each.stamp for each in maps.photographs])
    _unique("concept", [each.concept for each in maps.drawings])
    for each in maps.subjects:
        known = by_name[each.class_name].synsets if each.class_name else ()
        if not set(each.synsets) <= set(known):
            raise ValueError(f"{each.concept}: synsets outside class {each.class_name!r}")
    splits = Counter((each.class_name, each.split) for each in maps.photographs)
    for name in by_name:
        if splits[name, "train"] < 1 or splits[name, "test"] < 2:
            raise ValueError(f"{name}: one train and two test photographs are the least")


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def _class(row: dict[str, str]) -> Class:
    synsets = tuple(row["synsets"].split())
    return Class(name=row["class"], prompt_name=row["prompt_name"], synsets=synsets)


def _drawing(row: dict[str, str]) -> Drawing:
    return Drawing(
        concept=row["concept"],
        hexcode=row["hexcode"],
        class_name=row["class"],
        set=row["set"],
        synsets=tuple(row["synsets"].split()),
    )


def _photograph(row: dict[str, str]) -> Photograph:
    return Photograph(
        stamp=row["stamp"],
        concept=row["concept"],
        class_name=row["class"],
        set=row["set"],
        split=row["split"],
        synsets=tuple(row["synsets"].split()),
    )


def _unique(what: str, values: list[str]) -> None:
    twice = [value for value, count in Counter(values).items() if count > 1]
    if twice:
        raise ValueError(f"{what} given more than once: {', '.join(twice)}")
