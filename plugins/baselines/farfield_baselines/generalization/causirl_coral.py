"""CausIRL with CORAL's distance (Chevalley et al. 2022, arXiv 2206.11646)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farfield_baselines.generalization.alignment import AlignmentConfig
from farfield_baselines.generalization.causirl import CausIRL
from farfield_baselines.generalization.coral import moments_apart
from farfield_baselines.generalization.declare import declare

if TYPE_CHECKING:
    import torch


class CausIRLCORAL(CausIRL):
    """CORAL's distance."""

    def gap(self, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        return moments_apart(first, second)


SPEC = declare(
    "causirl-coral",
    CausIRLCORAL,
    "CausIRL with CORAL: the risk, and how far the moments of two random mixtures of all training domains are apart.",
    ("Chevalley et al. 2022, arXiv 2206.11646",),
    config=AlignmentConfig,
)
