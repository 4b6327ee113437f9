"""Empirical risk minimisation (Vapnik 1998): the mean loss over all training images, whatever their domain."""

from farfield_baselines.generalization.core import Algorithm
from farfield_baselines.generalization.declare import declare


class ERM(Algorithm):
    """Cross-entropy over the pooled minibatches."""


SPEC = declare(
    "erm",
    ERM,
    "Empirical risk minimisation: the mean loss over the pooled training domains.",
    ("Vapnik 1998, Statistical Learning Theory",),
)
