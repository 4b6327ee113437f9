"""FsDet's shot files: which annotations are the shots of a class, and all that is wrong with the files.

`cocosplit/full_box_{k}shot_{class}_trainval.json` for the first shot set, which publications call seed 0, and
`cocosplit/seed{n}/...` for those that FsDet's script drew. The first comes from earlier work (Kang et al., Few-shot
Object Detection via Feature Reweighting, ICCV 2019), whose lists for 10 and 30 shots are not nested; so of the first
nesting and the number of annotations are counted and noted, and of the others enforced.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from farfield_evaluators.data.errors import PackError
from farfield_evaluators.own.coco import is_id
from farfield_evaluators.suites.fsdet.data.document import Document, Ints
from farfield_evaluators.suites.fsdet.data.streamed import read_lists, read_text

DRAWN_FROM = 1  # the first shot set that FsDet's script made


@dataclass(frozen=True, kw_only=True)
class ShotFiles:
    """A folder `cocosplit`, and which shot files of it are asked for: classes by id, numbers of shots, shot sets."""

    folder: Path
    classes: Mapping[int, str]
    shots: Sequence[int]
    shot_sets: Sequence[int]

    def path(self, shot_set: int, shots: int, name: str) -> Path:
        """Where the file of a class lies.

        >>> files = ShotFiles(folder=Path("cocosplit"), classes={}, shots=(), shot_sets=())
        >>> files.path(2, 5, "cat").as_posix()
        'cocosplit/seed2/full_box_5shot_cat_trainval.json'
        """
        folder = self.folder if shot_set == 0 else self.folder / f"seed{shot_set}"
        return folder / shot_file(shots, name)


def shot_file(shots: int, name: str) -> str:
    """What FsDet calls the file of a class."""
    return f"full_box_{shots}shot_{name}_trainval.json"


@dataclass(kw_only=True)
class ShotSets:
    """Rows of the document's objects by shot set and number of shots, and what is wrong or worth a note."""

    taken: dict[tuple[int, int], list[int]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def records(self) -> Iterator[tuple[int, int, tuple[int, ...]]]:
        """Each shot set, each row that is taken in it, and the numbers of shots it is among."""
        among: dict[tuple[int, int], list[int]] = {}
        for (shot_set, shots), rows in self.taken.items():
            for row in rows:
                among.setdefault((shot_set, row), []).append(shots)
        for (shot_set, row), shots_of in sorted(among.items()):
            yield shot_set, row, tuple(shots_of)


def read_shots(files: ShotFiles, document: Document, *, subset: bool) -> ShotSets:
    """Every shot file, held against the annotations it was drawn from.

    subset: a shot set may lack all files of a number of shots, or be missing.
    """
    read = ShotSets()
    for shot_set in files.shot_sets:
        _Set(files, document, shot_set, read).read(subset)
    return read


class _Set:
    """One shot set while it is read."""

    def __init__(self, files: ShotFiles, document: Document, shot_set: int, read: ShotSets) -> None:
        self._files, self._document, self._number, self._read = files, document, shot_set, read
        self._counts = {"not nested": 0, "fewer": 0, "more": 0}

    def read(self, subset: bool) -> None:
        before: dict[int, Ints] = {}
        for shots in self._files.shots:
            paths = {key: self._files.path(self._number, shots, name) for key, name in self._files.classes.items()}
            if subset and not any(path.exists() for path in paths.values()):
                self._read.notes.append(f"shot set {self._number} has no files of {shots} shots")
                continue
            checked = {key: self._checked(path, key, shots) for key, path in paths.items()}
            rows = {key: each for key, each in checked.items() if each is not None}
            self._nested(before, rows, shots)
            before = rows
            self._read.taken[self._number, shots] = [row for each in rows.values() for row in each.tolist()]
        self._note()

    def _checked(self, path: Path, category: int, shots: int) -> Ints | None:
        """The rows of a file's annotations: k of them, where it has more. None for a file that is not in order."""
        before = len(self._read.problems)
        try:
            rows = self._rows(path, category)
        except PackError as error:
            self._read.problems.append(str(error))
            return None
        if len(rows) != shots:
            says = f"{self._called(path)} has {len(rows)} annotations for {shots} shots"
            self._count("fewer" if len(rows) < shots else "more", says)
        if len(self._read.problems) > before:
            return None
        return drawn(self._document, rows, shots, (self._number, category, shots)) if len(rows) > shots else rows

    def _rows(self, path: Path, category: int) -> Ints:
        annotations: list[dict[str, Any]] = []
        images: set[Any] = set()
        takers = {
            "images": lambda image, *_: images.add(str(image.get("id"))),
            "annotations": lambda annotation, *_: annotations.append(annotation),
        }
        read_lists(self._called(path), read_text(path), takers)
        ids = [int(each["id"]) if is_id(each.get("id")) else -1 for each in annotations]
        rows: dict[int, None] = {}
        for annotation, row in zip(annotations, self._document.rows_of(ids), strict=True):
            problem = self._problem(annotation, row, category, images, rows)
            if problem:
                self._read.problems.append(
                    f"{self._called(path)}: annotation {str(annotation.get('id'))[:40]} {problem}"
                )
            elif row is not None:
                rows[row] = None
        return np.array(list(rows), np.int64)

    def _problem(
        self,
        annotation: Mapping[str, Any],
        row: int | None,
        category: int,
        images: set[Any],
        before: Mapping[int, None],
    ) -> str:
        """Why an annotation of a shot file is no shot; empty when it is."""
        if row is None:
            return f"is none of {self._document.name}"
        objects = self._document.objects
        if annotation.get("category_id") != category or objects.categories[row] != category:
            return f"is of the category {objects.categories[row]}, and not of {category}"
        if annotation.get("image_id") != objects.images[row] or str(objects.images[row]) not in images:
            return f"is of the image {objects.images[row]}, which the file does not give it"
        if objects.crowd[row]:
            return "is of a crowd, which is no example of one object"
        return "comes twice" if row in before else ""

    def _nested(self, before: Mapping[int, Ints], now: Mapping[int, Ints], shots: int) -> None:
        for key in sorted(before.keys() & now.keys()):
            lost = len(np.setdiff1d(before[key], now[key]))
            if lost:
                name = self._files.path(self._number, shots, self._files.classes[key])
                self._count("not nested", f"{self._called(name)} lacks {lost} of the annotations taken for fewer shots")

    def _count(self, what: str, problem: str) -> None:
        self._counts[what] += 1
        if self._number >= DRAWN_FROM:
            self._read.problems.append(problem)

    def _note(self) -> None:
        said = {
            "not nested": "{} files lack annotations that are taken for fewer shots",
            "fewer": "{} files have fewer annotations than shots",
            "more": "{} files have more annotations than shots, of which as many as shots are drawn, always the same",
        }
        counts = [text.format(self._counts[what]) for what, text in said.items() if self._counts[what]]
        if counts and self._number < DRAWN_FROM:
            self._read.notes.append(f"shot set {self._number}: {'; '.join(counts)}")

    def _called(self, path: Path) -> str:
        return path.relative_to(self._files.folder).as_posix()


def drawn(document: Document, rows: Ints, shots: int, seed: tuple[int, ...]) -> Ints:
    """k of these rows, without replacement, of the order in which FsDet's loader has them: by image.

    Its loader draws with whatever state numpy's generator has, so that every start of a training may see other shots.
    Here a draw has a seed of its own and is made once, when the pack is.
    """
    listed = rows[np.argsort(document.objects.images[rows], kind="stable")]
    return np.asarray(np.random.default_rng(seed).choice(listed, shots, replace=False), np.int64)
