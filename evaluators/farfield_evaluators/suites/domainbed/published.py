"""DomainBed's published results by its three selection rules, to set ours beside: `published.csv`.

Source: Gulrajani & Lopez-Paz, "In Search of Lost Domain Generalization" (ICLR 2021, arXiv 2007.01434) and the results
of 2020-10-06 in its repository, in per cent: 20 hyperparameter draws, 3 trials, ResNet-50 (a small CNN for digits).
A line is an algorithm on a data set: the average as printed, and the figure of each environment in index order; of
"all" data sets, the figure of each of `DATASETS`.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

DATASETS = ("ColoredMNIST", "RotatedMNIST", "VLCS", "PACS", "OfficeHome", "TerraIncognita", "DomainNet")
ALL = "all"


@dataclass(frozen=True, kw_only=True)
class Published:
    """An algorithm's accuracies in per cent by one rule: of its environments, or data sets, and their average."""

    parts: tuple[float, ...]
    average: float


def _read() -> dict[tuple[str, str, str], Published]:
    text = (files(__package__) / "published.csv").read_text(encoding="utf-8")
    return {
        (row["rule"], row["dataset"], row["algorithm"]): Published(
            parts=tuple(map(float, row["parts"].split())), average=float(row["average"])
        )
        for row in csv.DictReader(text.splitlines())
    }


PUBLISHED: Mapping[tuple[str, str, str], Published] = _read()  # by rule, data set or "all", and algorithm
ALGORITHMS = tuple(dict.fromkeys(algorithm for _, _, algorithm in PUBLISHED))
