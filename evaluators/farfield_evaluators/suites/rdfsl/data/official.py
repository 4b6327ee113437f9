"""Import of RD-FSL's data: for each class of its six data sets a folder of support images and one of queries.

    animal/Toad/support/n01644900_2394.JPEG
    animal/Toad/query/COD10K-CAM-4-Amphibian-68-Toad-4820.jpg
    plant_virus/Grape___healthy/support_90/....JPG
    base/n01532829/....JPEG

Folders of a class may carry the number of their images, as `support_90` does. `base` has the images that a method may
learn from before, a folder for each class: the release learns from ImageNet's, or miniImageNet's, training images.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from farfield_evaluators.data.explained import build_or_explain
from farfield_evaluators.data.joined import Joined
from farfield_evaluators.data.listing import entries, is_image
from farfield_evaluators.data.packs import Example, Pack, PackClass, PackError, Source
from farfield_evaluators.data.problems import SUBSET_ADVICE, ImportProblems
from farfield_evaluators.suites.rdfsl.benchmarks import RDFSL
from farfield_evaluators.suites.rdfsl.names import FOLDERS, PACK, TITLES
from farfield_evaluators.suites.rdfsl.plan import Episodes
from farfield_evaluators.suites.rdfsl.sets import BASE, query_of, support_of

ROLE = re.compile(r"(support|query)(?:_\d+)?")
COUNTS = re.compile(r"(?:_(?:query|support)_\d+)+$")
SUPPORT, QUERY = "support", "query"
CLASSES = {"animal": 33, "insect": 70, "mineral": 6, "fungus": 51, "plant-virus": 38}
"""As the lists of the release have them; how many the oracle script has is not known here."""


@dataclass(frozen=True, kw_only=True)
class ClassFolder:
    """The images of a class, sorted by name, in folders relative to the root; `base` has them in one."""

    domain: str
    name: str
    images: dict[str, tuple[str, tuple[str, ...]]]


def import_official(path: Path, packs: Path, *, subset: bool = False) -> Pack:
    """Import `path`, the folder with the six data sets and `base`, as the pack `rdfsl`.

    subset: take fewer classes than the release has; its pack says that it is not the official data. Raises PackError
    when `path` is not its folder at all, ImportProblems naming all that is wrong otherwise.
    """
    if not any((path / folder).is_dir() for folder in FOLDERS.values()):
        raise PackError(f"{path} has none of the folders {', '.join(FOLDERS.values())}; give the one around them")
    problems: list[str] = []
    known = list(_base(path, problems))
    folders = [each for domain in FOLDERS for each in _classes(path, domain, problems)]
    missing = list(_missing(folders))
    problems += [] if subset else missing
    if problems:
        raise ImportProblems(path, PACK, problems, advice="" if subset else SUBSET_ADVICE)
    return build_or_explain(_source(path, known, folders, official=not missing), packs, path)


def _base(root: Path, problems: list[str]) -> Iterator[ClassFolder]:
    """The classes of `base`; says what is wrong with it."""
    if not (root / BASE).is_dir():
        problems.append(f"{BASE}: no folder; it has the images to learn from before, a folder for each class")
        return
    for entry in entries(root / BASE):
        images = _images(root / BASE / entry.name) if entry.is_folder else ()
        if images:
            yield ClassFolder(domain=BASE, name=entry.name, images={BASE: (f"{BASE}/{entry.name}", images)})
        else:
            problems.append(f"{BASE}/{entry.name}: {'no image' if entry.is_folder else 'not a folder of a class'}")


def _classes(root: Path, domain: str, problems: list[str]) -> Iterator[ClassFolder]:
    """The classes of a data set; says which have too few images for an episode."""
    home = root / FOLDERS[domain]
    if not home.is_dir():
        problems.append(f"{FOLDERS[domain]}: no folder")
        return
    for entry in entries(home):
        where = f"{FOLDERS[domain]}/{entry.name}"
        if not entry.is_folder:
            problems.append(f"{where}: not a folder of a class")
            continue
        roles = _roles(home / entry.name, where, problems)
        problems += _too_few(where, roles)
        yield ClassFolder(domain=domain, name=COUNTS.sub("", entry.name), images=roles)


def _roles(folder: Path, where: str, problems: list[str]) -> dict[str, tuple[str, tuple[str, ...]]]:
    """The images of `support` and `query`, and the folders in which they lie."""
    roles: dict[str, tuple[str, tuple[str, ...]]] = {}
    for entry in entries(folder):
        role = ROLE.fullmatch(entry.name)
        if role is None or not entry.is_folder:
            problems.append(f"{where}/{entry.name}: neither of support and query")
        elif role[1] in roles:
            problems.append(f"{where}/{entry.name}: a second folder of {role[1]}")
        else:
            roles[role[1]] = (f"{where}/{entry.name}", _images(folder / entry.name))
    return roles


def _too_few(where: str, roles: dict[str, tuple[str, tuple[str, ...]]]) -> Iterator[str]:
    plan = RDFSL.plan
    assert isinstance(plan, Episodes)  # noqa: S101
    for role, least in ((SUPPORT, max(plan.shots)), (QUERY, plan.queries)):
        count = len(roles.get(role, ("", ()))[1])
        if count < least:
            yield f"{where}: {count} images of {role}; an episode takes {least}"


def _missing(folders: list[ClassFolder]) -> Iterator[str]:
    for domain, official in CLASSES.items():
        count = sum(each.domain == domain for each in folders)
        if count != official:
            yield f"{FOLDERS[domain]}: {count} classes, not {official}"


def _images(folder: Path) -> tuple[str, ...]:
    return tuple(entry.name for entry in entries(folder) if is_image(entry.name) and not entry.is_folder)


def _source(root: Path, known: list[ClassFolder], folders: list[ClassFolder], *, official: bool) -> Source:
    every = [*known, *folders]
    domains = (BASE, *FOLDERS)
    return Source(
        name=PACK,
        title="RD-FSL",
        licence=RDFSL.licence,
        classes=tuple(_named(each) for each in every),
        domains=domains,
        examples=Joined(
            [_Part(root, each, role, label, domains) for label, each in enumerate(every) for role in each.images]
        ),
        ordered=True,
        release="official" if official else "subset",
        official=official,
        notes=(f"base: {len(known)} classes, as the operator chose them",),
    )


def _named(folder: ClassFolder) -> PackClass:
    """Base classes by their names alone, others with their data set; WordNet's ids are synsets."""
    synsets = (folder.name,) if re.fullmatch(r"n\d{8}", folder.name) else ()
    title = folder.name.replace("_", " ").strip()
    return PackClass(name=title if folder.domain == BASE else f"{TITLES[folder.domain]}: {title}", synsets=synsets)


class _Part:
    """The images of one folder, each made when it is asked for: `base` may be all of ImageNet."""

    def __init__(self, root: Path, folder: ClassFolder, role: str, label: int, domains: tuple[str, ...]) -> None:
        where, self._images = folder.images[role]
        self._folder, self._label, self._domain = root / where, label, domains.index(folder.domain)
        queries = query_of(folder.domain)
        self._set = {BASE: BASE, SUPPORT: support_of(queries), QUERY: queries}[role]

    def __len__(self) -> int:
        return len(self._images)

    def __getitem__(self, index: int) -> Example:
        path = self._folder / self._images[index]
        return Example(path=path, set=self._set, label=self._label, domain=self._domain, order=index)
