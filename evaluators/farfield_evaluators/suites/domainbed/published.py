"""Published results with training-domain selection, to set ours beside.

Source: Gulrajani & Lopez-Paz, "In Search of Lost Domain Generalization" (ICLR 2021, arXiv 2007.01434) and the results
of 2020-10-06 in its repository, in per cent: 20 hyperparameter draws, 3 trials, ResNet-50 (a small CNN for digits).
"""

from collections.abc import Mapping
from dataclasses import dataclass

DATASETS = ("ColoredMNIST", "RotatedMNIST", "VLCS", "PACS", "OfficeHome", "TerraIncognita", "DomainNet")


@dataclass(frozen=True, kw_only=True)
class Published:
    """One algorithm's accuracies in per cent, in the order of `DATASETS`, and their average as printed."""

    accuracies: tuple[float, ...]
    average: float


def _row(*figures: float) -> Published:
    return Published(accuracies=figures[:-1], average=figures[-1])


IID: Mapping[str, Published] = {
    "ERM": _row(51.5, 98.0, 77.5, 85.5, 66.5, 46.1, 40.9, 66.6),
    "IRM": _row(52.0, 97.7, 78.5, 83.5, 64.3, 47.6, 33.9, 65.4),
    "GroupDRO": _row(52.1, 98.0, 76.7, 84.4, 66.0, 43.2, 33.3, 64.8),
    "Mixup": _row(52.1, 98.0, 77.4, 84.6, 68.1, 47.9, 39.2, 66.7),
    "MLDG": _row(51.5, 97.9, 77.2, 84.9, 66.8, 47.7, 41.2, 66.7),
    "CORAL": _row(51.5, 98.0, 78.8, 86.2, 68.7, 47.6, 41.5, 67.5),
    "MMD": _row(51.5, 97.9, 77.5, 84.6, 66.3, 42.2, 23.4, 63.3),
    "DANN": _row(51.5, 97.8, 78.6, 83.6, 65.9, 46.7, 38.3, 66.1),
    "CDANN": _row(51.7, 97.9, 77.5, 82.6, 65.8, 45.8, 38.3, 65.6),
    "MTL": _row(51.4, 97.9, 77.2, 84.6, 66.4, 45.6, 40.6, 66.2),
    "SagNet": _row(51.7, 98.0, 77.8, 86.3, 68.1, 48.6, 40.3, 67.2),
    "ARM": _row(56.2, 98.2, 77.6, 85.1, 64.8, 45.5, 35.5, 66.1),
    "VREx": _row(51.8, 97.9, 78.3, 84.9, 66.4, 46.4, 33.6, 65.6),
    "RSC": _row(51.7, 97.6, 77.1, 85.2, 65.5, 46.6, 38.9, 66.1),
}

# ERM on ColoredMNIST, by test environment (+90%, +80%, -90%).
ERM_COLORED_MNIST = (71.7, 72.9, 10.0)
