"""Small data of one's own, in every form that is read; no two images are alike."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from PIL import Image

from farfield_evaluators.catalog import catalog

_NUMBERS = count(1)


def picture(path: Path, number: int | None = None) -> Path:
    """An image whose colour no other has, or one of a number, which is the same each time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    n = next(_NUMBERS) if number is None else 10_000 + number
    Image.new("RGB", (8, 6), (n & 255, n >> 8 & 255, n >> 16 & 255)).save(path, "PNG")
    return path


def tree(root: Path, *levels: tuple[str, ...], each: int = 2) -> Path:
    """Folders below one another, with images in those of the last level."""
    folders = [root]
    for names in levels:
        folders = [folder / name for folder in folders for name in names]
    for folder in folders:
        for number in range(each):
            picture(folder / f"{number}.png")
    return root


@contextmanager
def installed(var: Path, **files: str) -> Iterator[Path]:
    """The folder of files in use, with these TOML files in it; the catalog is read anew within and after."""
    folder = var / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name.replace('_', '-')}.toml").write_text(text)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("FARFIELD_VAR", str(var))
        patched.delenv("FARFIELD_BENCHMARKS", raising=False)
        catalog.cache_clear()
        try:
            yield folder
        finally:
            catalog.cache_clear()


HEAD = 'title = "Toys"\n'
FOLDERS = f"""{HEAD}
[data]
layout = "{{split}}/{{class}}"
[train]
where = {{ split = "train" }}
[[tests]]
name = "test"
where = {{ split = "test" }}
[[columns]]
metric = "accuracy"
on = "test"
"""
