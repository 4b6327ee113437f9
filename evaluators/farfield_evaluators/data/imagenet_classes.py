"""ImageNet's 1000 classes and the lists of 200, from the distributions that ship them: timm and open_clip.

Only their data files are read. Neither is imported, for that would import torch.
"""

import ast
import importlib.util
from functools import cache
from pathlib import Path

from farfield_evaluators.data.packs import PackClass, PackError

COUNT = 1000


@cache
def wnids() -> tuple[str, ...]:
    """The 1000 wnids; a class's number is its place among them, sorted. Raises PackError without timm."""
    return _synsets("imagenet_synsets.txt", COUNT)


@cache
def numbers() -> dict[str, int]:
    """The number 0..999 of each wnid."""
    return {wnid: number for number, wnid in enumerate(wnids())}


@cache
def imagenet_r() -> tuple[str, ...]:
    """The 200 wnids of ImageNet-R, sorted."""
    return _synsets("imagenet_r_synsets.txt", 200)


@cache
def imagenet_a() -> tuple[str, ...]:
    """The 200 wnids of ImageNet-A, sorted; other ones than ImageNet-R's."""
    return _synsets("imagenet_a_synsets.txt", 200)


@cache
def classes() -> tuple[PackClass, ...]:
    """The 1000 classes in the order of their numbers, with the names that open_clip's prompts use."""
    return tuple(PackClass(name=name, synsets=(wnid,)) for name, wnid in zip(_names(), wnids(), strict=True))


def _synsets(file: str, count: int) -> tuple[str, ...]:
    path = _folder_of("timm") / "data" / "_info" / file
    found = tuple(path.read_text(encoding="ascii").split()) if path.is_file() else ()
    if len(found) != count or sorted(set(found)) != list(found):
        raise PackError(f"the installed timm has no list of {count} sorted wnids in data/_info/{file}; install 1.0.31")
    return found


def _names() -> tuple[str, ...]:
    path = _folder_of("open_clip") / "zero_shot_metadata.py"
    body = ast.parse(path.read_text(encoding="utf-8")).body if path.is_file() else []
    for statement in body:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        if any(isinstance(target, ast.Name) and target.id == "IMAGENET_CLASSNAMES" for target in targets):
            assert isinstance(statement, ast.Assign)  # noqa: S101 - for mypy
            return tuple(str(name) for name in ast.literal_eval(statement.value))
    raise PackError("the installed open_clip has no IMAGENET_CLASSNAMES in zero_shot_metadata.py; install 3.3.0")


def _folder_of(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise PackError(f"{package} is not installed, which ships ImageNet's class lists; install the extra `torch`")
    return Path(spec.submodule_search_locations[0])
