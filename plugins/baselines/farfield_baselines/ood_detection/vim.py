"""Virtual-logit matching (Wang et al. 2022, arXiv 2203.10807, section 4)."""

from dataclasses import dataclass

import numpy as np

from farfield import setting
from farfield.numerics import logsumexp
from farfield_baselines.ood_detection.choice import CHOSEN, With, on_held_out_classes
from farfield_baselines.ood_detection.core import Floats, Head, Known, Rule, Score, Seen
from farfield_baselines.ood_detection.declare import Detector
from farfield_baselines.ood_detection.search import grid

GRID = (2, 4, 8, 16, 32, 64, 128, 256, 512, 1000)
DIM = 256  # OpenOOD's; the paper takes 1,000 for features of 1,500 and more, else 512 (section 5)
HELP = (
    "Dimension of the principal space; the paper's is 512, or 1000 from width 1500 on. 0 is OpenOOD's 256, at most "
    f"half of the training images; -1 is {CHOSEN}."
)


@dataclass(frozen=True, kw_only=True)
class Config:
    """How much of the features counts as principal."""

    dim: int = setting(0, ge=-1, le=4096, help=HELP)


def origin(head: Head) -> Floats:
    """The point [D] where all outputs of the last layer are nearest to equal to 0, of least length: -pinv(W) b."""
    return -np.asarray(np.linalg.lstsq(head.weight.astype(np.float64), head.bias.astype(np.float64), rcond=None)[0])


def usual_dim(features: Floats) -> int:
    """OpenOOD's dimension, held below what N training features [N, D] can span and leave a residual of."""
    images, width = features.shape
    return int(max(1, min(DIM, images // 2, width // 2)))


def principal_space(centred: Floats, dim: int) -> Floats:
    """An orthonormal basis [D, dim] of the main directions of centred features [N, D]."""
    if len(centred) < centred.shape[1]:
        return np.asarray(np.linalg.svd(centred, full_matrices=False)[2][:dim].T)
    _, directions = np.linalg.eigh(centred.T @ centred / len(centred))
    return np.asarray(directions[:, centred.shape[1] - dim :])


def residual_length(centred: Floats, basis: Floats) -> Floats:
    """The length of what a basis [D, dim] leaves over of centred features [B, D]: [B]."""
    return np.asarray(np.linalg.norm(centred - (centred @ basis) @ basis.T, axis=1))


def around(centre: Floats) -> With[int]:
    """The score for each dimension of the principal space, features being centred there."""

    def with_dim(known: Known, dim: int) -> Score:
        features = known.seen.features
        if dim >= min(features.shape):
            most = f"{len(features)} training images of width {features.shape[1]}"
            raise ValueError(f"dim {dim} leaves no residual of {most}; give a smaller one, or 0")
        basis = principal_space(features - centre, dim)
        alpha = known.seen.logits.max(axis=1).mean() / residual_length(features - centre, basis).mean()

        def score(seen: Seen) -> Floats:
            return np.asarray(logsumexp(seen.logits) - alpha * residual_length(seen.features - centre, basis))

        return score

    return with_dim


def vim(known: Known, config: Config) -> Score:
    """logsumexp(logits) - alpha |residual|; alpha makes the mean residual of training images their mean max-logit.

    Raises ValueError for a dimension that leaves no residual on the training images.
    """
    make, features = around(origin(known.head)), known.seen.features
    if config.dim == -1:
        possible = [dim for dim in GRID if dim < len(features) // 4 and dim < features.shape[1]] or [1]
        return make(known, on_held_out_classes(make, possible, known))
    return make(known, config.dim or usual_dim(features))


RULE = Rule(make=vim, fits=True, grid=grid(dim=(256, 1000)))
DETECTOR = Detector(
    name="vim",
    title="Virtual-logit matching (ViM)",
    rule=RULE,
    config=Config,
    papers=("Wang et al. 2022, arXiv 2203.10807",),
)
SPEC = DETECTOR.spec
