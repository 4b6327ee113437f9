"""FSRW-style re-weighting: the maps of an image are weighed, channel by channel, for each class.

Kang et al. 2019, arXiv 1812.01866. Their detector is YOLOv2, with one score of an object and one of a class at each
place; ours is an interpretation on Faster R-CNN, whose proposals are the same for all classes.
"""

from farfield_baselines.few_shot_detection.declare import declare
from farfield_baselines.few_shot_detection.reweighting import EpisodesConfig, EpisodesOnResNet, Reweighting

KANG = "Kang et al. 2019, arXiv 1812.01866"


class MapReweighting(Reweighting):
    """Vectors weigh maps."""

    weighed = "maps"


SPEC = declare(
    "fsrw",
    MapReweighting,
    "FSRW-style re-weighting of an image's maps by vectors of classes, on Faster R-CNN",
    (KANG,),
    settings=EpisodesConfig,
    large=EpisodesOnResNet,
)
