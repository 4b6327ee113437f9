"""The methods for groups that learn values as well as classes, for benchmarks of regression, as WILDS' PovertyMap.

The recipes are those of classification; the error of an example is its squared error.
"""

from farfield import MethodSpec, TaskFamily
from farfield_baselines.groups import wilds_coral, wilds_groupdro, wilds_irm
from farfield_baselines.groups.declare import method
from farfield_baselines.trained.core import Recipe, TrainedWithUnlabeled

FAMILY = TaskFamily.REGRESSION

SPECS: tuple[MethodSpec, ...] = (
    method("wilds-erm-regression", Recipe, "ERM of values: the mean squared error", family=FAMILY),
    method(
        "wilds-groupdro-regression",
        wilds_groupdro.GroupDRO,
        "Group DRO of values: the squared error of the worst group",
        (wilds_groupdro.PAPER,),
        config=wilds_groupdro.GroupDROConfig,
        family=FAMILY,
    ),
    method(
        "wilds-irm-regression",
        wilds_irm.IRM,
        "IRMv1 of values: one predictor that is optimal in every group at once",
        (wilds_irm.PAPER,),
        config=wilds_irm.IRMConfig,
        family=FAMILY,
    ),
    method(
        "wilds-coral-regression",
        wilds_coral.CORAL,
        "Deep CORAL of values: the squared error, and how far apart the groups' features are",
        (wilds_coral.PAPER,),
        config=wilds_coral.CORALConfig,
        held=TrainedWithUnlabeled,
        family=FAMILY,
    ),
)
