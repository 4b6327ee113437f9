"""Published zero-shot figures of OpenCLIP and OpenAI models: CLIP_benchmark's own results, in two files.

Their columns are CLIP_benchmark's names of data set, model and metrics, figures in 0..1, to four places.
"""

import csv
from collections.abc import Iterator
from importlib.resources import files
from itertools import chain

from farfield_evaluators.metrics.catalog import ACCURACY, CLASS_ACCURACY, TOP5
from farfield_evaluators.reported import Reported
from farfield_evaluators.scoring.retrieval import IMAGE_RECALL, TEXT_RECALL
from farfield_evaluators.suites.clip_benchmark.benchmarks import TEST
from farfield_evaluators.suites.clip_benchmark.captions import CAPTION_SETS
from farfield_evaluators.suites.clip_benchmark.datasets import DATA_SETS
from farfield_evaluators.suites.clip_benchmark.plan import ZERO_SHOT
from farfield_evaluators.suites.clip_benchmark.scoring import MEAN_AP

SOURCE = "[V] Schuhmann et al. 2022, arXiv 2210.08402: LAION-AI/CLIP_benchmark 48de38c, benchmark/benchmark.csv"
FILES = ("published.csv", "published_retrieval.csv")
METRICS = {
    "acc1": ACCURACY,
    "acc5": TOP5,
    "mean_per_class_recall": CLASS_ACCURACY,
    "mean_average_precision": MEAN_AP,
    "image_retrieval_recall@5": IMAGE_RECALL[5],
    "text_retrieval_recall@5": TEXT_RECALL[5],
}


def _reported() -> Iterator[Reported]:
    boards = {each.key: each.name for each in DATA_SETS} | {each.key: each.name for each in CAPTION_SETS}
    in_tiers = {each.key for each in DATA_SETS if not each.multilabel}
    for row in chain.from_iterable(map(_rows, FILES)):
        key = row["dataset"]
        figures = {(metric.name, TEST): float(row[name]) for name, metric in METRICS.items() if row.get(name)}
        tiers = (ZERO_SHOT,) if key in in_tiers else ()
        yield Reported(benchmark=boards[key], method=row["model"], source=SOURCE, figures=figures, tiers=tiers)


def _rows(file: str) -> list[dict[str, str]]:
    text = (files(__package__) / file).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


REPORTED: tuple[Reported, ...] = tuple(_reported())
