"""Captions in a file of their own beside the images, in the forms that CLIP_benchmark reads, and in Karpathy's.

    <root>/coco_test_karpathy.json           COCO's form: `images` with id and file_name, `annotations` with image_id
    <root>/dataset_coco.json                 Karpathy's form: `images` with filename, split and sentences
    <root>/flickr30k_test_karpathy.txt       a line of titles, and then a line `name.jpg,caption` for each caption

The images of COCO are in `<root>/val2014`, those of the others in `<root>`, or in `<root>/images`.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from farfield.errors import reason
from farfield.packaging.files import decoded, read_regular
from farfield_evaluators.data.encoded import read_image
from farfield_evaluators.data.errors import PackError
from farfield_evaluators.suites.clip_benchmark.captions import CaptionSet

MOST_BYTES = 256 << 20  # of a file of captions; Karpathy's of COCO has 144 MB
IMAGES_IN = "images"
ENDING = ".jpg"
Read = TypeVar("Read")
Captions = dict[str, list[str]]
"""Those of each image, by the name of its file."""


@dataclass(frozen=True, kw_only=True)
class CaptionedFile:
    """An image file and its captions."""

    path: Path
    captions: tuple[str, ...]

    def stored(self) -> bytes:
        """The image as a pack keeps it. Raises OSError and UnreadableImage."""
        return read_image(self.path)

    def where(self) -> str:
        return str(self.path)


def read_split(root: Path, dataset: CaptionSet) -> list[CaptionedFile]:
    """The images of the test split, in the order of the file of captions. Raises PackError where there is none."""
    readers: Mapping[str, Callable[[str], Captions]] = {
        f"{dataset.files}_test_karpathy.json": _of_coco,
        f"{dataset.files}_test_karpathy.txt": _of_lines,
        f"dataset_{dataset.files}.json": _of_karpathy,
    }
    found = next((name for name in readers if (root / name).is_file()), None)
    if found is None:
        beside = f", or one of {', '.join(readers)} beside the images" if dataset.files else ""
        export = f"export {dataset.key} with CLIP_benchmark's clip_benchmark_export_wds --retrieval"
        raise PackError(f"{root}: expected test/nshards.txt and tar files{beside}; {export}")
    captions = read_with(root / found, readers[found])
    folder = next((root / name for name in (dataset.images_in, IMAGES_IN) if name and (root / name).is_dir()), root)
    return [CaptionedFile(path=inside(folder, name), captions=tuple(texts)) for name, texts in captions.items()]


def read_with(path: Path, reader: Callable[[str], Read]) -> Read:
    """What the reader makes of a file's text. Raises PackError for a file that is too long or of another form."""
    try:
        return reader(decoded(read_regular(path, MOST_BYTES)))
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise PackError(f"{path} is not of the form that it should have: {type(error).__name__}: {error}") from error
    except OSError as error:
        raise PackError(f"{path} cannot be read: {reason(error)}") from error


def inside(folder: Path, name: str) -> Path:
    """The file of this name in a folder. Raises PackError for a name that leads out of it."""
    where = PurePosixPath(name)
    if where.is_absolute() or ".." in where.parts or "\0" in name:
        raise PackError(f"{name!r}: leads out of the folder of images")
    return folder / where


def _of_coco(text: str) -> Captions:
    """Images in the order of their ids, as torchvision's CocoCaptions has them."""
    found = json.loads(text)
    names = {image["id"]: str(image["file_name"]) for image in found["images"]}
    captions: Captions = {names[number]: [] for number in sorted(names)}
    for each in found["annotations"]:
        captions[names[each["image_id"]]].append(each["caption"])
    return captions


def _of_karpathy(text: str) -> Captions:
    tested = (image for image in json.loads(text)["images"] if image["split"] == "test")
    return {str(image["filename"]): [each["raw"] for each in image["sentences"]] for image in tested}


def _of_lines(text: str) -> Captions:
    """The first line has titles. A caption may have commas, so a name ends with `.jpg`."""
    captions: Captions = {}
    for name, caption in _lines(text.splitlines()[1:]):
        captions.setdefault(name, []).append(caption)
    return captions


def _lines(lines: list[str]) -> Iterator[tuple[str, Any]]:
    for number, line in enumerate(lines, 2):
        name, comma, caption = line.strip().partition(f"{ENDING},")
        if not line.strip():
            continue
        if not comma:
            raise ValueError(f"line {number} is not `name{ENDING},caption`")
        yield f"{name}{ENDING}", caption
