"""LWS: a learned scale on each class's logit (Kang et al. 2020, arXiv 1910.09217)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from farfield import MethodSpec, setting
from farfield_baselines.longtail.core import HeadConfig, TwoStages
from farfield_baselines.longtail.declare import decoupled

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True, kw_only=True)
class ScalesConfig(HeadConfig):
    """Half as long as for a new classifier."""

    head_epochs: int = setting(5, ge=1, le=1000, help="Class-aware passes of the second stage.")


class LearnableWeightScaling(TwoStages):
    """The second stage keeps the first one's classifier, bias included, and learns one factor a class."""

    def second_head(self) -> nn.Module:
        from farfield_baselines.networks.long_tail import ScaledHead

        return ScaledHead(self.classifier, self.setup.outputs)


SPEC: MethodSpec = decoupled("lws", LearnableWeightScaling, "Learnable weight scaling (LWS)", ScalesConfig)
