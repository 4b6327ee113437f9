"""What differs between a folder tree and the official release: a sentence for each, none for the release."""

from collections.abc import Iterator
from fnmatch import fnmatch

from farfield_evaluators.suites.domainbed.data.official import Official
from farfield_evaluators.suites.domainbed.data.tree import Tree


def release_of(tree: Tree, spec: Official) -> str | None:
    """The name of the release whose domains have as many images as these; None when it is of none.

    Where no counts are published, a tree with every domain is taken for the release.
    """
    if spec.uncounted:
        return "uncounted" if {*spec.domains} <= tree.images.keys() else None
    counts = {domain: count for domain, count in tree.counts().items() if domain in spec.domains}
    return next((name for name, official in spec.releases.items() if counts == official), None)


def extras(tree: Tree, spec: Official) -> Iterator[str]:
    """Files and folders that are in no release; wrong in a subset too."""
    for path in tree.strays:
        if "/" in path or not any(fnmatch(path, pattern) for pattern in spec.companions):
            yield f"{path}: extra; only images in <domain>/<class>/ belong here"
    for domain, classes in sorted(tree.images.items()):
        if domain not in spec.domains:
            yield f"domain {domain}: extra; {spec.folder} has {', '.join(spec.domains)}"
            continue
        for name in sorted(classes.keys() - set(spec.classes or classes)):
            yield f"class {name} in domain {domain}: extra; {spec.folder} has no such class"


def gaps(tree: Tree) -> Iterator[str]:
    """Domains without an image and classes of one domain only: nothing can be learned from these, subset or not."""
    for domain, count in sorted(tree.counts().items()):
        if count == 0:
            yield f"domain {domain}: empty; no image lies in a class folder of it"
    for name, domains in sorted(_domains_of_classes(tree).items()):
        if len(domains) == 1 and len(tree.images) > 1:
            yield f"class {name}: only in domain {domains[0]}; a class needs images in at least two domains"


def omissions(tree: Tree, spec: Official, listed: set[str] | None) -> Iterator[str]:
    """What the whole release has and this tree has not, or has in another number; a subset may lack it."""
    yield from (f"domain {d}: missing; expected the folder {d}" for d in spec.domains if d not in tree.images)
    release = release_of(tree, spec)
    if release is None:
        yield from _missing_classes(tree, spec)
        yield from _wrong_counts(tree, spec)
    if len(_domains_of_classes(tree)) != spec.class_count:
        yield f"{len(_domains_of_classes(tree))} classes with images, not {spec.class_count}"
    if listed is not None:
        found = set(tree.paths())
        yield from (f"{path}: missing; the release's list names it" for path in sorted(listed - found))
        yield from (f"{path}: extra; the release's list does not name it" for path in sorted(found - listed))


def _missing_classes(tree: Tree, spec: Official) -> Iterator[str]:
    domains = {domain: classes for domain, classes in tree.images.items() if domain in spec.domains}
    known = spec.classes or sorted({name for classes in domains.values() for name in classes})
    for domain, classes in sorted(domains.items()):
        if any(classes.values()):
            yield from (f"class {name} in domain {domain}: missing" for name in known if not classes.get(name))


def _wrong_counts(tree: Tree, spec: Official) -> Iterator[str]:
    if spec.uncounted:
        return
    counts = {domain: count for domain, count in sorted(tree.counts().items()) if count and domain in spec.domains}
    accepted = {domain: sorted({release[domain] for release in spec.releases.values()}) for domain in counts}
    for domain, count in counts.items():
        if count not in accepted[domain]:
            known = " or ".join(map(str, accepted[domain]))
            yield f"domain {domain}: {count} images, not {known}; {_difference(count, accepted[domain])}"
    if len(counts) == len(spec.domains) and all(counts[domain] in accepted[domain] for domain in counts):
        yield f"the domains are of different releases ({', '.join(spec.releases)}); take all from one"


def _difference(count: int, accepted: list[int]) -> str:
    nearest = min(accepted, key=lambda official: abs(official - count))
    return f"{nearest - count} missing" if count < nearest else f"{count - nearest} too many"


def _domains_of_classes(tree: Tree) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for domain, classes in sorted(tree.images.items()):
        for name, files in classes.items():
            if files:
                found.setdefault(name, []).append(domain)
    return found
