"""How an entry becomes runs, and runs become figures: all that site, workers and commands ask of a benchmark's plan.

A plan is a value that a benchmark has. It says which runs an entry is made of (its cells), lays one of them out for the
runner, turns what came of it into evidence, and evidence into the figures of a board. `plans/` has those that fit most
benchmarks; a suite may bring its own. What a plan need not say for itself it has from `plans.base.PlanBase`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from farfield.errors import FarfieldError
from farfield_evaluators.figure import Figure
from farfield_evaluators.prose import Door, Prose

if TYPE_CHECKING:
    from farfield_evaluators.benchmark import Benchmark
    from farfield_evaluators.data.packs import Pack
    from farfield_evaluators.outcomes import Outcomes
    from farfield_evaluators.scoring.remarks import Remark
    from farfield_evaluators.staged_features import FeatureSource

Json = Mapping[str, Any]
Arrays = Mapping[str, npt.NDArray[Any]]
File = tuple[str, str]
"""Path in an archive, and content."""
MOST_CELLS = 10_000
Spread = Literal["stderr", "std", "ci95"]
"""What is shown after ± of a mean over repeats: its standard error, the repeats' standard deviation (ddof 1), or
FsDet's 95% interval, 1.96 standard deviations (ddof 0) over the root of their number."""


class PlanError(FarfieldError):
    """A plan that cannot be followed, by nobody's fault who entered: too many runs, or other runs than it said."""

    code = "platform.plan"


class FileRefused(FarfieldError):
    """A file that cannot be handed in. `problems` are all that were found, one a line, where there are several."""

    problems: tuple[Any, ...] = ()


class NotRunnable(FarfieldError):
    """A method that cannot be run by this plan; says why, and what could be."""

    code = "plugin.wrong_inputs"


@dataclass(frozen=True, kw_only=True)
class Axis:
    """One direction in which the runs of an entry differ.

    name: the key in a cell's `at`; title: above a list of values; shown: a value in few words, such as "A and P";
    phrase: a value within a sentence, `{}` stands for it, such as "{} held out"; asked: its name in addresses of pages.
    """

    name: str
    title: str
    shown: Callable[[Any], str] = str
    phrase: str = "{}"
    asked: str = ""

    @property
    def parameter(self) -> str:
        """Its name in addresses of pages."""
        return self.asked or self.name

    def said(self, value: Any) -> str:
        """The value within a sentence.

        >>> Axis(name="trial", title="Trial", shown=lambda n: f"trial {n + 1}").said(0)
        'trial 1'
        """
        return self.phrase.format(self.shown(value))


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One run: where it stands on each axis, as JSON, and its seed, 0 <= seed < 2**31.

    An empty `at` stands for the whole plan, of what is handed in at once.
    """

    at: Json
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class Tier:
    """How much of a plan is run: one submission chooses one. `protocol` is JSON: what makes results comparable.

    Entries of different tiers are never ranked together. Titles and descriptions do not count.
    """

    name: str
    title: str
    description: str
    protocol: Mapping[str, Any] = field(hash=False)


@dataclass(frozen=True, kw_only=True)
class Entrant:
    """Who enters: `identity` is what no other entry has (the submission's id; "local" at home), which seeds hash."""

    identity: str
    benchmark: str
    method: str


@dataclass(frozen=True, kw_only=True)
class Selection:
    """One of several ways to choose which of an entry's runs count; `metric` holds its figures.

    `lacking` says, by the name of a tier, why that has no figures of it.
    """

    name: str
    title: str
    help: str
    metric: str
    lacking: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What one run gives, sent from worker to site: figures, or lines of text they are made from, and facts as JSON.

    Lines have an end each; facts are small, and all that is known beside the lines. `outcomes` of each example go apart
    from the report, where there are any, and `remarks` into the run's log.
    """

    figures: tuple[Figure, ...] = ()
    lines: str = ""
    facts: Json = field(default_factory=dict)
    outcomes: "Outcomes | None" = field(default=None, repr=False, compare=False)
    remarks: "tuple[Remark, ...]" = field(default=(), compare=False)


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What a group of runs gives for one figure: kept, so that a board never reads all the evidence there is.

    `at` says which group, by axis; `facts`, JSON too, says of it what was chosen, such as {"step": 300}.
    """

    metric: str
    domain: str
    value: float
    stderr: float | None = None
    n: int | None = None
    at: Json = field(default_factory=dict)
    facts: Json = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Staging:
    """One run to be laid out below `folder` as in/ of the runner: train/ and test/, no truth.

    description: the method's, as `MethodSpec.describe` gives it. config: what was set by hand.
    features: those of a pack's images [N_pack, D], where the method takes features; computed when it is called.
    room: bytes that predictions may take at most, None for any. base_seed: the seed of what is learned once for all
    runs of the entry. left_out: parts, by name, that are not laid out: the run goes on without them.
    on_request: whether images to learn from are taken out of `folder` before the run and given when it asks, as test
    images are: then no copy of them need be made.
    """

    benchmark: "Benchmark"
    pack: "Pack"
    tier: str
    cell: Cell
    entrant: Entrant
    description: Json
    config: Json
    folder: Path
    features: "FeatureSource | None" = None
    room: int | None = None
    base_seed: int = 0
    left_out: frozenset[str] = frozenset()
    on_request: bool = False


@dataclass(frozen=True, kw_only=True)
class BasePart:
    """The base phase of a run, of which nothing is laid out yet: runs for which job and data are equal share it.

    job: entries of the runner's job file, without its kind and what the machine decides. data: JSON, which images it
    learns from. lay_out: writes those into new folders below the one that it is given. declared: JSON, what the method
    says of a base that it declares (`farfield.Base`): methods share it then; empty where a base phase is its own.
    """

    job: Json
    data: Json
    lay_out: Callable[[Path], None] = field(repr=False, compare=False)
    declared: Json = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Staged:
    """A run that is laid out. `truth` stays outside the sandbox, and only the plan looks into it.

    job: entries of the runner's job file, without what the machine decides. examples [N], classes C and checkpoints
    [K], the steps after which all are predicted, give the sizes of what the run writes. notes: files of JSON that it
    writes beside the arrays, with the most bytes of each. remark: a line for its log. labels: those of the part "pool"
    int64 [P], in the order in which it is staged, which a method may ask for within the benchmark's budget.
    """

    truth: Any
    job: Json
    examples: int
    classes: int
    checkpoints: tuple[int, ...] = ()
    notes: Mapping[str, int] = field(default_factory=dict)
    remark: str = ""
    labels: npt.NDArray[np.int64] | None = None


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """What a run wrote, of the right shapes and types: arrays by name, and notes by the name of their file.

    A note is an object of JSON that was written beside submitted code, so nothing in it is to be believed.
    """

    arrays: Arrays
    notes: Json = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why a file cannot be handed in: a stable code, a sentence, and the field at fault ("upload" or "tier")."""

    code: str
    sentence: str
    field: str = "upload"
    hint: str = ""


class HandedIn(Protocol):
    """How results that were made elsewhere come in as one file. The file is hostile; nothing of it is executed.

    kind: what uploads of this form are kept as, the same for all plans that take the form. noun: what such a file is
    called, "predictions". suffix: how its name ends. hint: where it is said what it must hold. door: its form.
    """

    @property
    def kind(self) -> str: ...
    @property
    def noun(self) -> str: ...
    @property
    def suffix(self) -> str: ...
    @property
    def hint(self) -> str: ...
    @property
    def door(self) -> Door: ...

    def fits(self, benchmark: "Benchmark") -> bool:
        """Whether results of this benchmark can be such a file."""

    def files(self, benchmark: "Benchmark") -> tuple[str, ...]:
        """What the file must hold within it, by name; empty where it is no archive of files with given names."""

    def look_into(self, path: Path) -> dict[str, Any]:
        """On the site: facts about a file, of any benchmark. Raises FileRefused with a code, and CannotLook."""

    def other(self, filename: str, sent_as: str) -> Refusal:
        """That a file which was sent as something else, named by its noun, is not of this form."""

    def refusal(self, benchmark: "Benchmark", tier: str, facts: Json, filename: str) -> Refusal | None:
        """Why a file with these facts cannot be entered; None when it can."""

    def read(self, path: Path, benchmark: "Benchmark", pack: "Pack", tier: str) -> Evidence:
        """On a worker: the evidence of all cells at once. Raises FarfieldError with a code."""

    def packed(self, path: Path, benchmark: "Benchmark", tier: str) -> bytes:
        """At home: the file to be sent, of what lies at `path`. Raises FarfieldError for what would be refused."""


class RunStore(Protocol):
    """Evidence in a folder of the author's machine: a plan that was stopped goes on where it was."""

    def check(self, planned: Sequence[Cell]) -> None:
        """Raises FarfieldError where these runs cannot be added to what lies there."""

    def has(self, cell: Cell) -> bool:
        """Whether this run is done."""

    def add(self, cell: Cell, evidence: Evidence) -> None:
        """Keep it, whole or not at all."""

    def report(self, form: str) -> str:
        """What there is so far, as "text" or "json"."""


@dataclass(frozen=True, kw_only=True)
class Local:
    """What a plan is followed for at home: a method as described, set by hand with `config`, in a tier."""

    benchmark: "Benchmark"
    tier: str
    entrant: Entrant
    description: Json
    config: Json


@dataclass(frozen=True, kw_only=True)
class Option:
    """A further option of `farfield evaluate` that a plan has, a whole number: `changed` takes it by its name.

    With `axis` it is short for `--cell AXIS=NUMBER`, and may be repeated.
    """

    name: str
    help: str
    axis: str = ""

    @property
    def flag(self) -> str:
        """
        >>> Option(name="test_env", help="").flag
        '--test-env'
        """
        return f"--{self.name.replace('_', '-')}"


class RunPlan(Protocol):
    """The protocol of a benchmark's runs. A value: equal plans do the same, and nothing in one changes.

    axes: in the order in which a run is named. listed_by: the axis by which pages group runs. tiers: none where there
    is nothing to choose; the first is the usual one. usual_tier: that of a run at home. usual: which cells are run at
    home where none are named, {} for all. selections: see `Selection`; the headline's first. handed_in: how results
    made elsewhere come in, None where they cannot. draws: whether settings that nobody set are drawn by the plan, so
    that a method's defaults do not count. open: whether episodes have queries of none of their classes, which methods
    score. spread: what pages and tables show after ±; figures have a standard error whatever it says, by which ties are
    told. stochastic: how many trials a method has that declares that its result depends on the seed, where it has more
    than others; 0 where it has not. Their errors are over examples, too.
    """

    @property
    def axes(self) -> tuple[Axis, ...]: ...
    @property
    def listed_by(self) -> str: ...
    @property
    def tiers(self) -> tuple[Tier, ...]: ...
    @property
    def usual_tier(self) -> str: ...
    @property
    def usual(self) -> Json: ...
    @property
    def selections(self) -> tuple[Selection, ...]: ...
    @property
    def handed_in(self) -> HandedIn | None: ...
    @property
    def draws(self) -> bool: ...
    @property
    def open(self) -> bool: ...
    @property
    def options(self) -> tuple[Option, ...]: ...
    @property
    def prose(self) -> Prose: ...
    @property
    def spread(self) -> Spread: ...
    @property
    def stochastic(self) -> int: ...

    # Which runs there are.

    def facts(self, tier: str) -> dict[str, Any]:
        """What enters the comparability key, as JSON. Raises KeyError for a tier the plan does not have."""

    def problems_of(self, benchmark: "Benchmark") -> list[str]:
        """Why this plan cannot be that of this benchmark; empty when it can."""

    def domains(self, names: Sequence[str]) -> set[str]:
        """What figures may be on, of a benchmark with domains and aggregates of these names."""

    def count(self, tier: str) -> int:
        """How many cells there are in a tier, known without making them."""

    def trials(self, tier: str) -> int:
        """Over how many trials a figure is once all runs are done."""

    def cells(self, tier: str, entrant: Entrant) -> Iterable[Cell]:
        """The runs in their order; a run's number is its place here. Use `cells_of`, which bounds them."""

    def for_method(self, description: Json) -> "RunPlan":
        """The plan of an entry of this method: one that is declared stochastic may be run more often."""

    def changed(self, options: Mapping[str, int]) -> "RunPlan":
        """The plan with these options, by their names. Raises FarfieldError for values that do not fit."""

    # What can be set.

    def settings(self, description: Json, *, every: bool = True) -> dict[str, Any]:
        """The schema of what can be set for a method: `every` adds what a form need not show."""

    def setting_problems(self, description: Json, config: Json) -> list[str]:
        """Why these cannot be the settings of a method; empty when they can."""

    def of_the_method(self, config: Json) -> dict[str, Any]:
        """The settings that a method of an unknown schema can be built with: those that are the plan's left out."""

    def labels(self, description: Json, config: Json) -> tuple[str, ...]:
        """What is to be said of every entry with these settings, such as "from scratch"."""

    # One run, on a worker.

    def classes(self, pack: "Pack") -> tuple[str, ...]:
        """The names of the classes."""

    def counts(self, benchmark: "Benchmark", pack: "Pack") -> dict[str, int]:
        """Examples by domain, and of "train" where training sees others. Raises PackError for another pack."""

    def stage(self, staging: Staging) -> Staged:
        """Lay a run out. Raises FarfieldError with a code: the method's fault, but for `platform.` and `data.`."""

    def base_part(self, staging: Staging) -> BasePart | None:
        """What comes before it, once for many runs; None where nothing does. Raises FarfieldError."""

    def evidence(self, staging: Staging, staged: Staged, outputs: Outputs) -> Evidence:
        """What a run gave. Raises PredictionsError for what cannot be scored."""

    # Evidence, on the site.

    def problems(self, tier: str, cell: Cell, entrant: Entrant, evidence: Evidence) -> list[str]:
        """Why this cannot be evidence of the run; empty when it can. Nothing else of a report is believed."""

    def groups(self, at: Json) -> tuple[str, ...]:
        """Which groups of runs a cell belongs to: what each gives is chosen anew when a run of it has finished."""

    def digest(self, group: str, evidence: Sequence[tuple[Cell, Evidence]]) -> tuple[Chosen, ...]:
        """What a group gives, of the finished runs that it has."""

    def figures(self, chosen: Iterable[Chosen], tier: str = "") -> tuple[Figure, ...]:
        """The figures of an entry in a tier, of what all its groups gave so far. Pure."""

    def files(self, cell: Cell, evidence: Evidence, rounded: Callable[[float], float] | None) -> Iterator[File]:
        """The evidence as files, for whoever wants it; `rounded` is applied to figures that were computed here."""

    # At home.

    def store(self, folder: Path, local: Local) -> RunStore:
        """Where `farfield evaluate` keeps the evidence of runs."""


def cells_of(plan: RunPlan, tier: str, entrant: Entrant, most: int = MOST_CELLS) -> tuple[Cell, ...]:
    """The cells of a plan, of which there are at most `most`: no more are made, whatever the plan does.

    Raises PlanError where there are more, or other than the plan said.
    """
    said = plan.count(tier)
    if said > most:
        raise PlanError(f"the plan of {entrant.benchmark} makes {said:,} runs; at most {most:,} are possible")
    cells = tuple(islice(plan.cells(tier, entrant), said + 1))
    if len(cells) != said:
        raise PlanError(f"the plan of {entrant.benchmark} says that it makes {said:,} runs, and makes another number")
    return cells


def longest(plan: RunPlan) -> RunPlan:
    """The plan of a method that has the most runs."""
    return plan.for_method({"stochastic": True})


def first_place(plan: RunPlan, benchmark: str) -> Json:
    """Where the first run of an entry of this benchmark stands."""
    entrant = Entrant(identity="", benchmark=benchmark, method="")
    return next(iter(plan.cells(plan.tiers[0].name if plan.tiers else "", entrant))).at


def tier_of(plan: RunPlan, name: str) -> Tier:
    """The tier of that name. Raises KeyError for a tier the plan does not have."""
    return {tier.name: tier for tier in plan.tiers}[name]


def cell_title(plan: RunPlan, at: Json, known: Sequence[str] = (), *, whole: bool = True) -> str:
    """Which run this is, in one line: `A and P held out, trial 1, draw 7`; the axes in `known` are left out.

    Without `whole` it is shorter: `A and P, trial 1, draw 7`.
    """
    named = [(axis, at[axis.name]) for axis in plan.axes if axis.name in at and axis.name not in known]
    return ", ".join(axis.said(value) if whole else axis.shown(value) for axis, value in named)
