"""The plan of choosing what a model is trained on: a run chooses, and the platform trains the model and tests it.

The model is multinomial logistic regression on the features of one frozen backbone, the same for every entry, so that
entries differ by their choice alone (as in DataComp's filtering track, Gadre et al. 2023, arXiv 2304.14108). A run has
the features and labels of what it chooses from, and no test example. How many may be chosen is a tier.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from farfield import families
from farfield.errors import PredictionsError
from farfield.families import Size
from farfield.families.data_selection import KEPT, MOST
from farfield_evaluators.plans.trials import Trials
from farfield_evaluators.prose import Prose
from farfield_evaluators.run_plan import Arrays, Evidence, HandedIn, Json, NotRunnable, Outputs, Staged, Staging, Tier
from farfield_evaluators.scoring.classification import LOGITS

if TYPE_CHECKING:
    from farfield_evaluators.benchmark import Benchmark
    from farfield_evaluators.evaluate import Truth

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.floating]
SHARE = "share"
PROSE = Prose(
    training="what the entry chooses of the training set; the platform trains the model",
    results=(
        "Accuracy in per cent of the model that the platform trained on what was chosen. After ±, one standard error: "
        "over test images, and over trials where there are several."
    ),
)


def tier_of_share(percent: int) -> Tier:
    """The tier in which at most so many of a hundred examples are chosen."""
    return Tier(
        name=f"{percent}-percent",
        title=f"{percent} of 100",
        description=f"At most {percent} of 100 training examples are chosen.",
        protocol={SHARE: percent / 100},
    )


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """What the model is trained and tested on once a choice is known.

    features [N, D] and labels [N] of what is chosen from, in the order in which it is staged; tested [M, D] and truth
    of the test examples, in one order; at most `most` may be chosen.
    """

    features: Floats = field(repr=False)
    labels: Ints = field(repr=False)
    tested: Floats = field(repr=False)
    truth: "Truth" = field(repr=False)
    most: int


@dataclass(frozen=True)
class FromChoice(Trials):
    """Trials in which a method chooses, and logistic regression is trained on its choice.

    backbone: whose features the model is trained on, and the method chooses by. l2: the weight of the model's penalty.
    """

    backbone: str = ""
    l2: float = 1.0

    tiers = (tier_of_share(25), tier_of_share(50))
    prose = PROSE

    @property
    def handed_in(self) -> HandedIn | None:
        """Nothing: what is tested is a model that is trained here."""
        return None

    def facts(self, tier: str) -> dict[str, Any]:
        model = {"kind": "logistic-regression", "backbone": self.backbone, "l2": self.l2}
        chosen = {"tier": {"name": tier, SHARE: self.share(tier)}} if tier else {}
        return {**super().facts(""), "trained": model, **chosen}

    def share(self, tier: str) -> float:
        """Which share of the training set may be chosen. Raises KeyError for a tier that there is not."""
        share: float = {each.name: each for each in self.tiers}[tier or self.usual_tier].protocol[SHARE]
        return share

    def problems_of(self, benchmark: "Benchmark") -> list[str]:
        problems = super().problems_of(benchmark)
        problems += [] if self.backbone else ["its plan names no backbone"]
        problems += [] if KEPT in _rules(benchmark, 1) else [f"methods for {benchmark.family} choose nothing"]
        return problems + ([] if benchmark.train_set else ["it has no training set to choose from"])

    def stage(self, staging: Staging) -> Staged:
        """The training set, and no test input. Raises NotRunnable for a method on anything but the model's features."""
        from farfield_evaluators.benchmark import TRAIN
        from farfield_evaluators.staging import pooled, stage_inputs, stage_part, training_domains, truth_of

        self._require_features(staging.description)
        benchmark, pack = staging.benchmark, staging.pack
        given = self._features(staging, benchmark)
        if given is None:
            raise NotRunnable(f"{benchmark.name} trains on features, and this run is given none")
        lender, examples = pack.training(benchmark.learned_from()[TRAIN])
        positions, domains = pooled(benchmark, pack)
        prepared = Prepared(
            features=given.of(lender)(examples),
            labels=lender.labels[examples],
            tested=given.of(pack)(positions),
            truth=truth_of(benchmark, pack, positions, domains),
            most=int(self.share(staging.tier) * len(examples)),
        )
        stage_part(benchmark, pack, TRAIN, staging.folder, given)
        stage_inputs(pack, staging.folder / "test", np.zeros(0, np.int64), given.of(pack))
        job = {
            "kind": "method",
            "config": dict(staging.config),
            "seed": staging.cell.seed,
            "class_names": tuple(c.name for c in pack.classes),
            "class_synsets": tuple(c.synsets for c in pack.classes),
            "domain_names": training_domains(benchmark, pack),
            "schedule": {MOST: prepared.most},
        }
        return Staged(truth=prepared, job=job, examples=len(examples), classes=len(pack.classes))

    def evidence(self, staging: Staging, staged: Staged, outputs: Outputs) -> Evidence:
        """The figures of the model that is trained on the choice. Raises PredictionsError for one beyond the budget."""
        from farfield_evaluators.evaluate import Scored, as_tests, figures_of
        from farfield_evaluators.outcomes import told_of

        benchmark, prepared = staging.benchmark, staged.truth
        chosen = chosen_in(outputs.arrays, _rules(benchmark, len(prepared.labels)), prepared.most)
        tests = as_tests(benchmark, prepared.truth, {LOGITS: self.logits(prepared, chosen)})
        result = Scored(figures=figures_of(benchmark, tests), tests=tests)
        return told_of(benchmark, staging.pack, prepared.truth, result)

    def logits(self, prepared: Prepared, chosen: Ints) -> npt.NDArray[np.float64]:
        """Those [M, C] of the test examples, by the model that is trained on the examples at these places [K]."""
        from farfield.logistic import trained

        model = trained(prepared.features[chosen], prepared.labels[chosen], self.l2, prepared.truth.classes)
        return model.logits(prepared.tested)

    def _require_features(self, description: Json) -> None:
        inputs = description["inputs"]
        if inputs["kind"] != "features" or inputs["backbone"] != self.backbone:
            model = f"the model is trained on the features of {self.backbone}, and a choice is made by them"
            raise NotRunnable(f"{model}: declare inputs=Features(backbone={self.backbone!r}, ...)")


def chosen_in(arrays: Arrays, rules: Mapping[str, Any], most: int) -> Ints:
    """The places [K] that a run has chosen, ascending. Raises PredictionsError for none, too many, or another array."""
    from farfield_evaluators.evaluate import check_predictions

    check_predictions(rules, arrays)
    chosen = np.flatnonzero(arrays[KEPT]).astype(np.int64)
    if not 1 <= len(chosen) <= most:
        raise PredictionsError(f"{len(chosen)} examples are chosen; the budget is from 1 to {most}")
    return chosen


def _rules(benchmark: "Benchmark", examples: int) -> Mapping[str, Any]:
    """What a run of the benchmark's family brings, of so many examples."""
    return families.of(benchmark.family).outputs(Size(examples=examples, classes=2))
