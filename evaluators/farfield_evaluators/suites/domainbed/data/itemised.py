"""Import of a data set whose images are named one by one, each with its class and its environment."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from farfield_evaluators.data.packs import Example, Pack, PackClass, Source, UnreadableFiles, build
from farfield_evaluators.data.problems import SUBSET_ADVICE, ImportProblems

SET = "images"
SHOWN_MISSING = 1000


class Item(NamedTuple):
    """An image: where it lies from the folder of the release, and the numbers of its class and its environment."""

    file: str
    label: int
    environment: int


@dataclass(frozen=True, kw_only=True)
class Itemised:
    """A data set by its images, in its authors' order; `environments` are the names of domains in the pack."""

    name: str
    title: str
    licence: str
    classes: tuple[str, ...]
    environments: tuple[str, ...]
    items: Sequence[Item]


def import_items(
    data: Itemised,
    root: Path,
    packs: Path,
    *,
    subset: bool,
    problems: Sequence[str] = (),
    made: Callable[[Source], Source] = lambda source: source,
) -> Pack:
    """Import the images below `root` as the pack `data.name`; `problems` are those that the caller found already.

    made: what is packed of the source: another pack of the same images. subset: take those that are there; the pack
    says that it is not the official data. Raises ImportProblems.
    """
    here = [item for item in data.items if (root / item.file).is_file()]
    told = [*problems, *([] if subset else _missing(data.items, here)), *_empty(data, here)]
    if told:
        raise ImportProblems(root, data.name, told, advice="" if subset else SUBSET_ADVICE)
    try:
        return build(made(_source(data, root, here, official=not subset)), packs)
    except UnreadableFiles as error:
        read = [p.removeprefix(f"{root}/").replace(": ", ": unreadable: ", 1) for p in error.problems]
        raise ImportProblems(root, data.name, read) from error


def _missing(items: Sequence[Item], here: Sequence[Item]) -> Iterator[str]:
    present = {item.file for item in here}
    absent = [item.file for item in items if item.file not in present]
    yield from (f"{file}: missing" for file in absent[:SHOWN_MISSING])
    if len(absent) > SHOWN_MISSING:
        yield f"and {len(absent) - SHOWN_MISSING:,} further images"


def _empty(data: Itemised, here: Sequence[Item]) -> Iterator[str]:
    filled = {item.environment for item in here}
    for number, name in enumerate(data.environments):
        if number not in filled:
            yield f"the environment {name} has no image; each of {', '.join(data.environments)} needs one"


def _source(data: Itemised, root: Path, here: Sequence[Item], *, official: bool) -> Source:
    return Source(
        name=data.name,
        title=data.title,
        licence=data.licence,
        classes=tuple(PackClass(name=name) for name in data.classes),
        domains=data.environments,
        examples=tuple(
            Example(path=root / item.file, set=SET, label=item.label, domain=item.environment, order=order)
            for order, item in enumerate(here)
        ),
        ordered=True,
        release="domainbed" if official else "subset",
        official=official,
    )
