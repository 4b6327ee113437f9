"""The last layers of few-shot detectors: linear or cosine scores and box deltas, and how rows go from one to another.

The cosine classifier and the rows: TFA, Wang et al. 2020, arXiv 2003.06957. Row 0 of every layer is the background's.
"""

from collections.abc import Mapping

import torch
from torch import nn
from torch.nn import functional

FC, COSINE = "fc", "cosine"
SCALE = 20.0  # of cosines, as TFA has it
EPSILON = 1e-5
SCORE_STD, DELTA_STD = 0.01, 0.001  # of the weights at the start, as in Fast R-CNN


class LinearPredictor(nn.Module):
    """Features [R, D] -> scores [R, 1 + classes] before the softmax, and box deltas [R, 4 (1 + classes)].

    classes: without the background. agnostic: the same deltas whatever the class is; they are told for each.
    """

    biased = True

    def __init__(self, inputs: int, classes: int, *, agnostic: bool = False) -> None:
        super().__init__()
        self.agnostic = agnostic
        self.cls_score = nn.Linear(inputs, classes + 1, bias=self.biased)
        self.bbox_pred = nn.Linear(inputs, 4 if agnostic else 4 * (classes + 1))
        for layer, std in ((self.cls_score, SCORE_STD), (self.bbox_pred, DELTA_STD)):
            nn.init.normal_(layer.weight, std=std)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)

    def forward(self, features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        flat = features.flatten(start_dim=1)
        deltas = self.bbox_pred(flat)
        return self.scores(flat), deltas.repeat(1, len(self.cls_score.weight)) if self.agnostic else deltas

    def scores(self, features: torch.Tensor) -> torch.Tensor:
        """Of features [R, D], [R, 1 + classes]."""
        scores: torch.Tensor = self.cls_score(features)
        return scores


class CosinePredictor(LinearPredictor):
    """The same with scaled cosines between features and the weights of classes as scores.

    In training the weights are brought to length one before each step, and gradients do not pass through that: TFA's
    own code does so.
    """

    biased = False

    def __init__(self, inputs: int, classes: int, *, agnostic: bool = False, scale: float = SCALE) -> None:
        super().__init__(inputs, classes, agnostic=agnostic)
        self.scale = scale

    def scores(self, features: torch.Tensor) -> torch.Tensor:
        return torch.mul(functional.linear(unit(features), self._of_length_one()), self.scale)

    def _of_length_one(self) -> torch.Tensor:
        weight = self.cls_score.weight
        if not self.training:
            return unit(weight)
        with torch.no_grad():
            weight.copy_(unit(weight))
        return weight.clone()  # a step may call this for each of its images: its gradients must not need the weight


class DropoutPredictor(LinearPredictor):
    """The same, where scores in training are of features of which a share is dropped: DeFRCN's own code does so."""

    def __init__(self, inputs: int, classes: int, *, dropout: float) -> None:
        super().__init__(inputs, classes)
        self.dropout = dropout

    def scores(self, features: torch.Tensor) -> torch.Tensor:
        return super().scores(functional.dropout(features, self.dropout, self.training))


def predictor(kind: str, inputs: int, classes: int, *, agnostic: bool = False, scale: float = SCALE) -> LinearPredictor:
    """A new one of FC or COSINE."""
    if kind == COSINE:
        return CosinePredictor(inputs, classes, agnostic=agnostic, scale=scale)
    return LinearPredictor(inputs, classes, agnostic=agnostic)


def unit(rows: torch.Tensor) -> torch.Tensor:
    """Rows [N, D] of length one, but for the small number that keeps a row of zeros."""
    lengths: torch.Tensor = torch.linalg.vector_norm(rows, dim=1, keepdim=True)
    return rows / (lengths + EPSILON)


@torch.no_grad()
def copy_rows(source: LinearPredictor, target: LinearPredictor, rows: Mapping[int, int]) -> None:
    """Outputs of `source` into `target`: the keys are rows of the target, the values those of the source.

    Biases of scores go along where both have them. Class-agnostic deltas are taken as they are.
    """
    into, taken = list(rows), list(rows.values())
    _copy(source.cls_score, target.cls_score, into, taken)
    if target.agnostic:
        target.bbox_pred.load_state_dict(source.bbox_pred.state_dict())
    else:
        _copy(source.bbox_pred, target.bbox_pred, _fours(into), _fours(taken))


@torch.no_grad()
def copy_mask_rows(source: nn.Module, target: nn.Module, rows: Mapping[int, int]) -> None:
    """The same of mask predictors with a mask for each class; all before their last layer goes along."""
    last = "mask_fcn_logits"
    before = {name: tensor for name, tensor in source.state_dict().items() if not name.startswith(last)}
    target.load_state_dict(before, strict=False)
    _copy(source.get_submodule(last), target.get_submodule(last), list(rows), list(rows.values()))


def _copy(source: nn.Module, target: nn.Module, into: list[int], taken: list[int]) -> None:
    for name in ("weight", "bias"):
        theirs, ours = getattr(source, name), getattr(target, name)
        if theirs is not None and ours is not None:
            ours[into] = theirs[taken]


def _fours(rows: list[int]) -> list[int]:
    """The rows of the four deltas of each class."""
    return [4 * row + number for row in rows for number in range(4)]
