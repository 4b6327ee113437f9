"""From a release to a pack: the sets are its splits, the domains the values of its group field.

Rows of no split are left out. Metadata that figures go by become group columns of the pack, which only scorers see.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from farfield_evaluators.data.packs import Example, Pack, PackClass, PackColumn, Source, UnreadableFiles, build
from farfield_evaluators.data.problems import SUBSET_ADVICE, ImportProblems, difference
from farfield_evaluators.suites.wilds.data.places import locate
from farfield_evaluators.suites.wilds.data.release import Ints, Release
from farfield_evaluators.suites.wilds.datasets import Dataset

SHOWN_MISSING = 1000


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How the release of one data set becomes a pack.

    key: the file that says where it lies. read: the release in that folder. groups: fields that become columns of the
    pack besides the group field, which is its domain. licence: of the data. source: what the pack is made of, where it
    is not of images with one label each; as `source_of`.
    """

    dataset: Dataset
    pack: str
    key: str
    read: Callable[[Path], Release]
    groups: tuple[str, ...]
    licence: str
    source: Callable[..., Source] | None = None


def column_of(field: str) -> str:
    """What the pack calls a field of the metadata.

    >>> column_of("cell_type"), column_of("LGBTQ")
    ('cell-type', 'lgbtq')
    """
    return field.replace("_", "-").lower()


def import_images(layout: Layout, path: Path, packs: Path, *, subset: bool = False) -> Pack:
    """Import the release at `path`, as the pack of the layout.

    subset: take a cut-down copy: rows without an image are left out, and counts are not held against the release's.
    Raises PackError for what is not the release at all, ImportProblems naming all that is wrong with it.
    """
    root = locate(layout.dataset, path, layout.key)
    release = layout.read(root)
    chosen = present(release, root) if subset else np.flatnonzero(release.splits >= 0)
    problems = [*split_problems(release, chosen, subset=subset)]
    problems += [] if subset else missing(release, root, chosen)
    if problems:
        raise ImportProblems(root, layout.pack, problems, advice="" if subset else SUBSET_ADVICE)
    try:
        return build((layout.source or source_of)(layout, release, root, chosen, official=not subset), packs)
    except UnreadableFiles as error:
        raise ImportProblems(root, layout.pack, [told(root, problem) for problem in error.problems]) from error


def told(root: Path, problem: str) -> str:
    """What is wrong with an image, by its place in the release."""
    return problem.removeprefix(f"{root}/").replace(": ", ": unreadable: ", 1)


def present(release: Release, root: Path) -> Ints:
    """Places [n] of the rows that are in a split and whose image is there."""
    chosen = np.flatnonzero(release.splits >= 0)
    return chosen[[(root / release.files[place]).is_file() for place in chosen.tolist()]]


def missing(release: Release, root: Path, chosen: Ints) -> list[str]:
    """A sentence for each image that is not there, and one for the rest of them where there are very many."""
    absent = [release.files[place] for place in chosen.tolist() if not (root / release.files[place]).is_file()]
    listed = [f"{file}: missing" for file in absent[:SHOWN_MISSING]]
    return [*listed, f"and {len(absent) - SHOWN_MISSING:,} further images"] if len(absent) > SHOWN_MISSING else listed


def split_problems(release: Release, chosen: Ints, *, subset: bool) -> Iterator[str]:
    """Splits without an example, and of a whole release those that have another number than is known for certain."""
    dataset = release.dataset
    for name, count in counts_of(release, chosen).items():
        if not count:
            yield f"no example is in the split {name}; each of {', '.join(dataset.splits)} needs one"
        elif not subset and name in dataset.certain and count != dataset.sizes[name]:
            known = dataset.sizes[name]
            yield f"the split {name} has {count:,} examples of {known:,}: {difference(count, [known])}"


def counts_of(release: Release, chosen: Ints) -> dict[str, int]:
    """Examples by split among the rows at these places [n]."""
    splits = release.splits[chosen]
    return {name: int((splits == number).sum()) for name, number in release.dataset.splits.items()}


def source_of(layout: Layout, release: Release, root: Path, chosen: Ints, *, official: bool) -> Source:
    """What the pack is made of: the rows at these places [n]."""
    dataset = layout.dataset
    return Source(
        name=layout.pack,
        title=f"{dataset.title} (WILDS {dataset.version})",
        licence=layout.licence,
        classes=tuple(PackClass(name=name) for name in release.values["y"]),
        domains=release.values[dataset.group_field],
        examples=Examples(release=release, root=root, chosen=chosen, groups=layout.groups),
        ordered=True,
        release=dataset.version if official else "subset",
        official=official,
        columns=group_columns(release, layout.groups),
        notes=notes_of(release, chosen),
    )


def group_columns(release: Release, groups: Sequence[str]) -> tuple[PackColumn, ...]:
    """The columns that the pack has of these fields."""
    return tuple(PackColumn(name=column_of(name), kind="group", values=release.values[name]) for name in groups)


def notes_of(release: Release, chosen: Ints) -> tuple[str, ...]:
    """How many examples each split has, what is left out, and which counts are not those that one hears of."""
    counts, sizes = counts_of(release, chosen), release.dataset.sizes
    listed = ", ".join(f"{name} {count:,}" for name, count in counts.items())
    others = [f"{n} has {c:,}, others say {sizes[n]:,}" for n, c in counts.items() if c != sizes.get(n, c)]
    left_out = len(release) - len(chosen)
    notes = (f"examples: {listed}", *(f"another number than expected: {says}" for says in others))
    return (*notes, f"left out: {left_out:,} rows of no split or without an image") if left_out else notes


@dataclass(frozen=True, kw_only=True)
class Examples:
    """The examples of a pack, each made when it is asked for: a release has up to three million."""

    release: Release
    root: Path
    chosen: Ints
    groups: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.chosen)

    def __getitem__(self, index: int, /) -> Example:
        return example_of(self.release, int(self.chosen[index]), self.root, self.groups)


def example_of(release: Release, place: int, root: Path, groups: Sequence[str]) -> Example:
    """The row at a place, whose label is a class."""
    return Example(
        path=root / release.files[place],
        set=set_of(release, place),
        label=int(release.labels[place]),
        domain=int(release.column(release.dataset.group_field)[place]),
        order=place,
        more=groups_of(release, place, groups),
    )


def set_of(release: Release, place: int) -> str:
    """The name of the split of a row."""
    return {number: name for name, number in release.dataset.splits.items()}[int(release.splits[place])]


def groups_of(release: Release, place: int, groups: Sequence[str]) -> Mapping[str, int]:
    """The numbers of the values that a row has in these fields, by the names of the pack's columns."""
    return {column_of(name): int(release.column(name)[place]) for name in groups}
