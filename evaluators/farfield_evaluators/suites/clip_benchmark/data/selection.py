"""The packs of SugarCrepe and Winoground, of the files that their authors release.

<root>/add_att.json, ... swap_obj.json    by number: filename, caption and negative_caption
<root>/val2017/000000085329.jpg           the images of COCO that they name

<root>/examples.jsonl                     a line each: image_0, image_1, caption_0, caption_1
<root>/images/ex_0_img_0.png              images.zip, unpacked
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from farfield_evaluators.captions import CAPTIONS, COLUMN, encoded, problems_of
from farfield_evaluators.data.columns import PackColumn
from farfield_evaluators.data.encoded import read_image
from farfield_evaluators.data.explained import build_or_explain
from farfield_evaluators.data.packs import Pack, Source
from farfield_evaluators.data.problems import SUBSET_ADVICE, ImportProblems, not_official
from farfield_evaluators.scoring.selection import PAIR
from farfield_evaluators.suites.clip_benchmark.benchmarks import TEST
from farfield_evaluators.suites.clip_benchmark.data.caption_files import inside, read_with
from farfield_evaluators.suites.clip_benchmark.selection import (
    CREPE,
    CREPE_COUNTS,
    PAIRS,
    PAIRS_COUNT,
    set_of,
)

OF_PAIR = PackColumn(name=PAIR, kind="rows", dtype="int64")
COCO_IMAGES, PAIR_IMAGES, PAIR_FILE = "val2017", "images", "examples.jsonl"


@dataclass(frozen=True, kw_only=True)
class _Example:
    """An image with its few captions, the right one first; `more` are values of further columns."""

    path: Path
    set: str
    captions: tuple[str, ...]
    more: Mapping[str, Any]

    @property
    def columns(self) -> Mapping[str, Any]:
        return {"set": self.set, CAPTIONS: encoded(self.captions), **self.more}

    def stored(self) -> bytes:
        return read_image(self.path)

    def where(self) -> str:
        return str(self.path)


def import_sugar_crepe(path: Path, packs: Path, *, subset: bool = False) -> Pack:
    """Import `path`. Raises PackError for a file that cannot be read, ImportProblems naming all that is wrong."""
    held = {file: _of_crepe(path, file) for file in CREPE_COUNTS}
    missing = [
        not_official(f"{file}: {{}} instances", len(held[file]), official)
        for file, official in CREPE_COUNTS.items()
        if len(held[file]) not in official
    ]
    examples = tuple(example for listed in held.values() for example in listed)
    return _imported(CREPE, "SugarCrepe", (path, packs), examples, missing, subset=subset)


def import_winoground(path: Path, packs: Path, *, subset: bool = False) -> Pack:
    """Import `path`, as `import_sugar_crepe` does."""
    examples = tuple(read_with(path / PAIR_FILE, partial(_of_pairs, path / PAIR_IMAGES)))
    pairs = len(examples) // 2
    missing = [] if pairs == PAIRS_COUNT else [not_official("{} pairs", pairs, (PAIRS_COUNT,))]
    return _imported(PAIRS, "Winoground", (path, packs), examples, missing, subset=subset, columns=(OF_PAIR,))


def _of_crepe(root: Path, file: str) -> list[_Example]:
    def listed(text: str) -> list[_Example]:
        return [
            _Example(
                path=inside(root / COCO_IMAGES, str(each["filename"])),
                set=set_of(file),
                captions=(each["caption"], each["negative_caption"]),
                more={},
            )
            for each in json.loads(text).values()
        ]

    return read_with(root / f"{file}.json", listed)


def _of_pairs(images: Path, text: str) -> list[_Example]:
    pairs = [json.loads(line) for line in text.splitlines() if line.strip()]
    return [_of_pair(images, pair, number, own) for number, pair in enumerate(pairs) for own in (0, 1)]


def _of_pair(images: Path, pair: Mapping[str, Any], number: int, own: int) -> _Example:
    """One image of a pair, its own caption before the other's."""
    name = str(pair[f"image_{own}"])
    return _Example(
        path=inside(images, name if "." in name else f"{name}.png"),
        set=TEST,
        captions=(pair[f"caption_{own}"], pair[f"caption_{1 - own}"]),
        more={PAIR: [number]},
    )


def _imported(
    name: str,
    title: str,
    places: tuple[Path, Path],
    examples: tuple[_Example, ...],
    missing: list[str],
    *,
    subset: bool,
    columns: tuple[PackColumn, ...] = (),
) -> Pack:
    """places: the folder with the data, and that of packs."""
    path, packs = places
    problems = problems_of({f"{place} {e.where()}": e.captions for place, e in enumerate(examples)})
    problems += [] if subset else missing
    if problems or not examples:
        raise ImportProblems(path, name, problems or ["no image"], advice="" if subset else SUBSET_ADVICE)
    source = Source(
        name=name,
        title=title,
        licence="the data set's own terms",
        classes=(),
        domains=(name.rpartition("/")[2],),
        examples=examples,
        release="subset" if missing else "official",
        official=not missing,
        columns=(COLUMN, *columns),
        once=True,
    )
    return build_or_explain(source, packs, path)
