"""PovertyMap as a pack of arrays: five folds in one, so that its images lie on disk once.

A set holds the villages that are in the same split in every fold, and is called by a letter for each of them; a fold's
splits, such as `A/train`, are joined of those.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from farfield_evaluators.data.encoded import UnreadableImage
from farfield_evaluators.data.packs import Pack, PackColumn, Placed, Source, UnreadableFiles, build
from farfield_evaluators.data.problems import SUBSET_ADVICE, ImportProblems
from farfield_evaluators.suites.wilds.data import poverty
from farfield_evaluators.suites.wilds.data.packing import group_columns, groups_of, missing, present, told
from farfield_evaluators.suites.wilds.data.places import locate
from farfield_evaluators.suites.wilds.data.release import Ints, Release
from farfield_evaluators.suites.wilds.datasets import FOLD_NAMES, POVERTY

NAME = "wilds-poverty"
LICENCE = "images: public domain (USGS Landsat, NOAA DMSP and VIIRS); survey: the DHS Program's terms"
SIDE = 224
WEALTH = "wealthpooled"
GROUPS = ("urban",)
LETTERS: Mapping[str, str] = MappingProxyType({"train": "t", "id_val": "v", "id_test": "e", "val": "V", "test": "T"})
Folds = Mapping[str, Release]


@dataclass(frozen=True, kw_only=True)
class Village(Placed):
    """One row: an image of bands, stored as [side, side, 8] of float32, and what is known of the village."""

    path: Path
    side: int
    set: str
    domain: int
    order: int
    label: int = -1
    more: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def columns(self) -> Mapping[str, Any]:
        return {**super().columns, **self.more}

    def stored(self) -> bytes:
        """Raises OSError, and UnreadableImage for a file that holds something else."""
        wanted = (len(poverty.BANDS), self.side, self.side)
        bands = read_bands(self.path)
        if bands.shape != wanted:
            raise UnreadableImage(f"its array x has the shape {list(bands.shape)}, not {list(wanted)}")
        return np.ascontiguousarray(np.moveaxis(bands, 0, -1), "<f4").tobytes()

    def where(self) -> str:
        return str(self.path)


def read_bands(path: Path) -> "np.ndarray[Any, np.dtype[np.float32]]":
    """The array x of an image, float32 [bands, height, width]. Raises OSError and UnreadableImage."""
    try:
        with np.load(path, allow_pickle=False) as opened:
            bands = np.asarray(opened["x"], np.float32)
    except (ValueError, KeyError, EOFError, TypeError) as error:
        raise UnreadableImage(f"it holds no array x of numbers: {error}") from error
    if not np.isfinite(bands).all():
        raise UnreadableImage("its array x holds what is no finite number")
    return bands


@dataclass(frozen=True, kw_only=True)
class Looked:
    """The labeled release: how each fold has it, where it lies, the places [n] of the rows taken, their side."""

    folds: Folds
    root: Path
    chosen: Ints
    side: int
    official: bool


def import_poverty(path: Path, packs: Path, *, subset: bool = False) -> Pack:
    """Import the release at `path`.

    subset: take a cut-down copy: rows without an image are left out, images may have another side than 224, and where
    a fold has no more than 2,000 rows to draw from, a fifth of them is drawn. Raises as `import_images`.
    """
    labeled = look(path, subset=subset)
    return built(source_of(labeled), packs, labeled.root)


def built(source: Source, packs: Path, root: Path) -> Pack:
    """The pack. Raises ImportProblems for images that cannot be read, by their places in `root`."""
    try:
        return build(source, packs)
    except UnreadableFiles as error:
        raise ImportProblems(root, source.name, [told(root, problem) for problem in error.problems]) from error


def look(path: Path, *, subset: bool) -> Looked:
    """The release at `path`, whose images are all there. Raises as `import_poverty`."""
    root = locate(POVERTY, path, poverty.TABLE)
    folds = {name: _fold(root, name, subset=subset) for name in FOLD_NAMES}
    release = folds[FOLD_NAMES[0]]
    chosen = present(release, root) if subset else np.arange(len(release))
    problems = [*_empty_splits(folds, chosen), *([] if subset else missing(release, root, chosen))]
    if problems:
        raise ImportProblems(root, NAME, problems, advice="" if subset else SUBSET_ADVICE)
    side = _side(root, release, chosen) if subset else SIDE
    return Looked(folds=folds, root=root, chosen=chosen, side=side, official=not subset)


def _fold(root: Path, fold: str, *, subset: bool) -> Release:
    release = poverty.read(root, fold, held_out=0)
    pool = int((release.splits == POVERTY.splits["train"]).sum())
    small = subset and pool <= poverty.HELD_OUT
    return poverty.read(root, fold, held_out=2 * (pool // 10) if small else poverty.HELD_OUT)


def _empty_splits(folds: Folds, chosen: Ints) -> list[str]:
    return [
        f"no village is in the split {split} of fold {fold}; each split of each fold needs one"
        for fold, release in folds.items()
        for split, number in POVERTY.splits.items()
        if not (release.splits[chosen] == number).any()
    ]


def _side(root: Path, release: Release, chosen: Ints) -> int:
    """The side of the first image. Raises ImportProblems for one that cannot be read."""
    file = release.files[int(chosen[0])]
    try:
        return int(read_bands(root / file).shape[-1])
    except (OSError, UnreadableImage) as error:
        raise ImportProblems(root, NAME, [f"{file}: unreadable: {error}"]) from error


def source_of(labeled: Looked) -> Source:
    """What the pack is made of."""
    release, codes = labeled.folds[FOLD_NAMES[0]], codes_of(labeled.folds)
    chosen, side = labeled.chosen, labeled.side
    sets = [codes[place] for place in chosen.tolist()]
    return Source(
        name=NAME,
        title=f"{POVERTY.title} (WILDS {POVERTY.version})",
        licence=LICENCE,
        classes=(),
        domains=poverty.COUNTRIES,
        examples=Villages(
            release=release, root=labeled.root, chosen=chosen, sets=sets, side=side, more=partial(told_of, release)
        ),
        shape=(side, side, len(poverty.BANDS)),
        dtype="float32",
        ordered=True,
        release=POVERTY.version if labeled.official else "subset",
        official=labeled.official,
        columns=(*group_columns(release, GROUPS), PackColumn(name=WEALTH, kind="number")),
        joined=joined_of(labeled.folds, sets),
        notes=_notes(labeled.folds, chosen),
    )


def codes_of(folds: Folds) -> list[str]:
    """The set of each row: a letter for its split in every fold."""
    letters = {number: LETTERS[name] for name, number in POVERTY.splits.items()}
    by_fold = [[letters[number] for number in release.splits.tolist()] for release in folds.values()]
    return ["".join(row) for row in zip(*by_fold, strict=True)]


def joined_of(folds: Folds, codes: list[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The splits of every fold, such as `A/train`, each with the sets that make it."""
    every = sorted(set(codes))
    return tuple(
        (f"{fold}/{split}", tuple(code for code in every if code[place] == letter))
        for place, fold in enumerate(folds)
        for split, letter in LETTERS.items()
    )


def _notes(folds: Folds, chosen: Ints) -> tuple[str, ...]:
    counts = {
        fold: {name: int((release.splits[chosen] == number).sum()) for name, number in POVERTY.splits.items()}
        for fold, release in folds.items()
    }
    notes = [f"fold {fold}: {', '.join(f'{n} {c:,}' for n, c in of.items())}" for fold, of in counts.items()]
    left_out = len(folds[FOLD_NAMES[0]]) - len(chosen)
    return (*notes, *((f"left out: {left_out:,} rows without an image",) if left_out else ()))


@dataclass(frozen=True, kw_only=True)
class Villages:
    """Examples of a release, each made when it is asked for: of the rows `chosen` [n], which lie in `sets` [n].

    `more` gives the columns of a row besides its set, country and place.
    """

    release: Release
    root: Path
    chosen: Ints
    sets: Sequence[str]
    side: int
    more: Callable[[int], Mapping[str, Any]]

    def __len__(self) -> int:
        return len(self.chosen)

    def __getitem__(self, index: int, /) -> Village:
        place = int(self.chosen[index])
        return Village(
            path=self.root / self.release.files[place],
            side=self.side,
            set=self.sets[index],
            domain=int(self.release.column("country")[place]),
            order=place,
            more=self.more(place),
        )


def told_of(release: Release, place: int) -> dict[str, Any]:
    """The groups of a labeled village, and its wealth."""
    return {**groups_of(release, place, GROUPS), WEALTH: float(release.labels[place])}
