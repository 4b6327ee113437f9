"""Import of ImageNet-GLT from its annotation files and ImageNet's training images.

Tang et al., ECCV 2022 (arXiv 2207.09504), section 3. A file has the splits train, val, test_lt, test_bl and test_bbl,
each with the label, frequency and attribute of every image by its path, and the wnid of every label. Paths are those of
the machine that made the file, so of each only the class folder and the name count. test_lt is of no protocol here.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from farfield.errors import reason
from farfield_evaluators.data import imagenet_classes
from farfield_evaluators.data.explained import build_or_explain
from farfield_evaluators.data.joined import Joined
from farfield_evaluators.data.packs import Pack, PackClass, PackColumn, PackError, Source
from farfield_evaluators.data.path_lists import is_file
from farfield_evaluators.data.problems import SUBSET_ADVICE, ImportProblems, too_few, too_many
from farfield_evaluators.suites.longtail.data.listed import Listed, cut_short, empty_buckets, twice
from farfield_evaluators.suites.longtail.shots import BUCKETS

ATTRIBUTES = ("0", "1", "2")
FREQUENCY = PackColumn(name="frequency", kind="group", values=BUCKETS)
ATTRIBUTE = PackColumn(name="attribute", kind="group", values=ATTRIBUTES)
IMAGES = ("train", "", "ILSVRC/Data/CLS-LOC/train", "imagenet/train")


@dataclass(frozen=True, kw_only=True)
class Annotations:
    """One annotation file. sets: its splits that are taken, by their names in the pack; counts: images of a set.

    tested: the sets that benchmarks test on; bucketed: columns of whose every bucket a board has a figure.
    """

    pack: str
    title: str
    file: str
    sets: Mapping[str, str]
    counts: Mapping[str, int]
    tested: tuple[str, ...]
    bucketed: tuple[PackColumn, ...] = ()
    class_count: int = imagenet_classes.COUNT


LT = Annotations(
    pack="longtail-glt-imagenet-lt",
    title="ImageNet-GLT: classes and attributes long-tailed in training",
    file="imagenet_sup_intra_lt_inter_lt.json",
    sets={"train": "train", "val": "val", "test-bl": "test_bl", "test-bbl": "test_bbl"},
    counts={"val": 30_000, "test-bl": 60_000},
    tested=("test-bl", "test-bbl"),
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


def import_annotations(spec: Annotations, path: Path, packs: Path, *, subset: bool = False) -> Pack:
    """Import an annotation file and its images, which lie in class folders in `path`, or in `train` there.

    subset: counts are not held against the release's. Raises PackError where there is no such file, ImportProblems
    naming all that is wrong otherwise.
    """
    if not (path / spec.file).is_file():
        raise PackError(f"{path} has no {spec.file}; give the folder with it and with ImageNet's training images")
    problems: list[str] = []
    content = _content(spec, path / spec.file)
    wnids = _wnids(spec, content, problems)
    root = _images(path, wnids)
    sets = [_set(name, content.get(split), wnids, root, problems) for name, split in spec.sets.items()]
    problems += [*_miscounted(spec, sets, subset=subset), *twice(sets), *_mixed(sets)]
    if not problems:
        tested = [each for each in sets if each.set in spec.tested]
        problems += [problem for each in tested for problem in empty_buckets(spec.bucketed, each)]
    if problems:
        raise ImportProblems(path, spec.pack, problems, advice="" if subset else SUBSET_ADVICE)
    return build_or_explain(_source(spec, sets, wnids, official=not subset), packs, path)


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


def _wnids(spec: Annotations, content: Mapping[str, Any], problems: list[str]) -> tuple[str, ...]:
    """The wnid of each label. A table that is not one to one, or has a wnid that is none, is a problem."""
    table, back = content["id2cat"], content["cat2id"]
    wnids = tuple(str(table.get(str(number), "")) for number in range(spec.class_count))
    known = imagenet_classes.numbers()
    problems += [
        f"id2cat: label {number} is of {wnid or 'nothing'}, which is no class of ImageNet's"
        for number, wnid in enumerate(wnids)
        if wnid not in known
    ]
    if len(set(wnids)) < len(wnids) or len(table) != len(wnids):
        problems.append(
            f"id2cat: has {len(table):,} labels of {len(set(wnids)):,} classes; {len(wnids):,} are expected"
        )
    if any(str(back.get(wnid)) != str(number) for number, wnid in enumerate(wnids)):
        problems.append("cat2id: does not lead back from the classes to the labels of id2cat")
    return wnids


def _images(path: Path, wnids: Sequence[str]) -> Path:
    """The folder of class folders in `path`; `path` where there is none."""
    places = [path / name for name in IMAGES]
    return next((place for place in places if any((place / wnid).is_dir() for wnid in wnids if wnid)), path)


def _set(name: str, split: Any, wnids: Sequence[str], root: Path, problems: list[str]) -> Listed:
    own: list[str] = []
    rows = [row for row in _rows(name, split, wnids, own) if _is_there(root, row, name, own)]
    problems += cut_short(own)
    numbers = np.array([row[1:] for row in rows], np.int64).reshape(-1, 3)
    return Listed(
        root=root,
        set=name,
        files=tuple(row[0] for row in rows),
        labels=numbers[:, 0],
        groups={FREQUENCY.name: numbers[:, 1], ATTRIBUTE.name: numbers[:, 2]},
    )


def _rows(name: str, split: Any, wnids: Sequence[str], problems: list[str]) -> Iterator[tuple[str, int, int, int]]:
    """File, label, frequency and attribute of each image that is annotated as it must be."""
    tables = [split.get(what) for what in ("label", "frequency", "attribute")]
    if not all(isinstance(table, dict) for table in tables):
        problems.append(f"{name}: has not all of label, frequency and attribute")
        return
    for path in tables[0]:
        label, frequency, attribute = (_number(table.get(path)) for table in tables)
        file = "/".join(PurePosixPath(path).parts[-2:])
        if not 0 <= label < len(wnids) or not 0 <= frequency < len(BUCKETS) or not 0 <= attribute < len(ATTRIBUTES):
            problems.append(f"{name}, {file}: has no label, frequency or attribute that can be")
        elif file.partition("/")[0] != wnids[label] or ".." in file:
            problems.append(f"{name}, {file}: label {label} is of the folder {wnids[label]}")
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


def _source(spec: Annotations, sets: Sequence[Listed], wnids: Sequence[str], *, official: bool) -> Source:
    known = {synset: each for each in imagenet_classes.classes() for synset in each.synsets}
    classes: tuple[PackClass, ...] = tuple(known[wnid] for wnid in wnids)
    return Source(
        name=spec.pack,
        title=spec.title,
        licence="ImageNet's terms of access: non-commercial research and education; the images are their owners'",
        classes=classes,
        domains=("images",),
        examples=Joined(sets),
        release="official" if official else "subset",
        official=official,
        columns=(FREQUENCY, ATTRIBUTE),
        notes=tuple(f"{each.set}: {len(each):,} images of {len(np.unique(each.labels)):,} classes" for each in sets),
    )
