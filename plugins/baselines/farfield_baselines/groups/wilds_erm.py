"""Empirical risk minimisation (Vapnik 1998) as WILDS trains it: examples count alike, whatever their group."""

from farfield_baselines.groups.declare import method
from farfield_baselines.trained.config import TrainConfig
from farfield_baselines.trained.declare import First
from farfield_baselines.trained.first import Begun, erm

FIRST = First(train=erm, config=TrainConfig)
TITLE = "ERM: the mean loss over all training examples"
SPEC = method("wilds-erm", Begun, TITLE, ("Vapnik 1998, Statistical Learning Theory",), first=FIRST)
