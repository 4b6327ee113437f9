"""The metrics by name, as boards show them; the computations are in the files beside this one."""

from farfield_evaluators.metric import Metric

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

TOP5 = Metric(
    name="top5",
    title="Top-5",
    higher_is_better=True,
    description="Top-5 accuracy: the share of images whose label's logit is among the five highest.",
)
CLASS_ACCURACY = Metric(
    name="class-accuracy",
    title="Per-class accuracy",
    higher_is_better=True,
    description="Mean over the classes that the set has of the accuracy on each one's images.",
)
ECE = Metric(
    name="ece",
    title="ECE",
    higher_is_better=False,
    description="Expected calibration error: mean gap of accuracy and confidence over 15 bins of equal width.",
)
BRIER = Metric(
    name="brier",
    title="Brier",
    higher_is_better=False,
    description="Squared distance of the softmax to the label's unit vector, summed over classes; from 0 to 2.",
    unit="",
)
NLL = Metric(
    name="nll",
    title="NLL",
    higher_is_better=False,
    description="Negative log-likelihood of the label under the softmax, in nats.",
    unit="",
)
ID_SUBSET_ACCURACY = Metric(
    name="id-subset-accuracy",
    title="ID accuracy on the shift's classes",
    higher_is_better=True,
    description="Top-1 accuracy on the ID images of the classes that the shift has, with the shift's label space.",
)
EFFECTIVE_ROBUSTNESS = Metric(
    name="effective-robustness",
    title="Effective robustness",
    higher_is_better=True,
    description="OOD accuracy minus the one that the ImageNet testbed's standard models reach at this ID accuracy.",
)
CORRUPTION_ERROR = Metric(
    name="corruption-error",
    title="Corruption error",
    higher_is_better=False,
    description="Error on a corruption, mean over its severities, divided by AlexNet's; 100% is AlexNet.",
)
MCE = Metric(
    name="mce",
    title="mCE",
    higher_is_better=False,
    description="Mean of the corruption errors over the 15 main corruptions of ImageNet-C; 100% is AlexNet.",
)
RELATIVE_MCE = Metric(
    name="relative-mce",
    title="Relative mCE",
    higher_is_better=False,
    description="As mCE, with the growth of the error over the clean one in place of the error.",
)
FPR95_CLASSIC = Metric(
    name="fpr95-classic",
    title="FPR@95, ID positive",
    higher_is_better=False,
    description="Share of OOD images taken for ID at the threshold that keeps at least 95% of the ID images.",
)
FPR95_NEAREST = Metric(
    name="fpr95-nearest",
    title="FPR@95, ID positive, nearest",
    higher_is_better=False,
    description="Share of OOD images taken for ID at the threshold whose share of kept ID images is nearest to 95%.",
)
FPR95_ID_INTERP = Metric(
    name="fpr95-id-interp",
    title="FPR@95, ID positive, interpolated",
    higher_is_better=False,
    description="Share of OOD images taken for ID where 95% of the ID images are kept, on the line between thresholds.",
)
AUPR_IN_CLASSIC = Metric(
    name="aupr-in-classic",
    title="AP-in",
    higher_is_better=True,
    description="Average precision (a step function, no trapezoids) with ID as the positive class.",
)
AUPR_OUT_CLASSIC = Metric(
    name="aupr-out-classic",
    title="AP-out",
    higher_is_better=True,
    description="Average precision (a step function, no trapezoids) with OOD as the positive class.",
)
DETECTION_ERROR = Metric(
    name="detection-error",
    title="Detection error",
    higher_is_better=False,
    description="Mean of the shares of ID images rejected and of OOD images kept at the best threshold; 50% is chance.",
)
CCR_FPR10, CCR_FPR1 = (
    Metric(
        name=f"ccr-fpr{percent}",
        title=f"CCR@FPR {percent}%",
        higher_is_better=True,
        description=f"Share of ID images kept and classified rightly where {percent}% of the OOD images are kept.",
    )
    for percent in (10, 1)
)
FULL_SPECTRUM = tuple(
    Metric(
        name=f"{metric.name}-full-spectrum",
        title=f"{metric.title}, full-spectrum",
        higher_is_better=metric.higher_is_better,
        description=f"{metric.description} The shifted ID sets count as ID.",
    )
    for metric in (AUROC, FPR95, AUPR_IN, AUPR_OUT)
)
ACCURACY_FULL_SPECTRUM = Metric(
    name="accuracy-full-spectrum",
    title="Accuracy, full-spectrum",
    higher_is_better=True,
    description="Share of ID images whose highest logit is the label's; those of the shifted ID sets count too.",
)

_SELECTED = "Accuracy on the held-out environment's in-split, of the checkpoint that"
ACCURACY_IID = Metric(
    name="accuracy-iid",
    title="Accuracy, training-domain validation",
    higher_is_better=True,
    description=f"{_SELECTED} is best on the out-splits of the training environments.",
)
ACCURACY_LOO = Metric(
    name="accuracy-loo",
    title="Accuracy, leave-one-domain-out validation",
    higher_is_better=True,
    description=f"{_SELECTED} is best on each other environment when that is held out too.",
)
ACCURACY_ORACLE = Metric(
    name="accuracy-oracle",
    title="Accuracy, test-domain validation (oracle)",
    higher_is_better=True,
    description=f"{_SELECTED} is best, of the last ones, on the held-out environment's own out-split.",
)
ACCURACY_VARIATION = Metric(
    name="accuracy-variation",
    title="Accuracy, validation with variation",
    higher_is_better=True,
    description=f"{_SELECTED} is best on the training environments after a penalty for predictions that vary "
    "between them.",
)

# In the order of tables.
METRICS: tuple[Metric, ...] = (
    *(ACCURACY, TOP5, CLASS_ACCURACY, ECE, BRIER, NLL, ID_SUBSET_ACCURACY, EFFECTIVE_ROBUSTNESS),
    *(CORRUPTION_ERROR, MCE, RELATIVE_MCE, AUROC, FPR95, AUPR_IN, AUPR_OUT, FPR95_CLASSIC),
    *(FPR95_NEAREST, FPR95_ID_INTERP, AUPR_IN_CLASSIC),
    *(AUPR_OUT_CLASSIC, DETECTION_ERROR, CCR_FPR10, CCR_FPR1, *FULL_SPECTRUM, ACCURACY_FULL_SPECTRUM),
    *(ACCURACY_IID, ACCURACY_LOO, ACCURACY_ORACLE, ACCURACY_VARIATION),
)
