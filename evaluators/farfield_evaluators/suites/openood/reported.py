"""Published figures of OOD detection: all of OpenOOD's leaderboards, and others against ImageNet-1k.

`leaderboard.csv` has the means of its six tables, in per cent, as they stood in July 2025 (branch `leaderboard` of
zjysteven/OpenOOD at 28d3a40); those against CIFAR and ImageNet-200 are over three trainings.
"""

import csv
from collections.abc import Iterator, Mapping
from importlib.resources import files

from farfield_evaluators.reported import Reported, percent

_LEADERBOARD = "OpenOOD v1.5's own leaderboard (Zhang et al. 2023, arXiv 2306.09301)"
_PLAIN = "CrossEntropy"
_NETWORKS = {"ResNet18": "ResNet-18", "ResNet50": "ResNet-50", "RegNet_Y_16GF": "RegNet-Y-16GF"}
_POSTPROCESSORS = {"MLS": "MaxLogit", "EBO": "Energy", "VIM": "ViM"}
_CLIPN = (
    "[V] README of CLIPN's repository, which says that they are better than the paper's (Wang et al. 2023, "
    "arXiv 2308.12213), ImageNet; FPR at 95% with ID as the positive class, interpolated"
)
_CLASSIC: Mapping[str, tuple[str, str, Mapping[str, tuple[float, float]]]] = {
    "ZODE, zoo of 5 models": (
        "fpr95-classic",
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
        "fpr95-id-interp",
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
    table = (files(__package__) / "leaderboard.csv").read_text(encoding="utf-8")
    yield from map(_of_the_leaderboard, csv.DictReader(table.splitlines()))
    for method, (rate_read, source, figures_of) in _CLASSIC.items():
        areas = {("auroc", name): area for name, (area, _) in figures_of.items()}
        rates = {(rate_read, name): rate for name, (_, rate) in figures_of.items()}
        figures = percent(areas | rates)
        yield Reported(benchmark="ood-detection/imagenet-classic", method=method, source=source, figures=figures)


def _of_the_leaderboard(row: Mapping[str, str]) -> Reported:
    """A network, how it was trained, and the post-processor; without an accuracy where OpenOOD has none."""
    arch = _NETWORKS.get(row["arch"], row["arch"])
    steps = [row["training"], _POSTPROCESSORS.get(row["postprocessor"], row["postprocessor"])]
    named = [step for step in dict.fromkeys(steps) if step != _PLAIN]
    suffix = "-full-spectrum" if row["board"].endswith("-full-spectrum") else ""
    cells = {
        (f"auroc{suffix}", "near"): row["near"],
        (f"auroc{suffix}", "far"): row["far"],
        (f"accuracy{suffix}", "id"): row["accuracy"],
    }
    outliers = "; it learned from other images as outliers" if row["outliers"] == "Yes" else ""
    return Reported(
        benchmark=f"ood-detection/{row['board']}",
        method=f"{arch}, {' + '.join(named)}",
        source=f"[V] {arch}, {_LEADERBOARD}{outliers}",
        figures=percent({key: float(cell) for key, cell in cells.items() if cell}),
    )


REPORTED: tuple[Reported, ...] = tuple(_detectors())
