"""`farfield data sample-shots`: shot files in FsDet's layout, of any data set in COCO's format."""

import argparse
import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from farfield.errors import reason
from farfield_evaluators.own.coco import is_id
from farfield_evaluators.suites.fsdet.data.shots import shot_file
from farfield_evaluators.suites.fsdet.data.streamed import Taker, read_lists, read_text
from farfield_evaluators.suites.fsdet.plan import COCO_SHOTS
from farfield_evaluators.suites.fsdet.sampling import Draw, Images, SamplingError, draw

SEEDS, MOST = tuple(range(1, 10)), 1_000_000


class SampleShots:
    """The suite's part of `farfield data`, see `suite.DataCommand`."""

    NAME = "sample-shots"
    HELP = "draw few-shot sets of a file of COCO's by FsDet's rules, and write them as FsDet's files"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="COCO's JSON, such as trainvalno5k.json")
        parser.add_argument(
            "folder", type=Path, help="where seed1/full_box_1shot_..._trainval.json and others are written"
        )
        parser.add_argument(
            "--seed", type=_number, action="append", metavar="N", help="may be repeated (default: 1 to 9)"
        )
        parser.add_argument(
            "--shots", type=_number, action="append", metavar="K", help="may be repeated (default: 1 2 3 5 10 30)"
        )

    def run(self, args: argparse.Namespace) -> int:
        """Write all files of a seed, or none of it. Raises SamplingError naming the class and the number of shots."""
        seeds, shots = args.seed or SEEDS, tuple(sorted(set(args.shots or COCO_SHOTS)))
        if 0 in shots:
            raise SamplingError("--shots must be whole numbers from 1")
        source = read_source(args.file)
        for seed in dict.fromkeys(seeds):
            home = args.folder / f"seed{seed}"
            if home.exists():
                raise SamplingError(f"{home} is there already; name another folder, or remove it")
            documents = source.documents(seed, shots)
            count = _write(home, documents)
            print(f"{home}: {count:,} files")
        return 0


class ShotSource:
    """A file of COCO's, of which shots are drawn; annotations are kept as the text that they are."""

    def __init__(self, name: str, text: str) -> None:
        self._name, self._text = name, text
        self._images: dict[int, tuple[int, int]] = {}  # where the text of each begins and ends
        self._annotations: list[tuple[int, int]] = []
        self._categories: list[dict[str, Any]] = []
        self._classes: dict[int, dict[int, list[int]]] = {}
        takers: dict[str, Taker] = {
            "images": self._image,
            "annotations": self._annotation,
            "categories": self._category,
        }
        self._rest = read_lists(name, text, takers)
        self._names = self._checked()

    def documents(self, seed: int, shots: Sequence[int]) -> Iterator[tuple[str, dict[str, Any]]]:
        """The files of a seed: their names and what they hold, as FsDet's script writes it."""
        classes: dict[int, Images] = {key: self._classes.get(key, {}) for key in self._names}
        for key, drawn in self._named(draw(classes, shots, seed)):
            yield shot_file(drawn.shots, self._names[key]), self._document(drawn)

    def _named(self, draws: Iterator[tuple[int, Draw]]) -> Iterator[tuple[int, Draw]]:
        """The draws; what cannot be drawn is told with the names of classes."""
        try:
            yield from draws
        except SamplingError as error:
            known = ", ".join(
                f"{key} is {name!r}" for key, name in self._names.items() if f"class {key}," in str(error)
            )
            raise SamplingError(f"{self._name}: {error} ({known})") from error

    def _document(self, drawn: Draw) -> dict[str, Any]:
        return {
            "info": self._rest.get("info", {}),
            "licenses": self._rest.get("licenses", []),
            "images": [self._at(self._images[key]) for key in drawn.images],
            "annotations": [self._at(self._annotations[number]) for number in drawn.annotations],
            "categories": self._categories,
        }

    def _at(self, place: tuple[int, int]) -> Any:
        return json.loads(self._text[slice(*place)])

    def _image(self, image: Mapping[str, Any], start: int, end: int) -> None:
        if not is_id(image.get("id")) or image["id"] in self._images:
            raise SamplingError(f"{self._name}: image {str(image.get('id'))[:40]} has no id of its own")
        self._images[image["id"]] = (start, end)

    def _annotation(self, annotation: Mapping[str, Any], start: int, end: int) -> None:
        category, image = annotation.get("category_id"), annotation.get("image_id")
        if not is_id(category) or not is_id(image):
            raise SamplingError(
                f"{self._name}: annotation {str(annotation.get('id'))[:40]} has no image_id and category_id"
            )
        if annotation.get("iscrowd", 0) != 1:
            self._classes.setdefault(int(str(category)), {}).setdefault(int(str(image)), []).append(
                len(self._annotations)
            )
            self._annotations.append((start, end))

    def _category(self, category: dict[str, Any], *_: int) -> None:
        self._categories.append(category)

    def _checked(self) -> dict[int, str]:
        """The names of classes by id. Raises SamplingError for what no file can be drawn of."""
        names = {each.get("id"): each.get("name") for each in self._categories}
        known = {key: name for key, name in names.items() if is_id(key) and isinstance(name, str) and _is_file(name)}
        if len(known) != len(self._categories) or len(set(known.values())) != len(known) or not known:
            raise SamplingError(
                f"{self._name}: every category needs an id and a name of its own that a file can be called by"
            )
        for key, images in self._classes.items():
            strange = next((image for image in images if image not in self._images), None)
            if key not in known or strange is not None:
                what = f"the category {key}" if key not in known else f"the image {strange}"
                raise SamplingError(f"{self._name}: annotations are of {what}, which the file does not have")
        return {int(str(key)): str(name) for key, name in known.items()}


def read_source(file: Path) -> ShotSource:
    """Raises PackError for what is no COCO JSON, and SamplingError for what shots cannot be drawn of."""
    return ShotSource(file.name, read_text(file))


def _is_file(name: str) -> bool:
    return bool(name) and not set(name) & set("/\\\0") and len(name) <= 100


def _write(home: Path, documents: Iterator[tuple[str, dict[str, Any]]]) -> int:
    """All files, or none: they are written beside their place and moved there at the end."""
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home.parent) as draft:
            folder = Path(draft) / home.name
            folder.mkdir()
            for name, document in documents:
                (folder / name).write_text(json.dumps(document), encoding="utf-8")
            count = len(list(folder.iterdir()))
            os.replace(folder, home)
    except OSError as error:
        raise SamplingError(f"{home} cannot be written: {reason(error)}") from error
    return count


def _number(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or int(text[:9]) > MOST or len(text) > 7:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is no whole number from 0 to {MOST:,}")
    return int(text)
