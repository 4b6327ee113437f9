"""What lies in a folder of somebody's data: its entries without what file managers, systems and file servers leave."""

import os
from dataclasses import dataclass
from pathlib import Path, PurePath

from farfield_evaluators.data.errors import PackError

IMAGES = {".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp"}  # as torchvision's ImageFolder
# Lower case, for file systems that hold these differ in case. What begins with a dot is clutter anyway.
CLUTTER = frozenset(
    {
        *("thumbs.db", "thumbs.db:encryptable", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "picasa.ini"),
        *("$recycle.bin", "recycler", "system volume information"),  # Windows
        *("__macosx", "icon\r", "network trash folder", "temporary items"),  # macOS
        *("@eadir", "#recycle", "#snapshot", "@recycle", "@recently-snapshot", "@tmp"),  # Synology, QNAP
        *("lost+found", "~snapshot"),  # ext4, NetApp
    }
)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A name in a folder, and whether a folder lies there, through links too."""

    name: str
    is_folder: bool


def entries(folder: Path) -> list[Entry]:
    """A folder's entries by name, without hidden ones and clutter. Raises PackError when it cannot be listed."""
    try:
        with os.scandir(folder) as opened:
            listed = [Entry(name=each.name, is_folder=_is_folder(each)) for each in opened if not is_clutter(each.name)]
    except OSError as error:
        raise PackError(f"{folder}: cannot be listed: {error.strerror}; make it a readable folder") from error
    return sorted(listed, key=lambda entry: entry.name)


def is_clutter(name: str) -> bool:
    """Whether a file or folder of this name counts as nothing.

    >>> is_clutter("THUMBS.DB"), is_clutter("@eaDir"), is_clutter("._n01440764_1.JPEG"), is_clutter("n01440764")
    (True, True, True, False)
    """
    return name.startswith(".") or name.lower() in CLUTTER


def is_image(name: str) -> bool:
    """Whether a file of this name is taken for an image, by its ending."""
    return PurePath(name).suffix.lower() in IMAGES


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    """A link that leads in a circle is none; who opens it as a file is told."""
    try:
        return entry.is_dir()
    except OSError:
        return False
