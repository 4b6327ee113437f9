"""The metrics by name, as boards show them; the computations are in the files beside this one."""

from farfield import Metric

ACCURACY = Metric(
    name="accuracy",
    title="Accuracy",
    higher_is_better=True,
    description="Top-1 accuracy: the share of images whose highest logit is the label's.",
)
AUROC = Metric(
    name="auroc",
    title="AUROC",
    higher_is_better=True,
    description="Area under the ROC curve of telling OOD images (positive) from ID ones; 50% is chance.",
)
FPR95 = Metric(
    name="fpr95",
    title="FPR@95",
    higher_is_better=False,
    description="False positive rate at the first threshold that finds at least 95% of the OOD images.",
)
AUPR_IN = Metric(
    name="aupr-in",
    title="AUPR-in",
    higher_is_better=True,
    description="Area under the precision-recall curve with ID as the positive class, by the trapezoid rule.",
)
AUPR_OUT = Metric(
    name="aupr-out",
    title="AUPR-out",
    higher_is_better=True,
    description="Area under the precision-recall curve with OOD as the positive class, by the trapezoid rule.",
)
