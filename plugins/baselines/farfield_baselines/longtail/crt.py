"""cRT: a classifier that is trained again on balanced classes (Kang et al. 2020, arXiv 1910.09217)."""

from farfield import MethodSpec
from farfield_baselines.longtail.core import HeadConfig, TwoStages
from farfield_baselines.longtail.declare import decoupled


class ClassifierRetraining(TwoStages):
    """The second stage starts from a new classifier."""


SPEC: MethodSpec = decoupled("crt", ClassifierRetraining, "Classifier re-training (cRT)", HeadConfig)
