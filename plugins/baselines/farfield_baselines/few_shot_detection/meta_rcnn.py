"""Meta R-CNN-style re-weighting: the features of an image's regions are weighed, channel by channel, for each class.

Yan et al. 2019, arXiv 1909.13032. Weights are in 0 to 1, and a loss of vectors alone tells classes apart. Theirs has a
score layer for each class; ours has one for all, so that a class is its vector. Their masks are not here.
"""

from farfield_baselines.few_shot_detection.declare import declare
from farfield_baselines.few_shot_detection.reweighting import EpisodesConfig, EpisodesOnResNet, Reweighting

YAN = "Yan et al. 2019, arXiv 1909.13032"


class RegionReweighting(Reweighting):
    """Vectors weigh what the box head makes of a region."""

    weighed = "regions"
    meta = 1.0


SPEC = declare(
    "meta-rcnn",
    RegionReweighting,
    "Meta R-CNN-style re-weighting of regions' features by vectors of classes",
    (YAN,),
    settings=EpisodesConfig,
    large=EpisodesOnResNet,
)
