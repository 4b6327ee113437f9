"""The boards of CLIP_benchmark's data sets: accuracy, top-5 accuracy and mean per-class recall, or mAP.

Input: images. Label: a class, or of multi-label sets those that an image shows. Domain: the test split. Protocol:
LAION-AI/CLIP_benchmark 48de38c. Data are the operator's copies, in the layout of its webdatasets
(docs/benchmarks/clip-benchmark-data.md). Licence: each data set's own.
"""

from typing import Any

from farfield import TaskFamily
from farfield_evaluators.benchmark import Benchmark, Column, Domain
from farfield_evaluators.metrics import catalog as metrics
from farfield_evaluators.scoring import classification as scorers
from farfield_evaluators.suites.clip_benchmark.datasets import DATA_SETS, DataSet
from farfield_evaluators.suites.clip_benchmark.plan import FromShots
from farfield_evaluators.suites.clip_benchmark.scoring import MEAN_AP, MEAN_AVERAGE_PRECISION
from farfield_evaluators.suites.clip_benchmark.shots import ALL, learned_set
from farfield_evaluators.tracks import OPEN, SCRATCH

TEST = "test"
PAPER = "Schuhmann et al., LAION-5B, NeurIPS 2022 (arXiv 2210.08402)"
CODE = "LAION-AI/CLIP_benchmark, 48de38c"
ONE_LABEL = (
    "The names of the classes and the prompts are CLIP_benchmark's own for this data set; a method may use them or its "
    "own. In the tier zero-shot no training image is given; in the others so many of each class, the same for every "
    "entry. Mean per-class recall is the mean of the classes' accuracies."
)
MANY_LABELS = (
    "An image may show several classes. A class ranks the images by its logit, and has the average precision of that; "
    "the figure is the mean over classes. No training image is given."
)


def board(dataset: DataSet, **said: Any) -> Benchmark:
    """The board of a data set. said: its licence, citations, and what differs from the others."""
    learned = _many_labels(dataset) if dataset.multilabel else _one_label(dataset)
    common = {
        "name": dataset.name,
        "version": "1",
        "family": TaskFamily.CLASSIFICATION,
        "title": dataset.title,
        "pack": dataset.name,
        "domains": (Domain(name=TEST, title="Test", role="id", set=TEST),),
        "tracks": (OPEN, SCRATCH),
    }
    return Benchmark(**{**common, **learned, **said})


def _one_label(dataset: DataSet) -> dict[str, Any]:
    return {
        "summary": f"{dataset.what}: {dataset.title}, from the names of the classes or a few images of each.",
        "description": ONE_LABEL,
        "train_set": learned_set(ALL),
        "plan": FromShots(),
        "metrics": (metrics.ACCURACY, metrics.TOP5, metrics.CLASS_ACCURACY),
        "scorers": (scorers.ACCURACY, scorers.TOP5, scorers.CLASS_ACCURACY),
        "columns": (
            Column(metric=metrics.ACCURACY.name, domain=TEST, title="Accuracy"),
            Column(metric=metrics.CLASS_ACCURACY.name, domain=TEST, title="Mean per-class recall"),
        ),
    }


def _many_labels(dataset: DataSet) -> dict[str, Any]:
    return {
        "summary": f"{dataset.what}: {dataset.title}, from the names of the classes.",
        "description": MANY_LABELS,
        "train_set": None,
        "metrics": (MEAN_AP,),
        "scorers": (MEAN_AVERAGE_PRECISION,),
        "columns": (Column(metric=MEAN_AP.name, domain=TEST, title=MEAN_AP.title),),
    }


OFFICIAL = tuple(
    board(dataset, licence="The data set's own terms.", citations=(dataset.paper, PAPER, CODE)) for dataset in DATA_SETS
)
