"""A benchmark: versioned data and protocol, as data. The evaluators know how to run each family."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, is_dataclass
from typing import Any, Literal

from farfield import families
from farfield.errors import SpecError
from farfield.families import Size
from farfield.labels import Budget
from farfield.method import TaskFamily, TrackClaims
from farfield.precision import Precision
from farfield.runtime.rules import MOST_DETECTIONS
from farfield_evaluators.audience import Audience
from farfield_evaluators.metric import Metric
from farfield_evaluators.plans.trials import Trials
from farfield_evaluators.run_plan import MOST_CELLS, HandedIn, RunPlan, Tier, longest, tier_of
from farfield_evaluators.scoring.aggregates import USUAL, Aggregate
from farfield_evaluators.scoring.scorer import Scorer
from farfield_evaluators.standing import StandingRules

Role = Literal["id", "shift", "near", "far"]
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*/[a-z0-9]+(-[a-z0-9]+)*")
TIER_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_TIER_NAME = 20
TRAIN = "train"
BASE = "base"
OOD_VAL = "ood_val"
PARTS = ("val", "unlabeled", "target", "target_val", "pool", OOD_VAL, "forget", BASE, "support")


@dataclass(frozen=True, kw_only=True)
class Domain:
    """A test domain ("environment" in DomainBed's words): one set of the pack, and its part in the protocol.

    credit: whose its images are and under what licence, as it is said beside those that a page shows.
    """

    name: str
    title: str
    role: Role
    set: str
    credit: str = ""


@dataclass(frozen=True, kw_only=True)
class Track:
    """What a method may have learned from. `pretraining=None` allows any, if it is named.

    `unlabeled`: it is for methods that learn from the benchmark's unlabeled examples, and for no others.
    """

    name: str
    title: str
    description: str
    pretraining: tuple[str, ...] | None
    extra_data: bool = False
    unlabeled: bool = False

    def refusals(self, claims: TrackClaims) -> list[str]:
        """Why a method with these claims may not enter; empty when it may."""
        found = []
        if self.pretraining is not None:
            beyond = [p for p in claims.pretraining if p not in self.pretraining]
            found += [f"pre-training on {p} is not allowed in the track {self.title!r}" for p in beyond]
        if claims.extra_data and not self.extra_data:
            found.append(f"extra data ({', '.join(claims.extra_data)}) is not allowed in the track {self.title!r}")
        if self.unlabeled and not claims.unlabeled:
            lacks = "whose `fit` names `unlabeled` and whose TrackClaims say so (unlabeled=True)"
            found.append(f"the track {self.title!r} is for methods {lacks}")
        return found


@dataclass(frozen=True, kw_only=True)
class Column:
    """A figure of the board: a metric on one domain, or on an aggregate ("shifts", "near", "far")."""

    metric: str
    domain: str
    title: str


@dataclass(frozen=True, kw_only=True)
class Plot:
    """Two figures of an entry against each other, such as average and worst group: a mark for each entry of a board.

    Both axes have one scale, so both figures are of the same kind. `equal` says what it means that both are equal.
    """

    x: Column
    y: Column
    title: str
    equal: str


@dataclass(frozen=True, kw_only=True)
class Benchmark:
    """One benchmark. `columns[0]` is the headline: what the board is ranked by.

    `train_set` is the pack's set that `fit` receives, or None; `parts` are further sets to learn from, by the names in
    PARTS: base and support are of few-shot methods, the others for a `fit` that names them. `budget` says how many
    labels of the pool a method may ask for: each has the other. `plan` says of which runs an entry is made. `scorers`
    compute its metrics; without any they come from elsewhere, such as from a plan's records. `aggregates` are the
    figures over several domains, and `groups` the names of the pack's columns that scorers make groups of. Raises
    SpecError when a column names no metric or domain of its own, for a metric that no scorer gives, and for a plan that
    does not fit. `audience` is who may see it on a site; None is everybody. With `withheld_after_base` the images of
    the part "base" are there in the base phase alone: what learns the novel classes sees none of them. Of boxes alone,
    `masks` says that detections are asked for with masks, of which what is learned from has some too, and `detections`
    how many count of one image. `precision` says in which numbers frozen networks compute.

    Of what follows nothing is in the comparability key: `standing` holds the rules by which an entry is standard or
    not, where its authors have some, and `plots` are shown beside its board. Without `runs_methods` only results that
    were made elsewhere can be entered. `shows` says what of some test images everybody may see: nothing, the images
    with what an entry said of them, or what is right, too. With `public_labels` everybody may know which examples an
    entry has right, as where the labels were released or are made by this code: then entries are compared example by
    example in public.
    """

    name: str
    version: str
    family: TaskFamily
    title: str
    summary: str
    description: str
    pack: str
    train_set: str | None
    domains: tuple[Domain, ...]
    metrics: tuple[Metric, ...]
    columns: tuple[Column, ...]
    tracks: tuple[Track, ...]
    licence: str
    citations: tuple[str, ...] = ()
    plan: RunPlan = field(default=Trials())
    scorers: tuple[Scorer, ...] = ()
    aggregates: tuple[Aggregate, ...] = USUAL
    groups: tuple[str, ...] = ()
    parts: Mapping[str, str] = field(default_factory=dict, hash=False)
    audience: Audience | None = None
    withheld_after_base: bool = False
    masks: bool = False
    detections: int = MOST_DETECTIONS
    budget: Budget | None = None
    precision: Precision = Precision.FLOAT32
    standing: StandingRules | None = None
    plots: tuple[Plot, ...] = ()
    runs_methods: bool = True
    shows: Literal["", "images", "truth"] = ""
    public_labels: bool = False

    def __post_init__(self) -> None:
        problems = [*self._own_problems(), *self._column_problems()]
        if problems:
            raise SpecError(f"benchmark {self.name!r}: {'; '.join(problems)}")

    def _own_problems(self) -> list[str]:
        found = []
        if not NAME.fullmatch(self.name):
            found.append("its name must be `suite/variant` in lower-case letters, digits and single hyphens")
        for kind, parts in (("domain", self.domains), ("metric", self.metrics), ("track", self.tracks)):
            names = [part.name for part in parts]
            if not names:
                found.append(f"it has no {kind}")
            found += _twice(kind, names)
        unknown = [name for name in self.parts if name not in PARTS]
        found += [f"the part {name!r} is none of {', '.join(PARTS)}" for name in unknown]
        found += [*self._tier_problems(), *self.plan.problems_of(self), *self._count_problems()]
        found += [*(self.standing.problems() if self.standing else []), *self._box_problems(), *self._budget_problems()]
        if self.withheld_after_base and BASE not in self.parts:
            found.append("it withholds base images after the base phase, and has no part `base`")
        if not self.runs_methods and self.handed_in is None:
            found.append("it runs no methods and takes no results that were made elsewhere, so nothing can be entered")
        return found + self._scorer_problems()

    @property
    def asked_of_boxes(self) -> dict[str, Any]:
        """What is asked of detections, where it is not the usual: `masks`, and how many `detections` count."""
        asked = {"masks": True} if self.masks else {}
        return asked | ({"detections": self.detections} if self.detections != MOST_DETECTIONS else {})

    def size(self, *, examples: int, classes: int, targets: int = 1, checkpoints: int = 0, texts: int = 0) -> Size:
        """What the size of the arrays of a run follows from, for so many test examples, classes and so on."""
        return Size(
            examples=examples,
            classes=classes,
            targets=targets,
            checkpoints=checkpoints,
            masks=self.masks,
            detections=self.detections,
            texts=texts,
            open=self.plan.open,
        )

    def _budget_problems(self) -> list[str]:
        if (self.budget is None) == ("pool" in self.parts):
            return ["a budget of labels and the part 'pool', of which they are, go together"]
        asked = self.budget is None or families.of(self.family).asks
        found = [] if asked else [f"methods of {self.family} cannot ask for labels"]
        return found + (self.budget.problems() if self.budget else [])

    def learned_from(self) -> dict[str, str]:
        """All sets that a method may learn from, by the names of parts, "train" first."""
        train = {} if self.train_set is None else {TRAIN: self.train_set}
        return {**train, **self.parts}

    def _tier_problems(self) -> list[str]:
        found = _twice("tier", [tier.name for tier in self.plan.tiers])
        for tier in self.plan.tiers:
            if not TIER_NAME.fullmatch(tier.name) or len(tier.name) > LONGEST_TIER_NAME:
                fits = f"at most {LONGEST_TIER_NAME} lower-case letters, digits and single hyphens"
                found.append(f"the tier {tier.name!r} must be called by {fits}")
            if not _is_json(tier.protocol):
                found.append(f"the protocol of the tier {tier.name!r} must be JSON, without NaN")
        return found

    def _box_problems(self) -> list[str]:
        usual, own = (families.of(self.family).outputs(size(examples=1, classes=2)) for size in (Size, self.size))
        if self.asked_of_boxes and usual == own:
            return [f"it asks for {' and '.join(self.asked_of_boxes)}, and methods for {self.family} find no boxes"]
        fits = 1 <= self.detections <= MOST_DETECTIONS
        return [] if fits else [f"from 1 to {MOST_DETECTIONS} detections of an image count, not {self.detections}"]

    def _count_problems(self) -> list[str]:
        most = longest(self.plan)
        counts = {name: most.count(name) for name in [tier.name for tier in self.plan.tiers] or [""]}
        return [
            f"its plan makes {count:,} runs{' in the tier ' if name else ''}{name}; at most {MOST_CELLS:,} are possible"
            for name, count in counts.items()
            if count > MOST_CELLS
        ]

    def _scorer_problems(self) -> list[str]:
        found = _twice("aggregate or domain", [*self._aggregates, *(domain.name for domain in self.domains)])
        given = [metric.name for scorer in self.scorers for metric in scorer.gives]
        if self.scorers:
            found += [f"no scorer gives the metric {m.name!r}" for m in self.metrics if m.name not in given]
        return found

    def _column_problems(self) -> list[str]:
        metrics = {m.name for m in self.metrics}
        domains = self.plan.domains([*self._aggregates, *(d.name for d in self.domains)])
        named = [("column", c) for c in self.columns] + [("axis", c) for plot in self.plots for c in (plot.x, plot.y)]
        found = [] if self.columns else ["it has no column to rank by"]
        found += [
            f"{what} {c.title!r}: there is no metric {c.metric!r}" for what, c in named if c.metric not in metrics
        ]
        found += [
            f"{what} {c.title!r}: there is no domain {c.domain!r}" for what, c in named if c.domain not in domains
        ]
        return found

    def refusals(self, track: str, claims: TrackClaims) -> list[str]:
        """Why a method with these claims may not enter a track; empty when it may. Raises KeyError for none of ours."""
        return self.track(track).refusals(claims) + (self.standing.refusals(claims) if self.standing else [])

    @property
    def no_methods(self) -> str:
        """Why no method can be entered, in a sentence; empty where methods are run."""
        return "" if self.runs_methods else f"No method is run on {self.title}: only results made elsewhere are taken."

    @property
    def handed_in(self) -> HandedIn | None:
        """How results made elsewhere come in: as the plan takes them, where the arrays of the family can be a file.

        They do not where labels are asked for: who has them all cannot show how many were used.
        """
        form = None if self.budget else self.plan.handed_in
        return form if form is None or form.fits(self) else None

    @property
    def _aggregates(self) -> list[str]:
        return [aggregate.name for aggregate in self.aggregates]

    def metric(self, name: str) -> Metric:
        """Raises KeyError for a metric the benchmark does not have."""
        return {m.name: m for m in self.metrics}[name]

    def track(self, name: str) -> Track:
        """Raises KeyError for a track the benchmark does not have."""
        return {t.name: t for t in self.tracks}[name]

    def tier(self, name: str) -> Tier:
        """Raises KeyError for a tier the benchmark does not have."""
        return tier_of(self.plan, name)

    def comparability_key(self, fingerprint: str, tier: str = "") -> str:
        """Results are comparable exactly when this is equal: same protocol, same tier, same data, to the byte.

        Titles and prose do not count. Raises KeyError for a tier the benchmark does not have.
        """
        protocol: dict[str, Any] = {
            "name": self.name,
            "version": self.version,
            "family": self.family.value,
            "train_set": self.train_set,
            "domains": [[d.name, d.role, d.set] for d in self.domains],
            "metrics": [[m.name, m.higher_is_better] for m in self.metrics],
            "columns": [[c.metric, c.domain] for c in self.columns],
            "fingerprint": fingerprint,
            **self.plan.facts(tier),
        }
        if self.aggregates != USUAL:
            protocol["aggregates"] = [aggregate.protocol for aggregate in self.aggregates]
        if self.parts:
            protocol["parts"] = dict(self.parts)
        if self.groups:
            protocol["groups"] = self.groups
        if self.withheld_after_base:
            protocol["withheld_after_base"] = True
        protocol |= self.asked_of_boxes
        if self.budget is not None:
            protocol["budget"] = asdict(self.budget)
        if self.precision is not Precision.FLOAT32:
            protocol["precision"] = self.precision.value
        canonical = json.dumps(protocol, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]

    def describe(self) -> dict[str, Any]:
        """The benchmark as JSON-ready data."""
        own = {name: _plain(value) for name, value in vars(self).items() if name not in ("plan", "audience")}
        aggregates = [{**aggregate.protocol, "title": aggregate.title} for aggregate in self.aggregates]
        scorers = [[metric.name for metric in scorer.gives] for scorer in self.scorers]
        further = {"parts": dict(self.parts)} if self.parts else {}
        computed = {"family": self.family.value, "aggregates": aggregates, "scorers": scorers}
        return {**own, **computed, "tiers": _plain(self.plan.tiers), "plan": self.plan.facts(""), **further}


def _plain(value: Any) -> Any:
    """Values of dataclasses and tuples of them as JSON-ready data."""
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value


def _twice(kind: str, names: list[str]) -> list[str]:
    return [f"two {kind}s are called {name!r}" for name in sorted(set(names)) if names.count(name) > 1]


def _is_json(value: Mapping[str, Any]) -> bool:
    try:
        return isinstance(json.loads(json.dumps(dict(value), allow_nan=False)), dict)
    except (TypeError, ValueError):
        return False
