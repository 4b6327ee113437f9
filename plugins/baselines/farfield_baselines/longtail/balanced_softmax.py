"""Balanced softmax: cross-entropy under the classes' training frequency (Ren et al. 2020, arXiv 2007.10740)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from farfield import MethodSpec
from farfield_baselines.longtail.core import LongTail
from farfield_baselines.longtail.declare import method

if TYPE_CHECKING:
    import torch

    from farfield_baselines.trained.core import TensorBatch

PAPER = "Ren et al. 2020, NeurIPS, arXiv 2007.10740"


class BalancedSoftmax(LongTail):
    """In training log n_c is added to the logits; at test it is left out, which takes every class for as frequent.

    The paper's meta sampler, which learns how often classes come, is not part of it.
    """

    def loss(self, batch: TensorBatch) -> torch.Tensor:
        from farfield_baselines.networks.long_tail import balanced_softmax

        return balanced_softmax(self.logits(batch.inputs), batch.labels, self.counts)


SPEC: MethodSpec = method("balanced-softmax", BalancedSoftmax, "Balanced softmax", (PAPER,))
