"""Import of MTIL's data: for each of the eleven data sets a folder with `train` and `test`, in each a folder a class.

    fgvc_aircraft/train/707-320/0056978.jpg
    fgvc_aircraft/test/707-320/1191660.jpg
    reference/n01440764_10026.JPEG

`reference` has images of no task, without labels: ImageNet's in the paper. They may lie in folders of their own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from farfield_evaluators.data.explained import build_or_explain
from farfield_evaluators.data.joined import Joined
from farfield_evaluators.data.label_space import subset
from farfield_evaluators.data.listing import entries, is_image
from farfield_evaluators.data.packs import Example, Pack, PackClass, PackError, Source
from farfield_evaluators.data.problems import SUBSET_ADVICE, ImportProblems
from farfield_evaluators.suites.mtil.benchmarks import MTIL
from farfield_evaluators.suites.mtil.names import ORDERS, PACK, REFERENCE, TASKS, asked_of, learned_sets, train_of

DOMAINS = (*TASKS, REFERENCE)
SPLITS = {"train": train_of, "test": asked_of}
NO_CLASS = -1


@dataclass(frozen=True, kw_only=True)
class Folder:
    """Images below one folder, sorted by name: of which set, and of which class of which task (of none: "")."""

    path: Path
    set: str
    task: str
    name: str
    images: tuple[str, ...]


def import_official(path: Path, packs: Path, *, subset: bool = False) -> Pack:
    """Import `path`, the folder with the eleven data sets and `reference`, as the pack `mtil`.

    subset: take fewer classes than the releases have; its pack says that it is not the official data. Raises PackError
    when `path` is not such a folder at all, ImportProblems naming all that is wrong otherwise.
    """
    if not any((path / task.folder).is_dir() for task in TASKS.values()):
        known = ", ".join(task.folder for task in TASKS.values())
        raise PackError(f"{path} has none of the folders {known}; give the one around them")
    problems: list[str] = []
    folders = [each for task in TASKS for each in _task(path, task, problems)]
    reference = list(_reference(path, problems))
    missing = list(_other_counts(folders))
    problems += [] if subset else missing
    if problems:
        raise ImportProblems(path, PACK, problems, advice="" if subset else SUBSET_ADVICE)
    return build_or_explain(_source(folders, reference, official=not missing), packs, path)


def _task(root: Path, task: str, problems: list[str]) -> Iterator[Folder]:
    """The folders of a data set's classes in both splits, which must be the same."""
    home, found = root / TASKS[task].folder, dict[str, dict[str, Folder]]()
    for split, named in SPLITS.items():
        if not (home / split).is_dir():
            problems.append(f"{TASKS[task].folder}/{split}: no folder")
            continue
        found[split] = {}
        for entry in entries(home / split):
            where = f"{TASKS[task].folder}/{split}/{entry.name}"
            images = _images(home / split / entry.name) if entry.is_folder else ()
            if images:
                found[split][entry.name] = Folder(
                    path=home / split / entry.name, set=named(task), task=task, name=entry.name, images=images
                )
            else:
                problems.append(f"{where}: {'no image' if entry.is_folder else 'not a folder of a class'}")
    if len(found) == len(SPLITS):
        alone = sorted(found["train"].keys() ^ found["test"].keys())
        problems += [f"{TASKS[task].folder}: the class {name} is in one of train and test alone" for name in alone]
    for folders in found.values():
        yield from folders.values()


def _reference(root: Path, problems: list[str]) -> Iterator[Folder]:
    home = root / REFERENCE
    folders = [home, *(home / e.name for e in entries(home) if e.is_folder)] if home.is_dir() else []
    found = [(folder, _images(folder)) for folder in folders]
    if not any(images for _, images in found):
        problems.append(f"{REFERENCE}: no image; it has images of no task, ImageNet's in the paper")
    for folder, images in found:
        yield Folder(path=folder, set=REFERENCE, task="", name="", images=images)


def _other_counts(folders: Sequence[Folder]) -> Iterator[str]:
    for name, task in TASKS.items():
        count = len({each.name for each in folders if each.task == name})
        if count != task.classes:
            yield f"{task.folder}: {count} classes, not {task.classes}"


def _images(folder: Path) -> tuple[str, ...]:
    return tuple(entry.name for entry in entries(folder) if is_image(entry.name) and not entry.is_folder)


def _source(folders: Sequence[Folder], reference: Sequence[Folder], *, official: bool) -> Source:
    classes = list(dict.fromkeys((each.task, each.name) for each in folders))
    return Source(
        name=PACK,
        title="MTIL",
        licence=MTIL.licence,
        classes=tuple(PackClass(name=name.replace("_", " ").strip(), synsets=()) for _, name in classes),
        domains=DOMAINS,
        examples=Joined(
            [_Part(each, classes.index((each.task, each.name))) for each in folders]
            + [_Part(each, NO_CLASS) for each in reference]
        ),
        label_spaces=tuple(
            (asked_of(task), subset([number for number, (of, _) in enumerate(classes) if of == task])) for task in TASKS
        ),
        joined=learned_sets(ORDERS),
        release="official" if official else "subset",
        official=official,
    )


class _Part:
    """The images of one folder, each made when it is asked for."""

    def __init__(self, folder: Folder, label: int) -> None:
        self._folder, self._label = folder, label
        self._domain = DOMAINS.index(folder.task or REFERENCE)

    def __len__(self) -> int:
        return len(self._folder.images)

    def __getitem__(self, index: int) -> Example:
        path = self._folder.path / self._folder.images[index]
        return Example(path=path, set=self._folder.set, label=self._label, domain=self._domain)
