"""Import of a release whose images lie in class folders: val, train, V2, R, A, Sketch, Stylized."""

from pathlib import Path

from farfield_evaluators.data import imagenet_classes as classes
from farfield_evaluators.data.explained import build_or_explain
from farfield_evaluators.data.joined import Joined
from farfield_evaluators.data.label_space import subset as subset_space
from farfield_evaluators.data.listing import entries
from farfield_evaluators.data.packs import Example, Pack, PackError, Source
from farfield_evaluators.data.problems import SUBSET_ADVICE, ImportProblems
from farfield_evaluators.suites.imagenet.data.check import extras, naming_hint, omissions
from farfield_evaluators.suites.imagenet.data.official import Release
from farfield_evaluators.suites.imagenet.data.parts import MakeExample, Part
from farfield_evaluators.suites.imagenet.data.tree import ClassTree, read_tree


def import_release(release: Release, path: Path, packs: Path, *, subset: bool = False) -> Pack:
    """Import `path`, the folder of class folders or one around it, as the pack `release.name`.

    subset: take a part of the release; its pack says that it is not the official data.
    Raises PackError when `path` is not its folder at all, ImportProblems naming all that is wrong otherwise.
    """
    root = locate(release, path)
    _check_variant(release, root)
    tree = read_tree(root)
    missing = list(omissions(tree, release))
    problems = [*([] if subset else missing), *extras(tree, release)]
    if problems or not tree.count():
        raise ImportProblems(tree.root, release.name, problems or ["no image"], advice="" if subset else SUBSET_ADVICE)
    return build_or_explain(_source(release, tree, official=not missing), packs, tree.root)


def locate(release: Release, path: Path) -> Path:
    """The folder with the class folders: `path`, or one in it. Raises PackError when there is none."""
    if not path.is_dir():
        raise PackError(f"{path} is no folder; give the one with the class folders of {release.name}")
    names = release.labels()
    for place in (path, *(path / name for name in release.unpacked_as)):
        if any((place / name).is_dir() for name in names):
            return place
    example = next(iter(names))
    folders = [entry.name for entry in entries(path) if entry.is_folder]
    hint = naming_hint(folders, release) or "; give the one around them"
    raise PackError(f"{path} has none of the class folders of {release.name}, such as {example}{hint}")


def _check_variant(release: Release, root: Path) -> None:
    """Only the folder's name can tell. Raises PackError when it tells of another variant."""
    called = f"{root.name} {root.resolve().name}".lower().replace("_", "-")
    for variant in release.variants:
        if variant in called:
            says = f"{root}: its name says {variant}, which is another variant than {release.name}"
            raise PackError(f"{says}; give {release.unpacked_as[0]}")


def parts_of(
    tree: ClassTree, release: Release, *, set: str, domain: int = 0, make: MakeExample = Example
) -> list[Part]:
    """The images of the release's classes, by the classes' numbers."""
    labels = sorted(release.labels().items(), key=lambda item: item[1])
    return [
        Part(folder=tree.root / name, files=tree.images[name], set=set, label=label, domain=domain, make=make)
        for name, label in labels
        if name in tree.images
    ]


def _source(release: Release, tree: ClassTree, *, official: bool) -> Source:
    spaces = ((release.set, subset_space(list(release.labels().values()))),) if release.restricted else ()
    return Source(
        name=release.name,
        title=release.title,
        licence=release.licence,
        classes=classes.classes(),
        domains=(release.set,),
        examples=Joined(parts_of(tree, release, set=release.set)),
        release="official" if official else "subset",
        official=official,
        label_spaces=spaces,
        notes=release.notes,
    )
