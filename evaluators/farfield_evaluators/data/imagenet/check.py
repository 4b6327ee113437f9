"""What differs between a tree of class folders and the official release: a sentence for each, none for the release."""

from collections.abc import Iterator
from fnmatch import fnmatch

from farfield_evaluators.data.imagenet.official import Release
from farfield_evaluators.data.imagenet.problems import difference
from farfield_evaluators.data.imagenet.tree import ClassTree


def extras(tree: ClassTree, release: Release) -> Iterator[str]:
    """Files and folders that are in no release; wrong in a subset too."""
    for path in tree.strays:
        if "/" in path or not any(fnmatch(path, pattern) for pattern in release.companions):
            yield f"{path}: extra; only images in <class>/ belong here"
    known = release.labels()
    hint = _hint(tree, release)
    for name in sorted(tree.images.keys() - known.keys()):
        yield f"class {name}: extra; {release.name} has no such class{hint}"
    most = release.per_class[1]
    for name, files in sorted(tree.images.items()):
        if name in known and len(files) > most:
            yield f"class {name}: {len(files):,} images, not {_range(release)}; {difference(len(files), [most])}"


def omissions(tree: ClassTree, release: Release) -> Iterator[str]:
    """What the whole release has and this tree has not; a subset may lack it."""
    known = release.labels()
    fewest = release.per_class[0]
    named = False
    for name in known:
        if name not in tree.images:
            named = True
            yield f"class {name}: missing; expected the folder {name}"
        elif len(tree.images[name]) < fewest:
            named = True
            count = len(tree.images[name])
            yield f"class {name}: {count:,} images, not {_range(release)}; {difference(count, [fewest])}"
    total = sum(len(files) for name, files in tree.images.items() if name in known)
    if total not in release.counts and not (named and release.per_class[0] == release.per_class[1]):
        official = " or ".join(f"{count:,}" for count in release.counts)
        yield f"{total:,} images in all, not {official}; {difference(total, release.counts)}"


def _range(release: Release) -> str:
    fewest, most = release.per_class
    return f"{fewest:,}" if fewest == most else f"{fewest:,} to {most:,}"


def _hint(tree: ClassTree, release: Release) -> str:
    """What a wrong kind of folder name says of the copy."""
    unknown = tree.images.keys() - release.labels().keys()
    wnids = sum(name.startswith("n") and name[1:].isdecimal() for name in unknown)
    if release.numbered and wnids:
        return "; its folders are called 0 to 999, after the classes' numbers"
    if not release.numbered and any(name.isdecimal() for name in unknown):
        return "; its folders are called by wnids, such as n01440764"
    return ""
