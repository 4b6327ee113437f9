"""The plan of few-shot detection: every number of shots, with every shot set or with several trainings on one of them.

Publications have two protocols, whose figures differ by up to 2 AP (Gao et al., Decoupling Classifier for Boosting
Few-shot Object Detection and Instance Segmentation, NeurIPS 2022, section 4):

- TFA-like: a run on each of several shot sets, called groups here and seeds in FsDet's files.
- FSRW-like: several trainings on the first shot set alone, which differ in their seed.

A figure at a number of shots is the mean over them, on the domain `test[shots=5]`, and after ± stands FsDet's 95%
interval; on the plain domain it is the mean over all numbers of shots. Sets are named with `{shots}` and `{group}`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from farfield_evaluators.figure import Figure
from farfield_evaluators.plans.base import PlanBase
from farfield_evaluators.plans.grid import Grid
from farfield_evaluators.plans.means import spread_fact
from farfield_evaluators.plans.trials import TRIAL
from farfield_evaluators.prose import Prose
from farfield_evaluators.run_plan import Axis, Cell, Chosen, Entrant, HandedIn, Json, Spread

if TYPE_CHECKING:
    from farfield_evaluators.benchmark import Benchmark

SHOTS, GROUP = "shots", "group"
TFA, FSRW = "tfa", "fsrw"
Protocol = Literal["tfa", "fsrw"]
COCO_SHOTS, COCO_SHOT_SETS, TRAININGS = (1, 2, 3, 5, 10, 30), tuple(range(10)), 10
PROSE = Prose(
    results="Over the runs that are done. After ±, the 95% interval over shot sets, or over trainings where all are on "
    "one shot set: 1.96 standard deviations (ddof 0) over the root of their number, as FsDet has it."
)


def shots_said(number: Any) -> str:
    """
    >>> shots_said(1), shots_said(5)
    ('1 shot', '5 shots')
    """
    return f"{number} shot{'' if number == 1 else 's'}"


_AXES = {
    SHOTS: Axis(name=SHOTS, title="Shots", shown=shots_said),
    GROUP: Axis(name=GROUP, title="Shot set", shown=lambda number: f"shot set {number}"),
    TRIAL: Axis(name=TRIAL, title="Training", shown=lambda number: f"training {int(number) + 1}"),
}


@dataclass(frozen=True, kw_only=True)
class Shots(PlanBase):
    """Runs at these numbers of shots: with each of these shot sets ("tfa"), or `trainings` with the first ("fsrw")."""

    shots: tuple[int, ...] = COCO_SHOTS
    shot_sets: tuple[int, ...] = COCO_SHOT_SETS
    protocol: Protocol = "tfa"
    trainings: int = 1

    spread: Spread = "ci95"
    listed_by = SHOTS
    prose = PROSE

    @property
    def axes(self) -> tuple[Axis, ...]:
        return (_AXES[SHOTS], _AXES[self.repeated])

    @property
    def repeated(self) -> str:
        """The axis over which a figure is a mean."""
        return GROUP if self.protocol == TFA else TRIAL

    @property
    def usual(self) -> Json:
        """At home every number of shots is run once."""
        return {self.repeated: self._repeats[0]}

    @property
    def handed_in(self) -> HandedIn | None:
        """Nothing: a file of predictions has those of one run."""
        return None

    def support(self, kind: str) -> str:
        """The set that a run learns its shots from, as a benchmark names it; `kind` is how such names start."""
        group = f"{{{GROUP}}}" if self.protocol == TFA else str(self.shot_sets[0])
        return f"{kind}-{{{SHOTS}}}-{group}"

    def facts(self, tier: str) -> dict[str, Any]:
        self._grid.levels_of(tier)
        axes = {name: list(values) for name, values in self._grid.levels.items()}
        facts = {"kind": "shots", "protocol": self.protocol, "shot_sets": list(self.shot_sets), "axes": axes}
        return {"plan": {**facts, **spread_fact(self.spread)}}

    def problems_of(self, benchmark: "Benchmark") -> list[str]:
        problems = [] if self.protocol in (TFA, FSRW) else [f"its protocol is neither {TFA} nor {FSRW}"]
        problems += [] if self.shots and min(self.shots) > 0 else ["shots must be whole numbers from 1"]
        problems += [] if self.shot_sets and min(self.shot_sets) >= 0 else ["shot sets must be whole numbers from 0"]
        if self.protocol == FSRW and len(self.shot_sets) != 1:
            problems.append("trainings of the FSRW-like protocol are all on one shot set, and its plan has several")
        if (self.protocol == TFA and self.trainings != 1) or self.trainings < 1:
            problems.append("only the FSRW-like protocol has several trainings, and that at least one")
        return problems or self._grid.problems_of(benchmark)

    def domains(self, names: Sequence[str]) -> set[str]:
        return self._grid.domains(names)

    def count(self, tier: str) -> int:
        return self._grid.count(tier)

    def trials(self, tier: str) -> int:
        return len(self._repeats)

    def cells(self, tier: str, entrant: Entrant) -> Iterable[Cell]:
        return self._grid.cells(tier, entrant)

    def groups(self, at: Json) -> tuple[str, ...]:
        return self._grid.groups(at)

    def figures(self, chosen: Iterable[Chosen], tier: str = "") -> tuple[Figure, ...]:
        return self._grid.figures(chosen, tier)

    @property
    def _repeats(self) -> tuple[int, ...]:
        return self.shot_sets if self.protocol == TFA else tuple(range(self.trainings))

    @property
    def _grid(self) -> Grid:
        return Grid(levels={SHOTS: self.shots, self.repeated: self._repeats}, mean_over=self.repeated)
