"""WILDS' metrics: what each data set is scored by, by WILDS' own rules."""

from farfield_evaluators.suites.wilds.scoring.by_dataset import DatasetScoring, scoring_of

__all__ = ["DatasetScoring", "scoring_of"]
