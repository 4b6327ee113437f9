"""COCO's evaluation of boxes and masks: average precision and recall, over all classes or some, from one matching."""

from farfield_evaluators.scoring.coco.scorer import BOXES, Coco

__all__ = ["BOXES", "Coco"]
