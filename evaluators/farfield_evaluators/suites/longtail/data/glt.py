"""Import of GLT's data sets from their annotation files and their images: ImageNet's training images, or crops of COCO.

Tang et al., ECCV 2022 (arXiv 2207.09504), section 3. A file has the splits train, val, test_lt, test_bl and test_bbl,
each with the label, frequency and attribute of every image by its path, and what class every label is of. Paths are
those of the machine that made the file, so of each only the end counts; see `glt_layouts`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from farfield.errors import reason
from farfield_evaluators.data import imagenet_classes
from farfield_evaluators.data.explained import build_or_explain
from farfield_evaluators.data.joined import Joined
from farfield_evaluators.data.packs import Pack, PackColumn, PackError, Source
from farfield_evaluators.data.path_lists import is_file
from farfield_evaluators.data.problems import SUBSET_ADVICE, ImportProblems, too_few, too_many
from farfield_evaluators.suites.longtail.data.glt_layouts import CocoCrops, ImageNet, Layout
from farfield_evaluators.suites.longtail.data.listed import Listed, cut_short, empty_buckets, twice
from farfield_evaluators.suites.longtail.shots import BUCKETS

ATTRIBUTES = ("0", "1", "2")
FREQUENCY = PackColumn(name="frequency", kind="group", values=BUCKETS)
ATTRIBUTE = PackColumn(name="attribute", kind="group", values=ATTRIBUTES)
IMAGENET_LICENCE = "ImageNet's terms of access: non-commercial research and education; the images are their owners'"
COCO_LICENCE = "COCO's terms: annotations CC BY 4.0; the images are Flickr's users' and have their licences"


@dataclass(frozen=True, kw_only=True)
class Annotations:
    """One annotation file. sets: its splits that are taken, by their names in the pack; counts: images of a set.

    tested: the sets that benchmarks test on; bucketed: columns of whose every bucket a board has a figure. licence: of
    the images; layout: how images lie, and what classes are called.
    """

    pack: str
    title: str
    file: str
    sets: Mapping[str, str]
    counts: Mapping[str, int]
    tested: tuple[str, ...]
    bucketed: tuple[PackColumn, ...] = ()
    class_count: int = imagenet_classes.COUNT
    licence: str = IMAGENET_LICENCE
    layout: Layout = field(default_factory=ImageNet)


LT = Annotations(
    pack="longtail-glt-imagenet-lt",
    title="ImageNet-GLT: classes and attributes long-tailed in training",
    file="imagenet_sup_intra_lt_inter_lt.json",
    sets={"train": "train", "val": "val", "test-bl": "test_bl", "test-bbl": "test_bbl"},
    counts={"val": 30_000, "test-bl": 60_000},
    tested=("test-bl", "test-bbl"),
    bucketed=(FREQUENCY,),
)
IID = Annotations(
    pack="longtail-glt-imagenet-iid",
    title="ImageNet-GLT: tested as it is trained, classes and attributes long-tailed",
    file=LT.file,
    sets={"train": "train", "val": "val", "test-lt": "test_lt"},
    counts={"val": 30_000, "test-lt": 60_000},
    tested=("test-lt",),
    bucketed=(FREQUENCY,),
)
BL = Annotations(
    pack="longtail-glt-imagenet-bl",
    title="ImageNet-GLT: classes balanced and attributes long-tailed in training",
    file="imagenet_sup_intra_lt_inter_bl.json",
    sets={"train": "train", "val": "val", "test-bbl": "test_bbl"},
    counts={"val": 30_000},
    tested=("test-bbl",),
)
COCO_LT = Annotations(
    pack="longtail-glt-coco-lt",
    title="MSCOCO-GLT: classes and attributes long-tailed in training",
    file="annotation.json",
    sets={"train": "train", "val": "val", "test-lt": "test_lt", "test-bl": "test_bl", "test-bbl": "test_bbl"},
    counts={"val": 100 * 29, "test-lt": 200 * 29, "test-bl": 200 * 29, "test-bbl": 200 * 29},
    tested=("test-lt", "test-bl", "test-bbl"),
    bucketed=(FREQUENCY,),
    class_count=29,
    licence=COCO_LICENCE,
    layout=CocoCrops(folder="coco_glt"),
)
COCO_BL = Annotations(
    pack="longtail-glt-coco-bl",
    title="MSCOCO-GLT: classes balanced and attributes long-tailed in training",
    file="annotation.json",
    sets={"train": "train", "val": "val", "test-bbl": "test_bbl"},
    counts={"val": 50 * 29, "test-bbl": 100 * 29},
    tested=("test-bbl",),
    class_count=29,
    licence=COCO_LICENCE,
    layout=CocoCrops(folder="coco_cbl"),
)
SPECS = (LT, IID, BL, COCO_LT, COCO_BL)


def import_annotations(spec: Annotations, path: Path, packs: Path, *, subset: bool = False) -> Pack:
    """Import an annotation file and its images, which lie below `path` as the layout says.

    subset: counts are not held against the release's. Raises PackError where there is no such file, ImportProblems
    naming all that is wrong otherwise.
    """
    home = spec.layout.home(path, spec.file)
    if not (home / spec.file).is_file():
        raise PackError(f"{path} has no {spec.file}; give the folder with it and with {spec.layout.images}")
    problems: list[str] = []
    content = _content(spec, home / spec.file)
    names = _names(spec, content, problems)
    labelled = Labelled(names=names, root=spec.layout.root(home, names), layout=spec.layout)
    sets = [_set(name, content.get(split), labelled, problems) for name, split in spec.sets.items()]
    problems += [*_miscounted(spec, sets, subset=subset), *twice(sets), *_mixed(sets)]
    if not problems:
        tested = [each for each in sets if each.set in spec.tested]
        problems += [problem for each in tested for problem in empty_buckets(spec.bucketed, each)]
    if problems:
        raise ImportProblems(path, spec.pack, problems, advice="" if subset else SUBSET_ADVICE)
    return build_or_explain(_source(spec, sets, names, official=not subset), packs, path)


def _content(spec: Annotations, file: Path) -> Mapping[str, Any]:
    try:
        content = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        content, told = {}, f"is no JSON: {reason(error)}"
    else:
        wanted = (*spec.sets.values(), "id2cat", "cat2id")
        absent = [name for name in wanted if not isinstance(content, dict) or not isinstance(content.get(name), dict)]
        told = f"has no {', '.join(absent)}" if absent else ""
    if told:
        raise ImportProblems(file.parent, spec.pack, [f"{spec.file}: {told}"])
    found: Mapping[str, Any] = content
    return found


def _names(spec: Annotations, content: Mapping[str, Any], problems: list[str]) -> tuple[str, ...]:
    """What class each label is of, in GLT's word. A table that is not one to one, or has no class, is a problem."""
    table, back = content["id2cat"], content["cat2id"]
    names = tuple(str(table.get(str(number), "")) for number in range(spec.class_count))
    problems += [
        f"id2cat: label {number} is of {name or 'nothing'}, which is no class of {spec.layout.of}"
        for number, name in enumerate(names)
        if not spec.layout.is_class(name)
    ]
    if len(set(names)) < len(names) or len(table) != len(names):
        problems.append(
            f"id2cat: has {len(table):,} labels of {len(set(names)):,} classes; {len(names):,} are expected"
        )
    if any(str(back.get(name)) != str(number) for number, name in enumerate(names)):
        problems.append("cat2id: does not lead back from the classes to the labels of id2cat")
    return names


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """What class each label is of, and where below which folder images lie."""

    names: tuple[str, ...]
    root: Path
    layout: Layout


def _set(name: str, split: Any, labelled: Labelled, problems: list[str]) -> Listed:
    own: list[str] = []
    rows = [row for row in _rows(name, split, labelled, own) if _is_there(labelled.root, row, name, own)]
    problems += cut_short(own)
    numbers = np.array([row[1:] for row in rows], np.int64).reshape(-1, 3)
    return Listed(
        root=labelled.root,
        set=name,
        files=tuple(row[0] for row in rows),
        labels=numbers[:, 0],
        groups={FREQUENCY.name: numbers[:, 1], ATTRIBUTE.name: numbers[:, 2]},
    )


def _rows(name: str, split: Any, labelled: Labelled, problems: list[str]) -> Iterator[tuple[str, int, int, int]]:
    """File, label, frequency and attribute of each image that is annotated as it must be."""
    tables = [split.get(what) for what in ("label", "frequency", "attribute")]
    if not all(isinstance(table, dict) for table in tables):
        problems.append(f"{name}: has not all of label, frequency and attribute")
        return
    for key in tables[0]:
        label, frequency, attribute = (_number(table.get(key)) for table in tables)
        file = labelled.layout.file(key, split)
        if (
            not 0 <= label < len(labelled.names)
            or not 0 <= frequency < len(BUCKETS)
            or not 0 <= attribute < len(ATTRIBUTES)
        ):
            problems.append(f"{name}, {file}: has no label, frequency or attribute that can be")
        elif says := labelled.layout.misplaced(file, labelled.names[label]):
            problems.append(f"{name}, {file}: label {label} is of {says}")
        else:
            yield file, label, frequency, attribute
    more = {path for table in tables[1:] for path in table} - tables[0].keys()
    problems += [f"{name}, {path}: has no label" for path in sorted(more)]


def _number(value: Any) -> int:
    """A whole number, which the files have as a text too; -1 for anything else.

    >>> _number("12"), _number(2), _number(None), _number(True)
    (12, 2, -1, -1)
    """
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else -1


def _is_there(root: Path, row: tuple[str, int, int, int], name: str, problems: list[str]) -> bool:
    if is_file(root / row[0]):
        return True
    problems.append(f"{name}, {row[0]}: missing in {root.name}")
    return False


def _miscounted(spec: Annotations, sets: Sequence[Listed], *, subset: bool) -> Iterator[str]:
    for each in sets:
        if not len(each):
            yield f"{each.set}: has no image that could be read"
        elif each.set in spec.counts and not subset:
            known = [spec.counts[each.set]]
            yield from too_many(f"{each.set}: {{}} images", len(each), known)
            yield from too_few(f"{each.set}: {{}} images", len(each), known)


def _mixed(sets: Sequence[Listed]) -> Iterator[str]:
    """A sentence for each class whose images are not all of one frequency: it goes by the class's rank."""
    seen: dict[int, set[int]] = {}
    for each in sets:
        pairs = np.unique(np.stack([each.labels, each.groups[FREQUENCY.name]], axis=1), axis=0)
        for label, frequency in pairs.tolist():
            seen.setdefault(label, set()).add(frequency)
    for label in sorted(label for label, found in seen.items() if len(found) > 1):
        yield f"class {label}: has images of the frequencies {', '.join(map(str, sorted(seen[label])))}; it is of one"


def _source(spec: Annotations, sets: Sequence[Listed], names: Sequence[str], *, official: bool) -> Source:
    return Source(
        name=spec.pack,
        title=spec.title,
        licence=spec.licence,
        classes=spec.layout.classes(names),
        domains=("images",),
        examples=Joined(sets),
        release="official" if official else "subset",
        official=official,
        columns=(FREQUENCY, ATTRIBUTE),
        notes=tuple(f"{each.set}: {len(each):,} images of {len(np.unique(each.labels)):,} classes" for each in sets),
    )
