"""Published figures on ImageNet's shifted sets: top-1 accuracy, and the corruption error.

`testbed.csv` has the accuracies, in per cent, of the models that the ImageNet testbed counts as standard, through which
its lines of effective robustness go (modestyachts/imagenet-testbed at 0170eec: its table, and its types of models).
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files

from farfield_evaluators.reported import Key, Reported, Unplaced, percent

_IMAGENET, _IMAGENET_C = "imagenet-ood/imagenet", "imagenet-ood/imagenet-c"
_FIVE = ("val", "v2", "r", "a", "sketch")
_TUNED = "[S] CLIP ViT-B/16, fine-tuned on ImageNet; as later papers tabulate it, not checked against its own"
_TRACER = "[V] fine-tuned on ImageNet, mean of five runs; as later papers tabulate it: TRACER's (ICML 2026)"
_OTHERS = f"{_TRACER}, not checked against its own"
_TESTBED = "[V] results of the ImageNet testbed (Taori et al. 2020, arXiv 2007.00644)"
_SHIFTS, _OF_SOME_CLASSES, _OF = ("v2", "r", "a", "sketch", "objectnet"), ("r", "a", "objectnet"), "val-of-"
_NAMED = {"resnet50": "ResNet-50 (torchvision)"}
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
    ("CLIP ViT-B/16, CAR-FT", f"Mao et al. 2022, arXiv 2211.16175. {_OTHERS}", (83.27, 74.03, 75.37, 49.53, 52.97)),
    ("CLIP ViT-B/16, Lipsum-FT", f"Nam et al. 2024, arXiv 2404.00860. {_TUNED}", (83.33, 73.57, 75.93, 49.87, 51.43)),
    ("CLIP ViT-B/16, CaRot", f"Oh et al. 2024, arXiv 2311.01723. {_TUNED}", (83.16, 74.08, 77.74, 51.57, 52.74)),
    ("CLIP ViT-B/16, L2-SP", f"Li et al. 2018, arXiv 1802.01483. {_OTHERS}", (82.87, 72.63, 68.77, 39.73, 48.23)),
    ("CLIP ViT-B/16, static self-distillation", _OTHERS, (82.07, 73.13, 72.87, 42.33, 49.87)),
    ("CLIP ViT-B/16, Model Stock", _OTHERS, (84.07, 74.83, 71.77, 51.23, 51.77)),
    ("CLIP ViT-B/16, ARF", _OTHERS, (82.73, 72.77, 75.63, 50.27, 51.83)),
    ("CLIP ViT-B/16, TRACER", _TRACER, (82.76, 74.14, 79.33, 54.92, 53.69, 58.26)),
    (
        "CLIP ViT-B/16, ReCalCon",
        "[S] fine-tuned on ImageNet; as later papers tabulate it, the order of R, A and Sketch taken from a text",
        (83.3, 74.1, 71.6, 54.9, 51.8, 58.4),
    ),
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


def standard_models() -> dict[str, dict[str, float]]:
    """The accuracies of the testbed's standard models in per cent, by model and by set, where it has one."""
    table = (files(__package__) / "testbed.csv").read_text(encoding="utf-8")
    return {
        row.pop("model"): {name: float(value) for name, value in row.items() if value}
        for row in csv.DictReader(table.splitlines())
    }


def _of_the_testbed(accuracies: Mapping[str, float]) -> dict[Key, float]:
    """As the board has them: with the plain mean over shifts, and what was read on the classes of a shift alone."""
    figures = {("accuracy", name): value for name, value in accuracies.items() if not name.startswith(_OF)}
    figures["accuracy", "id"] = accuracies["val"]
    shifts = [accuracies[name] for name in _SHIFTS if name in accuracies]
    if len(shifts) == len(_SHIFTS):
        figures["accuracy", "shifts"] = sum(shifts) / len(shifts)
    for name in _SHIFTS:
        if name in accuracies:
            own = accuracies.get(_OF + name, None if name in _OF_SOME_CLASSES else accuracies["val"])
            figures |= {} if own is None else {("id-subset-accuracy", name): own}
    return figures


def _classifiers() -> Iterator[Reported]:
    for method, source, values in _CLASSIFIERS:
        figures = {("accuracy", name): value for name, value in zip((*_FIVE, "objectnet"), values, strict=False)}
        figures["accuracy", "id"] = figures["accuracy", "val"]  # val is the only ID set
        yield Reported(benchmark=_IMAGENET, method=method, source=source, figures=percent(figures))
    for model, accuracies in standard_models().items():
        method, figures = _NAMED.get(model, f"{model} (ImageNet testbed)"), _of_the_testbed(accuracies)
        yield Reported(benchmark=_IMAGENET, method=method, source=_TESTBED, figures=percent(figures))
    for method, source, table in _CORRUPTED:
        yield Reported(benchmark=_IMAGENET_C, method=method, source=source, figures=percent(table))


REPORTED: tuple[Reported, ...] = tuple(_classifiers())
UNPLACED: tuple[Unplaced, ...] = (
    Unplaced(method="MAE + DAT, ViT-H", figure="Stylized-ImageNet, accuracy", value=0.3277, source=_MAE_DAT),
)
