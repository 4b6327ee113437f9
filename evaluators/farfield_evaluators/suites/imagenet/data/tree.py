"""A folder of class folders, `<class>/<image>`, as it lies on disk; nothing is judged or decoded here."""

from dataclasses import dataclass, field
from pathlib import Path

from farfield_evaluators.data.listing import entries, is_image


@dataclass(frozen=True, kw_only=True)
class ClassTree:
    """images: {class folder: image names, sorted}, empty folders included; strays: all other entries, by their path.

    Names and paths are relative to `root`, with slashes. Hidden files and those that systems leave behind are no part.
    """

    root: Path
    images: dict[str, tuple[str, ...]] = field(default_factory=dict)
    strays: list[str] = field(default_factory=list)

    def count(self) -> int:
        """Images in all class folders."""
        return sum(map(len, self.images.values()))


def read_tree(root: Path) -> ClassTree:
    """The tree below `root`; a folder inside a class folder is a stray. Raises PackError for what cannot be listed."""
    tree = ClassTree(root=root)
    for entry in entries(root):
        if entry.is_folder:
            tree.images[entry.name] = images_in(root / entry.name, tree.strays, f"{entry.name}/")
        else:
            tree.strays.append(entry.name)
    return tree


def images_in(folder: Path, strays: list[str], prefix: str = "") -> tuple[str, ...]:
    """The names of a folder's images, sorted; everything else is added to `strays`, behind `prefix`."""
    found = []
    for entry in entries(folder):
        if is_image(entry.name) and not entry.is_folder:
            found.append(entry.name)
        else:
            strays.append(prefix + entry.name)
    return tuple(found)
