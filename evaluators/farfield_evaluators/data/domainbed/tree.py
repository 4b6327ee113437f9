"""A data set's folder tree, `<domain>/<class>/<image>`, as it lies on disk; nothing is judged or decoded here."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

IMAGES = {".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp"}  # as torchvision's ImageFolder
CLUTTER = {"Thumbs.db", "desktop.ini", "__MACOSX"}


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
    """The tree below `root`, an existing folder. A folder inside a class folder is a stray. Raises OSError."""
    tree = Tree(root=root)
    for domain in _entries(root):
        if not domain.is_dir():
            tree.strays.append(domain.name)
            continue
        classes = tree.images.setdefault(domain.name, {})
        for folder in _entries(domain):
            if folder.is_dir():
                classes[folder.name] = _images(tree, folder)
            else:
                tree.strays.append(f"{domain.name}/{folder.name}")
    return tree


def _images(tree: Tree, folder: Path) -> list[str]:
    found = []
    for file in _entries(folder):
        if file.suffix.lower() in IMAGES and not file.is_dir():
            found.append(file.name)
        else:
            tree.strays.append(f"{folder.parent.name}/{folder.name}/{file.name}")
    return found


def _entries(folder: Path) -> list[Path]:
    return sorted(
        (e for e in folder.iterdir() if not e.name.startswith(".") and e.name not in CLUTTER), key=lambda e: e.name
    )
