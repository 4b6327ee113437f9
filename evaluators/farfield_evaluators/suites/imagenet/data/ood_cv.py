"""Import of OOD-CV: `ood_cv/` with its lists and images, and `PASCAL3D+_release1.1/` beside it.

Read as the release's `prepare_ood_cv.py` reads it (wufeim/OOD-CV-Data 3d7aba1): `lists/<class>_<nuisance>.txt` has an
image's name and an object's number a line, `lists/<class>_all.txt` those without a nuisance too, and
`lists/TrainSet.txt` the names of PASCAL3D+'s images to learn from, of which it leaves out those that are not there. An
image stands once in each list here, whatever objects of it are listed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from farfield_evaluators.data.drawings import rank
from farfield_evaluators.data.explained import build_or_explain
from farfield_evaluators.data.packs import Example, Pack, PackClass, PackError, Source
from farfield_evaluators.data.problems import SUBSET_ADVICE, ImportProblems
from farfield_evaluators.suites.imagenet.ood_cv import CLASSES, GIVEN, IID, NUISANCES, PACK, TESTED, TRAIN, set_of

RELEASE, PASCAL3D = "ood_cv", "PASCAL3D+_release1.1"
DOMAINS = (TRAIN, IID, *NUISANCES)


@dataclass(frozen=True, kw_only=True)
class Listed:
    """An image of a list: its file, class by number, and the nuisance, "iid" or "train"."""

    path: Path
    label: int
    of: str


def import_ood_cv(path: Path, packs: Path, *, subset: bool = False) -> Pack:
    """Import the release in `path`.

    Raises PackError where it is not there, ImportProblems naming all that is missing.
    """
    lists = path / RELEASE / "lists"
    if not lists.is_dir():
        raise PackError(f"{path} has no {RELEASE}/lists; give the folder around {RELEASE} and {PASCAL3D}")
    problems: list[str] = []
    listed = [*_training(path, problems), *_tested(path / RELEASE, problems)]
    there = [image for image in listed if image.path.is_file()]
    problems += [f"{image.path.relative_to(path)}: missing" for image in listed if not image.path.is_file()]
    problems += [f"{of}: no image is listed" for of in DOMAINS if not any(image.of == of for image in there)]
    if (problems and not subset) or not there:
        raise ImportProblems(path, PACK, problems, advice="" if subset else SUBSET_ADVICE)
    return build_or_explain(_source(there, _left_out(path, listed), official=not problems), packs, path)


def _lines(file: Path) -> list[str]:
    """The lines of a list that say something; none where there is no such list. Raises PackError for no text."""
    if not file.is_file():
        return []
    try:
        return [line.strip() for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise PackError(f"{file}: is no readable list of images: {error}") from error


def _names(file: Path) -> list[str]:
    """The images of a list of objects, each once, in its order."""
    return list(dict.fromkeys(line.split()[0] for line in _lines(file)))


def _training(path: Path, problems: list[str]) -> Iterator[Listed]:
    """What TrainSet lists and PASCAL3D+ has, under the class of the folder that it is in."""
    wanted = set(_lines(path / RELEASE / "lists" / "TrainSet.txt"))
    for label, name in enumerate(CLASSES):
        for kind in ("imagenet", "pascal"):
            folder = path / PASCAL3D / "Images" / f"{name}_{kind}"
            if not folder.is_dir():
                problems.append(f"{PASCAL3D}/Images/{folder.name}: missing")
                continue
            for file in sorted(folder.iterdir()):
                if file.stem in wanted:
                    yield Listed(path=file, label=label, of=TRAIN)


def _left_out(path: Path, listed: Sequence[Listed]) -> tuple[str, ...]:
    """What TrainSet lists and PASCAL3D+ lacks, as a note."""
    learned = {image.path.stem for image in listed if image.of == TRAIN}
    count = sum(name not in learned for name in _lines(path / RELEASE / "lists" / "TrainSet.txt"))
    return (f"TrainSet.txt names {count} images that {PASCAL3D} lacks",) if count else ()


def _tested(release: Path, problems: list[str]) -> Iterator[Listed]:
    """The images of each nuisance, and those of `<class>_all.txt` that are of none."""
    for label, name in enumerate(CLASSES):
        by_nuisance = {of: _names(release / "lists" / f"{name}_{of}.txt") for of in NUISANCES}
        every = _names(release / "lists" / f"{name}_all.txt")
        if not every:
            problems.append(f"{RELEASE}/lists/{name}_all.txt: missing or empty")
        shifted = {image for names in by_nuisance.values() for image in names}
        by_nuisance[IID] = [image for image in every if image not in shifted]
        for of, names in by_nuisance.items():
            for image in names:
                yield Listed(path=release / "images" / name / f"{image}.JPEG", label=label, of=of)


def _source(images: Sequence[Listed], notes: tuple[str, ...], *, official: bool) -> Source:
    examples = tuple(_examples(images))
    present = {example.set for example in examples}
    halves = {of: [s for s in (set_of(of, GIVEN), set_of(of, TESTED)) if s in present] for of in NUISANCES}
    joined = [(of, tuple(sets)) for of, sets in halves.items() if sets]
    given = tuple(set_of(of, GIVEN) for of in NUISANCES if set_of(of, GIVEN) in present)
    return Source(
        name=PACK,
        title="OOD-CV: ten kinds of things under five nuisances",
        licence="OOD-CV's and PASCAL3D+'s own terms",
        classes=tuple(PackClass(name=name) for name in CLASSES),
        domains=DOMAINS,
        examples=examples,
        joined=(*joined, *([(GIVEN, given)] if given else [])),
        release="official" if official else "subset",
        official=official,
        notes=notes,
    )


def _examples(images: Sequence[Listed]) -> Iterator[Example]:
    """Of a nuisance's images of a class every second, in the order of a hash, is given without labels."""
    places: dict[tuple[str, int], int] = {}
    for image in sorted(images, key=lambda i: (i.of, i.label, rank(PACK, i.path.name))):
        place = places.setdefault((image.of, image.label), 0)
        places[image.of, image.label] += 1
        half = set_of(image.of, TESTED if place % 2 else GIVEN) if image.of in NUISANCES else image.of
        yield Example(path=image.path, set=half, label=image.label, domain=DOMAINS.index(image.of))
