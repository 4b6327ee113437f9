"""What a benchmark of one's own is, as its TOML file says: data, parts, tests, columns, and who may see it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from farfield import FarfieldError
from farfield.labels import Budget
from farfield_evaluators.audience import Audience
from farfield_evaluators.benchmark import Role
from farfield_evaluators.suite_identity import SuiteIdentity

SUITE = "own"
SPLIT = "split"  # the column that `data.holdout` makes
FEW_SHOT, DETECTION, REGRESSION = "few-shot-detection", "detection", "regression"
CLASSIFICATION = "classification"
OOD_DETECTION = "ood-detection"
OF_BOXES = (FEW_SHOT, DETECTION)
TESTS = "test/"  # what the set of each test begins with
WITHOUT_CLASS = ("near", "far")  # roles of tests whose images are of no class
Rule = Mapping[str, tuple[str, ...]]  # of each column named, the values that fit


def is_file(identity: SuiteIdentity) -> bool:
    """Whether a suite is a file of a benchmark of one's own: its distribution is the file's name."""
    return identity.name.startswith(f"{SUITE}-") and identity.distribution.endswith(".toml")


def column_name(name: str) -> str:
    """What a pack calls a column of the data: lower case, with hyphens.

    >>> column_name("Hospital_ID"), column_name("place")
    ('hospital-id', 'place')
    """
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


class OwnError(FarfieldError):
    """A file that describes no benchmark; `problems` has a sentence for each mistake."""

    code = "benchmark.bad_file"

    def __init__(self, file: str, problems: list[str]) -> None:
        self.problems = tuple(f"{file}: {problem}" for problem in problems)
        super().__init__("\n  ".join(self.problems))


@dataclass(frozen=True, kw_only=True)
class Data:
    """Where an image's columns come from.

    kind: a folder of folders, a table (CSV or Parquet) of paths, COCO's JSON, or a `datasets` folder saved on disk.
    layout: what the levels of a folder are, such as ("split", "class"). label, path, image, domain: which
    columns hold what. images: the folder of COCO's images, from its JSON's. groups: columns that figures are computed
    by group of. holdout: the share of each class that is the test set, instead of splits that the data have. target: of
    regression, the column of the numbers that are to be told.
    """

    kind: str
    layout: tuple[str, ...] = ()
    label: str = "class"
    path: str = "path"
    image: str = "image"
    images: str = ""
    domain: str = "domain"
    classes: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    holdout: float = 0.0
    target: str = "target"

    def attribute(self, name: str) -> str:
        """What a run's truth calls the groups by a column of the data."""
        return {self.label: "label", self.domain: "domain"}.get(name) or column_name(name)

    @property
    def further_groups(self) -> tuple[str, ...]:
        """Those that a pack needs a column for: it has the domain and the label anyway."""
        return tuple(name for name in self.groups if name not in (self.domain, self.label))


@dataclass(frozen=True, kw_only=True)
class Part:
    """A test domain of the board, and which images it is made of."""

    name: str
    title: str
    role: Role
    where: Rule

    @property
    def set(self) -> str:
        return f"{TESTS}{self.name}"


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A column of the board; over groups by columns of the data it is the worst group's figure, or the groups' mean."""

    metric: str
    on: str
    title: str
    worst_over: tuple[str, ...] = ()
    mean_over: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Folding:
    """A run for each of `names`, values of the column `over`: tested on those images, and fitted on the others."""

    over: str
    names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class OwnSpec:
    """The whole file. `train` and other `parts`, by name, are sets to learn from, by the rule that their images fit.

    masks: of boxes alone, whether detectors are asked for masks, and objects have outlines. budget: how many labels of
    the part "pool" a method may ask for; each has the other.
    """

    name: str
    title: str
    version: str
    family: str
    summary: str
    description: str
    licence: str
    citations: tuple[str, ...]
    tracks: tuple[str, ...]
    trials: int
    stochastic_trials: int
    data: Data
    train: Rule | None
    tests: tuple[Part, ...]
    columns: tuple[Shown, ...]
    parts: Mapping[str, Rule] = field(default_factory=dict)
    folds: Folding | None = None
    audience: Audience | None = field(default_factory=Audience)
    masks: bool = False
    budget: Budget | None = None

    @property
    def has_classes(self) -> bool:
        """Whether an image is of a class; of detection its objects are, and of regression it has a number instead."""
        return self.family not in (*OF_BOXES, REGRESSION)

    @property
    def benchmark_name(self) -> str:
        return f"{SUITE}/{self.name}"
