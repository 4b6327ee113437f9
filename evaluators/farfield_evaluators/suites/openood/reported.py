"""Published figures of OOD detection against ImageNet-1k."""

from collections.abc import Iterator, Mapping

from farfield_evaluators.reported import Reported, percent

_OPENOOD = "[V] ResNet-50, OpenOOD v1.5's own leaderboard (Zhang et al. 2023, arXiv 2306.09301)"
_NEAR_FAR: Mapping[str, tuple[float, float]] = {
    "ResNet-50, MSP": (76.02, 85.23),
    "ResNet-50, MaxLogit": (76.46, 89.57),
    "ResNet-50, Energy": (75.89, 89.47),
    "ResNet-50, ReAct": (77.38, 93.67),
}
_CLIPN = (
    "[V] README of CLIPN's repository, which says that they are better than the paper's (Wang et al. 2023, "
    "arXiv 2308.12213), ImageNet; FPR at 95% with ID as the positive class"
)
_CLASSIC: Mapping[str, tuple[str, Mapping[str, tuple[float, float]]]] = {
    "ZODE, zoo of 5 models": (
        "[V] Xue et al. 2024 (arXiv 2212.12720), ImageNet; FPR at 95% with ID as the positive class",
        {
            "inaturalist": (98.60, 5.01),
            "sun": (90.37, 48.87),
            "places": (88.07, 53.96),
            "textures": (98.93, 4.57),
            "far": (93.99, 28.10),
        },
    ),
    "CLIPN-ATD, ViT-B/16": (
        _CLIPN,
        {
            "inaturalist": (96.20, 19.11),
            "sun": (94.18, 25.69),
            "textures": (90.81, 40.91),
            "places": (92.62, 32.11),
        },
    ),
}


def _detectors() -> Iterator[Reported]:
    for method, (near, far) in _NEAR_FAR.items():
        figures = percent({("auroc", "near"): near, ("auroc", "far"): far})
        yield Reported(benchmark="ood-detection/imagenet", method=method, source=_OPENOOD, figures=figures)
    for method, (source, table) in _CLASSIC.items():
        areas = {("auroc", name): area for name, (area, _) in table.items()}
        rates = {("fpr95-classic", name): rate for name, (_, rate) in table.items()}
        figures = percent(areas | rates)
        yield Reported(benchmark="ood-detection/imagenet-classic", method=method, source=source, figures=figures)


REPORTED: tuple[Reported, ...] = tuple(_detectors())
