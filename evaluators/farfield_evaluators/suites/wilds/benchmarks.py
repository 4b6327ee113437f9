"""WILDS' data sets as benchmarks: trained on some places, times or people, and tested on others.

Input, label and domain of each stand in its card. A run is tested on all splits but train: val and test of the shift,
id-val and id-test where training's own distribution is held out too. What a method may select on is the split val: it
is given that as a part, and boards rank by test. Data are the operator's copies of the official releases.
Koh et al., ICML 2021 (arXiv 2012.07421), and each data set's own paper; licences are the releases' own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from farfield import TaskFamily
from farfield.departures import BATCH_STATISTICS, SELECTS_ELSEWHERE, TEST_DATA, TRAINS_ON_VALIDATION
from farfield_evaluators.benchmark import Benchmark, Column, Domain, Plot, Role
from farfield_evaluators.run_plan import RunPlan
from farfield_evaluators.scoring.aggregates import Aggregate
from farfield_evaluators.standing import StandingRules
from farfield_evaluators.suites.wilds.datasets import CAMELYON17, FMOW, IWILDCAM, POVERTY, RXRX1, Dataset
from farfield_evaluators.suites.wilds.plan import replicates_of
from farfield_evaluators.suites.wilds.scoring import scoring_of
from farfield_evaluators.tracks import IMAGENET, OPEN, SCRATCH

WILDS_PAPER = "Koh et al., WILDS: A Benchmark of in-the-Wild Distribution Shifts, ICML 2021 (arXiv 2012.07421)"
_TITLES: Mapping[str, tuple[str, Role]] = MappingProxyType(
    {
        "test": ("OOD test", "shift"),
        "val": ("OOD val", "shift"),
        "id_test": ("ID test", "id"),
        "id_val": ("ID val", "id"),
    }
)
_FAMILIES: Mapping[str, TaskFamily] = MappingProxyType(
    {
        "classification": TaskFamily.CLASSIFICATION,
        "regression": TaskFamily.REGRESSION,
        "detection": TaskFamily.DETECTION,
        "multi-label": TaskFamily.REGRESSION,  # a number for each property
        "tokens": TaskFamily.CLASSIFICATION,  # a class for each token
    }
)
"""Of the tasks that have no family of their own the nearest one: no method is run on them."""


@dataclass(frozen=True, kw_only=True)
class Prose:
    """What is said of a data set: what is to be told of what, how the splits differ, whose data it is."""

    summary: str
    description: str
    licence: str
    citation: str


def benchmark_of(
    dataset: Dataset, prose: Prose, plan: RunPlan | None = None, prefix: str = "", *, runs_methods: bool = True
) -> Benchmark:
    """The benchmark of a data set; `prefix` stands before the names of its sets.

    Without `runs_methods` there is nothing to learn from, and predictions that were made elsewhere are all it takes.
    """
    scoring = scoring_of(dataset.name)
    return Benchmark(
        name=dataset.benchmark,
        version="1",
        family=_FAMILIES[dataset.task],
        title=f"{dataset.title} (WILDS)",
        summary=prose.summary,
        description=prose.description,
        pack=f"wilds-{dataset.variant}",
        train_set=f"{prefix}train" if runs_methods else None,
        parts={"val": f"{prefix}val"} if runs_methods else {},
        domains=domains_of(dataset, prefix),
        metrics=scoring.metrics,
        scorers=scoring.scorers,
        groups=scoring.groups,
        columns=columns_of(dataset),
        aggregates=aggregates_of(dataset),
        tracks=(OPEN, IMAGENET, SCRATCH) if runs_methods else (OPEN,),
        plan=plan or replicates_of(dataset, spread="std"),
        standing=rules_of(dataset),
        plots=plots_of(dataset),
        runs_methods=runs_methods,
        licence=prose.licence,
        citations=(prose.citation, WILDS_PAPER),
    )


def domain_name(split: str) -> str:
    """
    >>> domain_name("id_val")
    'id-val'
    """
    return split.replace("_", "-")


def domains_of(dataset: Dataset, prefix: str = "") -> tuple[Domain, ...]:
    """The splits that a run is tested on."""
    return tuple(
        Domain(name=domain_name(split), title=title, role=role, set=f"{prefix}{split}")
        for split, (title, role) in _TITLES.items()
        if split in dataset.splits
    )


def aggregates_of(dataset: Dataset) -> tuple[Aggregate, ...]:
    """The test of the shift, and of training's own distribution: no mean of what was selected on and what was not."""
    own = next((domain_name(split) for split in ("id_test", "id_val") if split in dataset.splits), None)
    within = (Aggregate(name="id", title="ID", domains=(own,)),) if own else ()
    return (*within, Aggregate(name="shifts", title="OOD", domains=("test",)))


def columns_of(dataset: Dataset) -> tuple[Column, ...]:
    """All figures that WILDS reports, of the test; and the headline of all other splits."""
    keys, metrics = scoring_of(dataset.name).keys, {}
    for metric in scoring_of(dataset.name).metrics:
        metrics[metric.name] = metric.title
    tested = [(keys.metric(key), "test") for key in dataset.reported]
    others = [(keys.metric(dataset.headline), split) for split in _TITLES if split in dataset.splits]
    pairs = [*tested, *(pair for pair in others if pair not in tested)]
    return tuple(
        Column(metric=name, domain=domain_name(split), title=f"{_TITLES[split][0]}, {metrics[name]}")
        for name, split in pairs
    )


def rules_of(dataset: Dataset) -> StandingRules:
    """What a standard submission is by WILDS' own rules; one that learned from test data is none at all."""
    return StandingRules(
        of="WILDS",
        source="the submission guidelines of WILDS, https://wilds.stanford.edu/submit",
        replicates=len(dataset.replicates),
        forbids=(SELECTS_ELSEWHERE, TRAINS_ON_VALIDATION, BATCH_STATISTICS),
        refuses=(TEST_DATA,),
    )


def plots_of(dataset: Dataset) -> tuple[Plot, ...]:
    """Average against the worst group of the test, where the data set has figures of both."""
    titles = {metric.name: metric.title for metric in scoring_of(dataset.name).metrics}
    pairs = [
        (of, worst) for worst in titles for of in titles if worst.startswith("worst-") and worst.endswith(f"-{of}")
    ]
    return tuple(
        Plot(
            x=Column(metric=of, domain="test", title=titles[of]),
            y=Column(metric=worst, domain="test", title=titles[worst]),
            title=f"{titles[of]}, OOD test: average against {worst.removesuffix(of).replace('-', ' ').strip()}",
            equal="Equal figures: the further below this line, the worse is the worst group than the average.",
        )
        for of, worst in pairs[:1]
    )


IWILDCAM_BOARD = benchmark_of(
    IWILDCAM,
    Prose(
        summary="Tell which animal a camera trap has seen, at places that no training picture is from.",
        description=(
            "Camera traps differ in what stands around them, in light and in which animals come by, and half of the "
            "pictures are empty. The traps of val and test are none of training's; id-val and id-test are of "
            "training's traps on other days. The headline is the macro F1, in which a rare animal counts as much as "
            "a frequent one: over the kinds that the split has."
        ),
        licence="CDLA-Permissive-1.0",
        citation="Beery et al., The iWildCam 2020 Competition Dataset (arXiv 2004.10340)",
    ),
)
CAMELYON17_BOARD = benchmark_of(
    CAMELYON17,
    Prose(
        summary="Tell whether a patch of a lymph node shows tumour, in a hospital that training has not seen.",
        description=(
            "Hospitals stain and scan differently. Training is on three of them, val on a fourth and test on a fifth; "
            "id-val is a tenth of the three hospitals' patches. Results vary much between seeds, so an entry is ten "
            "runs, and what they spread by is shown."
        ),
        licence="CC0",
        citation="Bandi et al., The CAMELYON17 Challenge, IEEE TMI 2018",
    ),
)
RXRX1_BOARD = benchmark_of(
    RXRX1,
    Prose(
        summary="Tell with which of 1,139 siRNAs cells were treated, in experiments that training has not seen.",
        description=(
            "A batch of an experiment leaves its mark on every picture. Val and test are of whole experiments that "
            "training has nothing of; id-test is the other site of each of training's wells. Accuracy on each kind of "
            "cell is shown beside the average."
        ),
        licence="CC BY-NC-SA 4.0",
        citation="Taylor et al., RxRx1: An Image Set for Cellular Morphological Variation, ICLR workshop 2019",
    ),
)
FMOW_BOARD = benchmark_of(
    FMOW,
    Prose(
        summary="Tell what a building or a place is used for from above, in later years and in every region.",
        description=(
            "Training has pictures until 2012, val is of 2013 to 2015, test since 2016; id-val and id-test are of "
            "training's years. The headline is the accuracy on the worst region of the world: Asia, Europe, Africa, "
            "the Americas, Oceania. Countries of no region are in Other, which is never the worst."
        ),
        licence="Functional Map of the World Challenge Public License",
        citation="Christie et al., Functional Map of the World, CVPR 2018 (arXiv 1711.07846)",
    ),
)
POVERTY_BOARD = benchmark_of(
    POVERTY,
    Prose(
        summary="Tell how wealthy a village is from satellites, in countries that training has not seen.",
        description=(
            "Surveys are rare, and a country may have none. Each of five folds holds out some countries for test and "
            "others for val; the headline is the correlation of what is told with what the survey found, on the worse "
            "of rural and urban villages, as a mean over folds: telling the two apart is easy, and would make an "
            "overall correlation look good."
        ),
        licence="Images: public domain (USGS Landsat, NOAA DMSP and VIIRS); survey: the DHS Program's terms",
        citation="Yeh et al., Using Publicly Available Satellite Imagery and Deep Learning to Understand Economic "
        "Well-Being in Africa, Nature Communications 2020",
    ),
    plan=replicates_of(POVERTY, each=True, spread="std"),
    prefix="{fold}/",
)
WILDS_BENCHMARKS: tuple[Benchmark, ...] = (CAMELYON17_BOARD, IWILDCAM_BOARD, RXRX1_BOARD, FMOW_BOARD, POVERTY_BOARD)
