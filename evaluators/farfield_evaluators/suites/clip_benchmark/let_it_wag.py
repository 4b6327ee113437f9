"""Let it Wag!: 290 concepts that are rare in the data that CLIP models are pre-trained on.

Input: images. Label: one of the concepts. Domain: the test images, 450 of each. Protocol and figures: Udandarao et al.,
No "Zero-Shot" Without Exponential Data, NeurIPS 2024 (arXiv 2404.04125); bethgelab/frequency_determines_performance
11ef009. Licence: the images are their owners'.
"""

import csv
from collections.abc import Iterator, Sequence
from importlib.resources import files

import numpy as np

from farfield import TaskFamily
from farfield_evaluators.benchmark import Benchmark, Column, Domain
from farfield_evaluators.metric import Metric
from farfield_evaluators.metrics import catalog as metrics
from farfield_evaluators.metrics.calibration import Estimate
from farfield_evaluators.metrics.classification import per_class_accuracy
from farfield_evaluators.reported import Reported, percent
from farfield_evaluators.scoring import classification as scorers
from farfield_evaluators.scoring.classification import HIT, labels_of, size_of
from farfield_evaluators.scoring.scorer import each
from farfield_evaluators.scoring.test import Test
from farfield_evaluators.suites.clip_benchmark.benchmarks import TEST
from farfield_evaluators.tracks import OPEN

PACK = NAME = "zero-shot/let-it-wag"
FREQUENCY = "concept-frequency"
"""The column of a pack with how often an image's class was found in some pre-training data."""
FREQUENCY_CORRELATION = Metric(
    name="frequency-correlation",
    title="Correlation with log frequency",
    higher_is_better=False,
    description="Pearson's r, over the classes that were found at all, of accuracy and the logarithm of how often each "
    "was found in some pre-training data; only where the imported data say how often.",
    unit="",
)
SOURCE = "[V] Udandarao et al. 2024, arXiv 2404.04125: the release's let_it_wag_ensemble_results.json, 11ef009"


def frequency_correlation(accuracies: Sequence[float], counts: Sequence[float]) -> float | None:
    """Pearson's r of accuracies [C] and log10 of counts [C] over the classes with a count; None where it is undefined.

    >>> frequency_correlation([0.1, 0.2, 0.3, 0.9], [10, 100, 1000, 0])
    1.0
    """
    found = np.asarray(counts, np.float64) > 0
    said, logs = np.asarray(accuracies)[found], np.log10(np.asarray(counts, np.float64)[found])
    if len(said) < 2 or not said.std() or not logs.std():
        return None
    return round(float(np.corrcoef(said, logs)[0, 1]), 12)


def _correlation(test: Test) -> Estimate | None:
    if FREQUENCY not in test.targets:
        return None
    labels, classes = labels_of(test), size_of(test)
    counts = np.zeros(classes)
    counts[labels] = test.targets[FREQUENCY].reshape(-1)
    accuracies = per_class_accuracy(test.outcome(HIT)["hit"], labels, classes)
    value = frequency_correlation(accuracies.tolist(), counts.tolist())
    return None if value is None else Estimate(value=value, stderr=None)


LET_IT_WAG = Benchmark(
    name=NAME,
    version="1",
    family=TaskFamily.CLASSIFICATION,
    title="Let it Wag!",
    summary="Classify 290 concepts that are rare on the web, from their names.",
    description=(
        "The names are those of the release's folders, without the endings that tell a kind. The figure is the mean of "
        "the classes' accuracies; as every class has 450 images, it is the accuracy. The release takes CLIP's 80 "
        "prompts for ImageNet. No training image is given."
    ),
    pack=PACK,
    train_set=None,
    domains=(Domain(name=TEST, title="Test", role="id", set=TEST),),
    metrics=(metrics.ACCURACY, metrics.TOP5, metrics.CLASS_ACCURACY, FREQUENCY_CORRELATION),
    scorers=(
        scorers.ACCURACY,
        scorers.TOP5,
        scorers.CLASS_ACCURACY,
        each(FREQUENCY_CORRELATION, _correlation, HIT),
    ),
    columns=(
        Column(metric=metrics.CLASS_ACCURACY.name, domain=TEST, title="Mean per-class accuracy"),
        Column(metric=metrics.ACCURACY.name, domain=TEST, title="Accuracy"),
    ),
    tracks=(OPEN,),
    licence="The images are their owners'.",
    citations=(
        'Udandarao et al., No "Zero-Shot" Without Exponential Data, NeurIPS 2024 (arXiv 2404.04125)',
        "bethgelab/frequency_determines_performance, 11ef009",
    ),
)


def _reported() -> Iterator[Reported]:
    text = (files(__package__) / "let_it_wag.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        figures = percent({(metrics.CLASS_ACCURACY.name, TEST): float(row["full"])})
        yield Reported(benchmark=NAME, method=f"{row['model']} {row['pretrained']}", source=SOURCE, figures=figures)


REPORTED: tuple[Reported, ...] = tuple(_reported())
