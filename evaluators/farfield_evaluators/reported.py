"""Published figures, to be set beside measured ones and never among them unasked.

Each has its source and how well it is known: [V] read in the released results or code of the authors or of the
benchmark, [S] from secondary text, not checked against the paper. Figures are in 0..1, at the precision printed there.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from farfield_evaluators.domainbed import published
from farfield_evaluators.domainbed.datasets import DATASETS

Key = tuple[str, str]
SMOKE = "smoke"


@dataclass(frozen=True, kw_only=True)
class Reported:
    """What a publication says of a method on a benchmark: figures in 0..1 by (metric, domain)."""

    benchmark: str
    method: str
    source: str
    figures: Mapping[Key, float]


@dataclass(frozen=True, kw_only=True)
class Unplaced:
    """What a publication says of a method that no board has a column for: a share in 0..1, and of what it is."""

    method: str
    figure: str
    value: float
    source: str


def reported_for(benchmark: str, tier: str = "") -> tuple[Reported, ...]:
    """The published figures on a benchmark, as they are listed here; none for a benchmark that has none.

    On a sweep's tier for trying things out there is nothing to compare.
    """
    return () if tier == SMOKE else tuple(r for r in REPORTED if r.benchmark == benchmark)


def _percent(figures: Mapping[Key, float]) -> dict[Key, float]:
    """Shares from per cent, rounded to what was printed: 0.683 and not 0.6829999999."""
    return {key: round(value / 100, 6) for key, value in figures.items()}


# --- imagenet-ood: top-1 accuracy, and the corruption error ----------------------------------------------------------

_IMAGENET, _IMAGENET_C = "imagenet-ood/imagenet", "imagenet-ood/imagenet-c"
_FIVE = ("val", "v2", "r", "a", "sketch")
_TUNED = "[S] CLIP ViT-B/16, fine-tuned on ImageNet; as later papers tabulate it, not checked against its own"
_TESTBED = "[V] results of the ImageNet testbed (Taori et al. 2020, arXiv 2007.00644)"
_EASYROBUST = "[V] results of EasyRobust"
_DAT = f"{_EASYROBUST}, the release of Mao et al. 2022 (arXiv 2209.07735)"
_MAE_DAT = "[V] Mao et al. 2022 (arXiv 2209.07735), abstract"
_TIMM = "[V] result tables of timm, at 224 pixels; the model: Woo et al. 2023, arXiv 2301.00808"
_CLASSIFIERS: Sequence[tuple[str, str, Sequence[float]]] = (
    (
        "CLIP ViT-B/16, zero-shot",
        f"Radford et al. 2021, arXiv 2103.00020. {_TUNED.replace(', fine-tuned on ImageNet', '')}",
        (68.33, 61.93, 77.71, 49.95, 48.26),
    ),
    ("CLIP ViT-B/16, FT", f"Wortsman et al. 2022, arXiv 2109.01903. {_TUNED}", (82.83, 72.57, 68.53, 39.23, 47.97)),
    ("CLIP ViT-B/16, LP-FT", f"Kumar et al. 2022, arXiv 2202.10054. {_TUNED}", (82.14, 72.09, 70.44, 46.32, 48.65)),
    ("CLIP ViT-B/16, FLYP", f"Goyal et al. 2023, arXiv 2212.00638. {_TUNED}", (82.72, 72.76, 71.32, 48.49, 49.87)),
    ("CLIP ViT-B/16, CAR-FT", f"Mao et al. 2022, arXiv 2211.16175. {_TUNED}", (83.27, 74.03, 75.37, 49.53, 52.97)),
    ("CLIP ViT-B/16, Lipsum-FT", f"Nam et al. 2024, arXiv 2404.00860. {_TUNED}", (83.33, 73.57, 75.93, 49.87, 51.43)),
    ("CLIP ViT-B/16, CaRot", f"Oh et al. 2024, arXiv 2311.01723. {_TUNED}", (83.16, 74.08, 77.74, 51.57, 52.74)),
    ("ResNet-50 (torchvision)", _TESTBED, (76.13, 63.21, 36.17, 0.0, 24.09, 35.75)),
    ("DAT, ViT-B/16", _DAT, (81.38, 69.99, 49.64, 24.61, 36.46)),
    ("convnextv2_base.fcmae_ft_in1k (timm)", _TIMM, (84.89, 74.99, 54.54, 45.72, 41.27)),
)
_CORRUPTED: Sequence[tuple[str, str, Mapping[Key, float]]] = (
    (
        "ResNet-50 (torchvision)",
        f"{_EASYROBUST}; ID accuracy: {_TESTBED}",
        {("mce", "shifts"): 76.7, ("accuracy", "id"): 76.13},
    ),
    ("DAT, ViT-B/16", _DAT, {("mce", "shifts"): 45.59, ("accuracy", "id"): 81.38}),
    (
        "MAE + DAT, ViT-H",
        _MAE_DAT,
        {("mce", "shifts"): 31.40},
    ),
)


def _classifiers() -> Iterator[Reported]:
    for method, source, values in _CLASSIFIERS:
        figures = {("accuracy", name): value for name, value in zip((*_FIVE, "objectnet"), values, strict=False)}
        figures["accuracy", "id"] = figures["accuracy", "val"]  # val is the only ID set
        yield Reported(benchmark=_IMAGENET, method=method, source=source, figures=_percent(figures))
    for method, source, table in _CORRUPTED:
        yield Reported(benchmark=_IMAGENET_C, method=method, source=source, figures=_percent(table))


# --- ood-detection -----------------------------------------------------------------------------------------------

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
        figures = _percent({("auroc", "near"): near, ("auroc", "far"): far})
        yield Reported(benchmark="ood-detection/imagenet", method=method, source=_OPENOOD, figures=figures)
    for method, (source, table) in _CLASSIC.items():
        areas = {("auroc", name): area for name, (area, _) in table.items()}
        rates = {("fpr95-classic", name): rate for name, (_, rate) in table.items()}
        figures = _percent(areas | rates)
        yield Reported(benchmark="ood-detection/imagenet-classic", method=method, source=source, figures=figures)


# --- domainbed: training-domain validation ---------------------------------------------------------------------------

_DOMAINBED = (
    "[V] Gulrajani & Lopez-Paz 2021 (arXiv 2007.01434) and the results of 2020-10-06 in its repository: ResNet-50 "
    "(a small CNN for digits), 20 hyperparameter draws, 3 trials, training-domain validation"
)
_CLIP_DG = "[S] CLIP ViT-B/16, as later papers tabulate it; not checked against any. The selection rule is not stated"
_CLIP_DATASETS = ("PACS", "VLCS", "OfficeHome", "TerraIncognita", "DomainNet")
_CLIP_ACCURACIES: Mapping[str, Sequence[float]] = {
    "CLIP ViT-B/16, zero-shot": (96.2, 81.7, 82.0, 33.4, 57.5),
    "CLIP ViT-B/16, ERM": (96.1, 83.0, 83.3, 60.9, 59.9),
}
_IID = "accuracy-iid"


def _generalization() -> Iterator[Reported]:
    names = {dataset.name: dataset.benchmark for dataset in DATASETS}
    for algorithm, row in published.IID.items():
        for dataset, accuracy in zip(published.DATASETS, row.accuracies, strict=True):
            figures = {(_IID, "shifts"): accuracy} | _by_environment(algorithm, dataset)
            yield Reported(benchmark=names[dataset], method=algorithm, source=_DOMAINBED, figures=_percent(figures))
    for method, accuracies in _CLIP_ACCURACIES.items():
        for dataset, accuracy in zip(_CLIP_DATASETS, accuracies, strict=True):
            figures = {(_IID, "shifts"): accuracy}
            yield Reported(benchmark=names[dataset], method=method, source=_CLIP_DG, figures=_percent(figures))


def _by_environment(algorithm: str, dataset: str) -> dict[Key, float]:
    """The figures of single environments that protocols are checked with: ERM's on ColoredMNIST."""
    if (algorithm, dataset) != ("ERM", "ColoredMNIST"):
        return {}
    environments = next(d.environments for d in DATASETS if d.name == dataset)
    return {(_IID, name): value for name, value in zip(environments, published.ERM_COLORED_MNIST, strict=True)}


REPORTED: tuple[Reported, ...] = (*_classifiers(), *_detectors(), *_generalization())

# --- figures that no board has a column for --------------------------------------------------------------------------

_AVERAGE = "DomainBed, average over seven data sets"
_PAPERS_AVERAGE = "DomainBed, average over the data sets that the paper takes"
_MIRO = "[S] ResNet-50, Cha et al. 2022 (arXiv 2203.10789)"


def _unplaced() -> Iterator[Unplaced]:
    for algorithm, row in published.IID.items():
        yield Unplaced(method=algorithm, figure=_AVERAGE, value=round(row.average / 100, 6), source=_DOMAINBED)
    car_ft = "[V] CLIP ViT-B/16, Mao et al. 2022 (arXiv 2211.16175), abstract"
    yield Unplaced(method="CAR-FT", figure=_PAPERS_AVERAGE, value=0.785, source=car_ft)
    yield Unplaced(method="MIRO", figure=_PAPERS_AVERAGE, value=0.659, source=_MIRO)
    yield Unplaced(method="MIRO + SWAD", figure=_PAPERS_AVERAGE, value=0.681, source=_MIRO)
    yield Unplaced(method="MAE + DAT, ViT-H", figure="Stylized-ImageNet, accuracy", value=0.3277, source=_MAE_DAT)


UNPLACED: tuple[Unplaced, ...] = tuple(_unplaced())
