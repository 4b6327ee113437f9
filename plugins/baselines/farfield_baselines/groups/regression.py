"""The methods for groups that learn values as well as classes, for benchmarks of regression, as WILDS' PovertyMap.

The recipes are those of classification; the error of an example is its squared error.
"""

from dataclasses import replace

from farfield import MethodSpec, TaskFamily
from farfield_baselines.groups import wilds_coral, wilds_erm, wilds_groupdro, wilds_irm


def of_values(spec: MethodSpec, title: str) -> MethodSpec:
    """The method for regression: as it was, but for the name, the family, and what the summaries begin with.

    What it trains first is no other's, so it is trained in the run.
    """

    def said(summary: str) -> str:
        return f"{title}, {summary.rpartition(', ')[2]}"

    choices = {name: replace(choice, summary=said(choice.summary), base=None) for name, choice in spec.choices.items()}
    return replace(
        spec,
        name=f"{spec.name}-regression",
        family=TaskFamily.REGRESSION,
        summary=said(spec.summary),
        choices=choices,
    )


SPECS: tuple[MethodSpec, ...] = (
    of_values(wilds_erm.SPEC, "ERM of values: the mean squared error"),
    of_values(wilds_groupdro.SPEC, "Group DRO of values: the squared error of the worst group"),
    of_values(wilds_irm.SPEC, "IRMv1 of values: one predictor that is optimal in every group at once"),
    of_values(wilds_coral.SPEC, "Deep CORAL of values: squared error, and how far apart the groups' features are"),
)
