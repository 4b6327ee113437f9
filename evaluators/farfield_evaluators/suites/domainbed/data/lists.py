"""Lists that releases bring along: the files they are made of, and DomainNet's duplicates."""

from pathlib import Path

from farfield.errors import reason
from farfield.packaging.files import read_text
from farfield_evaluators.data.errors import PackError
from farfield_evaluators.suites.domainbed.data.official import Official
from farfield_evaluators.suites.domainbed.data.tree import Tree

DUPLICATES = "domain_net_duplicates.txt"


def listed_files(root: Path, spec: Official) -> set[str] | None:
    """Paths `domain/class/image` of the release, where its own lists of every domain lie in `root`; else None."""
    paths = [root / pattern.format(domain=domain) for domain in spec.domains for pattern in spec.lists]
    if not paths or not all(path.exists() for path in paths):
        return None
    return {line.rsplit(" ", 1)[0] for path in paths for line in _lines(path)}


def duplicates(root: Path) -> set[str]:
    """Paths that `domain_net_duplicates.txt` names, one a line, relative to the data set; empty without that file."""
    path = root / DUPLICATES
    return set(_lines(path)) if path.exists() else set()


def without(tree: Tree, paths: set[str]) -> Tree:
    """The tree less these files, as if they were not there; a name that is not there is no matter."""
    images = {
        domain: {name: [f for f in files if f"{domain}/{name}/{f}" not in paths] for name, files in classes.items()}
        for domain, classes in tree.images.items()
    }
    return Tree(root=tree.root, images=images, strays=tree.strays)


def _lines(path: Path) -> list[str]:
    try:
        text = read_text(path, errors="surrogateescape")
    except OSError as error:
        raise PackError(f"{path}: cannot be read: {reason(error)}; mend it, or take it away") from error
    return [line.strip() for line in text.splitlines() if line.strip()]
