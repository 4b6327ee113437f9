"""COOkeD's boards of ImageNet-1K and ImageNet-200: OpenOOD's lists, and FPR@95 as COOkeD's release reads it.

Humblot-Renaux et al., ICCV Workshops 2025 (arXiv 2507.22576): ID is the positive class, and the threshold is that whose
share of kept ID images is nearest to 95%. Packs are those of OpenOOD's boards.
"""

from dataclasses import replace

from farfield_evaluators.benchmark import Benchmark, Column
from farfield_evaluators.metrics import catalog as metrics
from farfield_evaluators.scoring import detection as scorers
from farfield_evaluators.suites.openood.benchmarks import OOD_DETECTION, OOD_DETECTION_200
from farfield_evaluators.suites.openood.board import near_far

_PAPER = "Humblot-Renaux et al., COOkeD, ICCV Workshops 2025 (arXiv 2507.22576)"


def _columns(of: Benchmark) -> tuple[Column, ...]:
    """Those of OpenOOD's board, with the other FPR@95."""
    ood = {domain.name: domain.title for domain in of.domains if domain.role in ("near", "far")}
    nearest = metrics.FPR95_NEAREST.name
    return tuple(replace(c, metric=nearest) if c.metric == metrics.FPR95.name else c for c in near_far(ood))


def _as_cooked(of: Benchmark, title: str) -> Benchmark:
    return replace(
        of,
        name=f"{of.name}-cooked",
        version="1",
        title=f"OOD detection, {title}, as COOkeD",
        summary=f"Tell {title}'s validation images from near and far OOD images, by COOkeD's rules.",
        description=(
            f"The images of OOD detection on {title}, by OpenOOD v1.5's lists, which COOkeD's release has. Its FPR@95 "
            "is another: ID is the positive class, and the threshold is the one that keeps the share of ID images "
            "nearest to 95%. AUROC and accuracy are the same figures on both boards."
        ),
        metrics=(metrics.AUROC, metrics.FPR95_NEAREST, metrics.ACCURACY),
        scorers=(scorers.CLASSIC, scorers.ID_ACCURACY),
        columns=_columns(of),
        citations=(_PAPER, *of.citations),
    )


COOKED: tuple[Benchmark, ...] = (
    _as_cooked(OOD_DETECTION, "ImageNet-1K"),
    _as_cooked(OOD_DETECTION_200, "ImageNet-200"),
)
