"""Faster R-CNN trained on all domains alike (Ren et al. 2015, arXiv 1506.01497): ERM in WILDS' table of GlobalWheat."""

from farfield_baselines.detection.core import Recipe
from farfield_baselines.detection.declare import declare

SPEC = declare("faster-rcnn", Recipe, "Faster R-CNN")
