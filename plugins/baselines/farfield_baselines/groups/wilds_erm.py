"""Empirical risk minimisation (Vapnik 1998) as WILDS trains it: examples count alike, whatever their group."""

from farfield_baselines.groups.declare import method
from farfield_baselines.trained.core import Recipe

SPEC = method(
    "wilds-erm", Recipe, "ERM: the mean loss over all training examples", ("Vapnik 1998, Statistical Learning Theory",)
)
