"""A data set's folder tree, `<domain>/<class>/<image>`, as it lies on disk; nothing is judged or decoded here."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from farfield_evaluators.data.listing import entries, is_image


@dataclass(frozen=True, kw_only=True)
class Tree:
    """images: {domain: {class: image names, sorted}}, empty folders included. strays: everything else, by its path.

    Names and paths are relative to `root`, with slashes. Hidden files and those that systems leave behind are no part.
    """

    root: Path
    images: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    strays: list[str] = field(default_factory=list)

    def paths(self) -> Iterator[str]:
        """Every image's path, by domain, class and name: the order of DomainBed's data sets."""
        for domain, classes in sorted(self.images.items()):
            for name, files in sorted(classes.items()):
                yield from (f"{domain}/{name}/{file}" for file in files)

    def counts(self) -> dict[str, int]:
        """Images by domain folder."""
        return {domain: sum(map(len, classes.values())) for domain, classes in self.images.items()}


def read_tree(root: Path) -> Tree:
    """The tree below `root`. A folder inside a class folder is a stray. Raises PackError for what cannot be listed."""
    tree = Tree(root=root)
    for domain in entries(root):
        if not domain.is_folder:
            tree.strays.append(domain.name)
            continue
        classes = tree.images.setdefault(domain.name, {})
        for entry in entries(root / domain.name):
            if entry.is_folder:
                classes[entry.name] = _images(tree, root / domain.name / entry.name)
            else:
                tree.strays.append(f"{domain.name}/{entry.name}")
    return tree


def _images(tree: Tree, folder: Path) -> list[str]:
    found = []
    for entry in entries(folder):
        if is_image(entry.name) and not entry.is_folder:
            found.append(entry.name)
        else:
            tree.strays.append(f"{folder.parent.name}/{folder.name}/{entry.name}")
    return found
