"""Spawrious: dogs before backgrounds, where the background gives the breed away in training and misleads in the test.

Lynch et al. 2023 (arXiv 2303.05470), as DomainBed b93c22a puts its six data sets together. The release has two folders,
`0` and `1`, of six places with four breeds in each, 3,168 images a breed and place. One-to-one (O2O): each breed stands
before one place in 97 or 87 of 100 training images and before a place that all share otherwise. Many-to-many (M2M):
two breeds share two places, the other way around in the second environment.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from farfield_evaluators.data.listing import entries
from farfield_evaluators.data.packs import Pack, PackError
from farfield_evaluators.data.problems import difference
from farfield_evaluators.suite import Importer
from farfield_evaluators.suites.domainbed.data.itemised import Item, Itemised, import_items
from farfield_evaluators.suites.domainbed.further import SPAWRIOUS

BREEDS = ("bulldog", "corgi", "dachshund", "labrador")
LISTED = ("bulldog", "dachshund", "labrador", "corgi")  # the order in which a data set lists them
TOTAL = 3168
USUAL = (int(0.97 * TOTAL), int(0.87 * TOTAL))  # images of a breed before its usual place, by training environment
CROSSED = ((0, 1, 2, 3), (1, 0, 3, 2))
UNPACKED_AS = ("spawrious224", "spawrious")
ENDINGS = (".png", ".jpg", ".jpeg")
LICENCE = "CC BY 4.0"


@dataclass(frozen=True, kw_only=True)
class Places:
    """The places of LISTED's breeds in training and in the test; `shared` is the one that all breeds have, O2O's."""

    training: tuple[str, str, str, str]
    test: tuple[str, str, str, str]
    shared: str = ""


PLACES = {
    "SpawriousO2O_easy": Places(
        training=("desert", "jungle", "dirt", "snow"), test=("dirt", "snow", "desert", "jungle"), shared="beach"
    ),
    "SpawriousO2O_medium": Places(
        training=("mountain", "beach", "dirt", "jungle"), test=("jungle", "dirt", "beach", "snow"), shared="desert"
    ),
    "SpawriousO2O_hard": Places(
        training=("jungle", "mountain", "snow", "desert"), test=("mountain", "snow", "desert", "jungle"), shared="beach"
    ),
    "SpawriousM2M_easy": Places(
        training=("desert", "mountain", "dirt", "jungle"), test=("dirt", "jungle", "mountain", "desert")
    ),
    "SpawriousM2M_medium": Places(
        training=("beach", "snow", "mountain", "desert"), test=("desert", "mountain", "beach", "snow")
    ),
    "SpawriousM2M_hard": Places(training=("dirt", "jungle", "snow", "beach"), test=("snow", "beach", "dirt", "jungle")),
}


@dataclass(frozen=True, kw_only=True)
class Portion:
    """The first `most` images, by name, of a folder of one breed, all of them where it is None."""

    folder: str
    breed: str
    most: int | None = None


def portions(places: Places) -> tuple[tuple[Portion, ...], ...]:
    """What each environment is made of, in order: the test first, then the two of training."""
    test, groups = [], []
    for number in range(2):
        made = partial(_of_breeds, places, number)
        test += [Portion(folder=folder, breed=breed) for folder, breed in made(places.test)]
        usual = USUAL[number] if places.shared else TOTAL
        group = [Portion(folder=folder, breed=breed, most=usual) for folder, breed in made(places.training)]
        if places.shared:
            shared = made((places.shared,) * len(LISTED))
            group += [Portion(folder=folder, breed=breed, most=TOTAL - usual) for folder, breed in shared]
        groups.append(tuple(group))
    return tuple(test), *groups


def _of_breeds(places: Places, number: int, chosen: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """(folder, breed) of training or test environment `number`: M2M crosses the places, O2O takes other images."""
    for breed, own in zip(LISTED, (0, 1, 2, 3) if places.shared else CROSSED[number], strict=True):
        yield f"{number if places.shared else 0}/{chosen[own]}/{breed}", breed


def import_spawrious(number: int, path: Path, packs: Path, *, subset: bool = False) -> Pack:
    """Import one of the six data sets from the release's folder, or the one that holds it.

    Raises PackError for a folder that is not Spawrious', ImportProblems naming all that is wrong otherwise.
    """
    dataset = SPAWRIOUS[number]
    root = next((p for p in (path, *(path / name for name in UNPACKED_AS)) if (p / "0").is_dir()), None)
    if root is None:
        raise PackError(f"{path} has no folder 0; give the folder of Spawrious, with 0 and 1 in it")
    every = portions(PLACES[dataset.name])
    names = {part.folder: _images(root, part.folder) for of in every for part in of}
    problems = [] if subset else list(_wrong_counts(names))
    data = Itemised(
        name=dataset.benchmark,
        title=f"{dataset.name}: four breeds of dogs before backgrounds",
        licence=LICENCE,
        classes=BREEDS,
        environments=dataset.environments,
        items=items_of(every, names),
    )
    return import_items(data, root, packs, subset=subset, problems=problems)


def items_of(every: Sequence[Sequence[Portion]], names: Mapping[str, Sequence[str]]) -> list[Item]:
    """The images of the environments, given those of each folder in their order."""
    return [
        Item(f"{part.folder}/{name}", BREEDS.index(part.breed), environment)
        for environment, of in enumerate(every)
        for part in of
        for name in names[part.folder][: part.most]
    ]


def _images(root: Path, folder: str) -> list[str]:
    """The images of a folder by name: DomainBed takes them as the file system lists them, which is no order."""
    place = root / folder
    return [e.name for e in entries(place) if e.name.endswith(ENDINGS) and not e.is_folder] if place.is_dir() else []


def _wrong_counts(names: dict[str, list[str]]) -> Iterator[str]:
    for folder, images in sorted(names.items()):
        if len(images) != TOTAL:
            yield f"{folder}: {len(images):,} images, not {TOTAL:,}; {difference(len(images), [TOTAL])}"


IMPORTERS = tuple(
    Importer(name=dataset.benchmark, build=partial(import_spawrious, number))
    for number, dataset in enumerate(SPAWRIOUS)
)
