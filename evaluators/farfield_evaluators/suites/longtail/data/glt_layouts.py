"""How images of GLT's two data sets lie, and what their classes are called: ImageNet's folders, and crops of COCO."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from farfield_evaluators.data import imagenet_classes
from farfield_evaluators.data.packs import PackClass

_PLACES = ("train", "", "ILSVRC/Data/CLS-LOC/train", "imagenet/train")


class Layout(Protocol):
    """What of a data set its annotation file does not say. images, of: in sentences, its images and whose they are."""

    @property
    def images(self) -> str: ...
    @property
    def of(self) -> str: ...

    def home(self, path: Path, file: str) -> Path:
        """The folder with the annotation file: `path`, or one that is called as the release's."""

    def root(self, home: Path, names: Sequence[str]) -> Path:
        """The folder below which images of the classes of these names lie."""

    def is_class(self, name: str) -> bool:
        """Whether a class is called so."""

    def file(self, key: str, split: Mapping[str, Any]) -> str:
        """Where below the root the image of a key of a split's tables lies."""

    def misplaced(self, file: str, name: str) -> str:
        """Where the image of a class must lie, in words, when this file does not; empty when it may."""

    def classes(self, names: Sequence[str]) -> tuple[PackClass, ...]:
        """The pack's classes, in the order of labels."""


@dataclass(frozen=True)
class ImageNet:
    """Keys are paths, of which the class folder and the name count; classes are called by their wnid."""

    images = "ImageNet's training images"
    of = "ImageNet's"

    def home(self, path: Path, file: str) -> Path:
        return path

    def root(self, home: Path, names: Sequence[str]) -> Path:
        places = [home / name for name in _PLACES]
        return next((place for place in places if any((place / wnid).is_dir() for wnid in names if wnid)), home)

    def is_class(self, name: str) -> bool:
        return name in imagenet_classes.numbers()

    def file(self, key: str, split: Mapping[str, Any]) -> str:
        return "/".join(PurePosixPath(key).parts[-2:])

    def misplaced(self, file: str, name: str) -> str:
        return "" if file.partition("/")[0] == name and ".." not in file else f"the folder {name}"

    def classes(self, names: Sequence[str]) -> tuple[PackClass, ...]:
        known = {synset: each for each in imagenet_classes.classes() for synset in each.synsets}
        return tuple(known[wnid] for wnid in names)


@dataclass(frozen=True, kw_only=True)
class CocoCrops:
    """Keys are numbers of COCO Attributes, whose crops `path` names; a class is a category of COCO.

    folder: what GLT's script calls the one with `annotation.json` and `images/`.
    """

    folder: str
    images = "its images/, as GLT's script crops them out of COCO"
    of = "COCO's"

    def home(self, path: Path, file: str) -> Path:
        inside = path / self.folder
        return inside if not (path / file).is_file() and (inside / file).is_file() else path

    def root(self, home: Path, names: Sequence[str]) -> Path:
        return home / "images"

    def is_class(self, name: str) -> bool:
        return 0 < len(name) <= 40 and name.isascii() and name.isprintable()

    def file(self, key: str, split: Mapping[str, Any]) -> str:
        paths = split.get("path")
        return PurePosixPath(str(paths.get(key) if isinstance(paths, dict) else None)).name

    def misplaced(self, file: str, name: str) -> str:
        return "" if file.endswith(".jpg") else f"{name}, and `path` names no crop of it"

    def classes(self, names: Sequence[str]) -> tuple[PackClass, ...]:
        return tuple(PackClass(name=name) for name in names)
