"""Published zero-shot figures of OpenCLIP and OpenAI models: CLIP_benchmark's own results, in `published.csv`.

Its columns are CLIP_benchmark's names of data set, model and metrics, figures in 0..1, to four places.
"""

import csv
from collections.abc import Iterator
from importlib.resources import files

from farfield_evaluators.metrics.catalog import ACCURACY, CLASS_ACCURACY, TOP5
from farfield_evaluators.reported import Reported
from farfield_evaluators.suites.clip_benchmark.benchmarks import TEST
from farfield_evaluators.suites.clip_benchmark.datasets import DATA_SETS
from farfield_evaluators.suites.clip_benchmark.plan import ZERO_SHOT
from farfield_evaluators.suites.clip_benchmark.scoring import MEAN_AP

SOURCE = "[V] Schuhmann et al. 2022, arXiv 2210.08402: LAION-AI/CLIP_benchmark 48de38c, benchmark/benchmark.csv"
METRICS = {
    "acc1": ACCURACY,
    "acc5": TOP5,
    "mean_per_class_recall": CLASS_ACCURACY,
    "mean_average_precision": MEAN_AP,
}


def _reported() -> Iterator[Reported]:
    by_key = {dataset.key: dataset for dataset in DATA_SETS}
    text = (files(__package__) / "published.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        dataset = by_key[row["dataset"]]
        figures = {(metric.name, TEST): float(row[name]) for name, metric in METRICS.items() if row[name]}
        tiers = () if dataset.multilabel else (ZERO_SHOT,)
        yield Reported(benchmark=dataset.name, method=row["model"], source=SOURCE, figures=figures, tiers=tiers)


REPORTED: tuple[Reported, ...] = tuple(_reported())
