"""Published figures on ImageNet-W, of networks that look at 224 x 224 pixels: accuracy without it, and both gaps."""

from farfield_evaluators.reported import Reported, percent
from farfield_evaluators.suites.imagenet.watermark.board import DOMAIN, IMAGENET_W
from farfield_evaluators.suites.imagenet.watermark.scoring import CARTON_GAP, DROP

_SOURCE = "[V] README of the release, c91b097, of Li et al. 2023 (arXiv 2212.04825); last layers retrained on ImageNet"
_FIGURES = {
    "ResNet-50, ERM": (76.39, 25.40, 30),
    "ResNet-50, Mixup": (76.17, 24.87, 34),
    "ResNet-50, CutMix": (75.90, 25.78, 32),
    "ResNet-50, Cutout": (76.40, 25.11, 32),
    "ResNet-50, AugMix": (76.23, 23.41, 38),
    "ResNet-50, SD": (76.39, 26.03, 30),
    "ResNet-50, WTM Aug": (76.32, 5.78, 14),
    "ResNet-50, TXT Aug": (75.94, 25.93, 36),
    "ResNet-50, BG Aug": (76.03, 25.01, 36),
    "ResNet-50, LfF": (76.35, 26.19, 36),
    "ResNet-50, JTT": (76.33, 26.40, 32),
    "ResNet-50, EIIL": (71.51, 33.17, 24),
    "ResNet-50, DebiAN": (76.33, 26.40, 36),
    "ResNet-50, LLE": (76.25, 6.18, 10),
    "MAE ViT-B, LLE": (83.68, 2.48, 6),
    "MAE ViT-L, LLE": (85.84, 1.74, 12),
    "MAE ViT-H, LLE": (86.84, 1.11, 28),
}
"""IN-1k, the IN-W gap without its minus, and the carton gap, in per cent."""


def _figures(clean: float, drop: float, cartons: float) -> dict[tuple[str, str], float]:
    named = {("accuracy", "id"): clean, (DROP.name, DOMAIN): drop, (CARTON_GAP.name, DOMAIN): cartons}
    return percent(named)


REPORTED: tuple[Reported, ...] = tuple(
    Reported(benchmark=IMAGENET_W.name, method=method, source=_SOURCE, figures=_figures(*figures))
    for method, figures in _FIGURES.items()
)
