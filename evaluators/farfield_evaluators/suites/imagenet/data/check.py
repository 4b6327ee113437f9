"""What differs between a tree of class folders and the official release: a sentence for each, none for the release.

What is extra is refused always, what is missing only where the whole release is asked for. A total above the largest
official count is extra; any other that is not official may be a part.
"""

from collections.abc import Iterable, Iterator
from fnmatch import fnmatch

from farfield_evaluators.data.problems import difference, too_few, too_many
from farfield_evaluators.suites.imagenet.data.official import Release
from farfield_evaluators.suites.imagenet.data.tree import ClassTree

IN_ALL = "{} images in all"


def extras(tree: ClassTree, release: Release) -> Iterator[str]:
    """Files and folders that are in no release; wrong in a subset too."""
    for path in tree.strays:
        if "/" in path or not any(fnmatch(path, pattern) for pattern in release.companions):
            yield f"{path}: extra; only images in <class>/ belong here"
    known = release.labels()
    hint = naming_hint(tree.images, release)
    for name in sorted(tree.images.keys() - known.keys()):
        yield f"class {name}: extra; {release.name} has no such class{hint}"
    most = release.per_class[1]
    for name, files in sorted(tree.images.items()):
        if name in known and len(files) > most:
            yield f"class {name}: {len(files):,} images, not {_range(release)}; {difference(len(files), [most])}"
    if not _exact(release):
        yield from too_many(IN_ALL, _total(tree, release), release.counts)


def omissions(tree: ClassTree, release: Release) -> Iterator[str]:
    """What the whole release has and this tree has not; a subset may lack it."""
    known = release.labels()
    fewest = release.per_class[0]
    for name in known:
        if name not in tree.images:
            yield f"class {name}: missing; expected the folder {name}"
        elif len(tree.images[name]) < fewest:
            count = len(tree.images[name])
            yield f"class {name}: {count:,} images, not {_range(release)}; {difference(count, [fewest])}"
    if not _exact(release):
        yield from too_few(IN_ALL, _total(tree, release), release.counts)


def _exact(release: Release) -> bool:
    """Whether every class has as many images, so that a wrong total is a wrong class, which is named already."""
    return release.per_class[0] == release.per_class[1]


def _total(tree: ClassTree, release: Release) -> int:
    return sum(len(tree.images.get(name, ())) for name in release.labels())


def _range(release: Release) -> str:
    fewest, most = release.per_class
    return f"{fewest:,}" if fewest == most else f"{fewest:,} to {most:,}"


def naming_hint(folders: Iterable[str], release: Release) -> str:
    """What a wrong kind of folder name says of the copy; empty where there is none."""
    unknown = set(folders) - release.labels().keys()
    if release.numbered and any(name.startswith("n") and name[1:].isdecimal() for name in unknown):
        return "; its folders are called 0 to 999, after the classes' numbers"
    if not release.numbered and any(name.isdecimal() for name in unknown):
        return "; its folders are called by wnids, such as n01440764"
    return ""
