"""Import of a data set in its official folder layout: VLCS, PACS, Office-Home, Terra Incognita, DomainNet."""

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from pathlib import Path

from farfield.errors import reason
from farfield_evaluators.data.encoded import UnreadableImage, read_image
from farfield_evaluators.data.packs import Example, Pack, PackClass, PackError, Source, UnreadableFiles, build
from farfield_evaluators.data.problems import SUBSET_ADVICE, ImportProblems
from farfield_evaluators.suites.domainbed.data.check import extras, gaps, omissions, release_of
from farfield_evaluators.suites.domainbed.data.lists import duplicates, listed_files, without
from farfield_evaluators.suites.domainbed.data.official import Official
from farfield_evaluators.suites.domainbed.data.tree import Tree, read_tree

SET = "images"
READ_AT_MOST = 50_000


def import_folders(spec: Official, path: Path, packs: Path, *, subset: bool = False) -> Pack:
    """Import `path`, the release's folder or the one that holds it, as the pack `spec.name`.

    subset: take a part of the release; its pack says that it is not the official data.
    Raises PackError when `path` is not its folder at all, ImportProblems naming all that is wrong otherwise.
    """
    return read_official(spec, path, packs, lambda source: source, subset=subset)


def read_official(
    spec: Official, path: Path, packs: Path, made: Callable[[Source], Source], *, subset: bool = False
) -> Pack:
    """As `import_folders`, of what `made` makes of the source: another pack of the same images."""
    root = locate(spec, path)
    tree, listed, notes = _official_part(read_tree(root), spec)
    missing = list(omissions(tree, spec, listed))
    problems = [*gaps(tree), *_too_few(tree), *([] if subset else missing), *extras(tree, spec)]
    if problems:
        raise ImportProblems(root, spec.name, [*problems, *_unreadable(tree)], advice=_advice(subset))
    try:
        return build(made(source_of(tree, spec, official=not missing, notes=notes)), packs)
    except UnreadableFiles as error:
        told = [p.removeprefix(f"{root}/").replace(": ", ": unreadable: ", 1) for p in error.problems]
        raise ImportProblems(root, spec.name, told, advice=_advice(subset)) from error


def locate(spec: Official, path: Path) -> Path:
    """The folder with the domains: `path`, or one in it of the release's name. Raises PackError when there is none."""
    places = (path, *(path / name for name in (spec.folder, *spec.unpacked_as)))
    for place in places:
        if any((place / domain).is_dir() for domain in spec.domains):
            return place
    expected = f"give the folder of {spec.folder}, with {', '.join(spec.domains)} in it"
    raise PackError(f"{path} {'has none of the domains' if path.is_dir() else 'is no folder'}; {expected}")


def _official_part(tree: Tree, spec: Official) -> tuple[Tree, set[str] | None, tuple[str, ...]]:
    """The tree less known duplicates. DomainNet's lists leave those out, so what they do not name is one."""
    listed, unwanted = listed_files(tree.root, spec), duplicates(tree.root)
    if listed and spec.leaves_out_unlisted:
        unwanted |= set(tree.paths()) - listed
    kept = without(tree, unwanted)
    left_out = sum(tree.counts().values()) - sum(kept.counts().values())
    return kept, listed, (f"listed duplicates left out: {left_out}",) if left_out else ()


def _too_few(tree: Tree) -> Iterable[str]:
    if len(tree.images) == 1:
        yield f"one domain only, {next(iter(tree.images))}; a data set of domains needs at least two"


def source_of(tree: Tree, spec: Official, *, official: bool, notes: tuple[str, ...] = ()) -> Source:
    """What the pack is made of: the images by domain, class and name."""
    domains = tuple(sorted(tree.images))
    classes = sorted({name for found in tree.images.values() for name, files in found.items() if files})
    return Source(
        name=spec.name,
        title=spec.title,
        licence=spec.licence,
        classes=tuple(PackClass(name=name.replace("_", " ")) for name in classes),
        domains=domains,
        examples=tuple(chain.from_iterable(_examples(tree, number, d, classes) for number, d in enumerate(domains))),
        ordered=True,
        release=(release_of(tree, spec) if official else None) or "subset",
        official=official,
        notes=notes,
    )


def _examples(tree: Tree, number: int, domain: str, classes: Sequence[str]) -> Iterable[Example]:
    folders = tree.images[domain]
    files = [(name, file) for name in classes for file in folders.get(name, ())]
    labels = {name: label for label, name in enumerate(classes)}
    for order, (name, file) in enumerate(files):
        path = tree.root / domain / name / file
        yield Example(path=path, set=SET, label=labels[name], domain=number, order=order)


def _advice(subset: bool) -> str:
    return "" if subset else SUBSET_ADVICE


def _unreadable(tree: Tree) -> Iterable[str]:
    paths = list(tree.paths())
    if len(paths) > READ_AT_MOST:
        yield f"the {len(paths)} images were not read; mend the above first"
        return
    for path in paths:
        try:
            read_image(tree.root / path)
        except (OSError, UnreadableImage) as error:
            yield f"{path}: unreadable: {reason(error)}"
