"""CausIRL with the maximum mean discrepancy (Chevalley et al. 2022, arXiv 2206.11646)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farfield_baselines.generalization.alignment import AlignmentConfig
from farfield_baselines.generalization.causirl import CausIRL
from farfield_baselines.generalization.declare import declare
from farfield_baselines.generalization.mmd import discrepancy

if TYPE_CHECKING:
    import torch


class CausIRLMMD(CausIRL):
    """MMD's distance."""

    def gap(self, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        return discrepancy(first, second)


SPEC = declare(
    "causirl-mmd",
    CausIRLMMD,
    "CausIRL with MMD: the risk, and the discrepancy between two random mixtures of all training domains.",
    ("Chevalley et al. 2022, arXiv 2206.11646",),
    config=AlignmentConfig,
)
