"""The metrics of long tails by name; a convention of buckets stands in the name of each that depends on one."""

from dataclasses import dataclass

from farfield_evaluators.metric import Metric
from farfield_evaluators.suites.longtail.shots import BUCKETS, Convention

TITLES = {"many": "Many-shot", "medium": "Medium-shot", "few": "Few-shot"}
GLT_RULE, GLT_COCO_RULE = "glt", "glt-coco"
_RANKS = {
    GLT_RULE: ("the 400 largest classes", "the next 450 classes", "the last 150 classes"),
    GLT_COCO_RULE: ("the 11 largest classes", "the next 12 classes", "the last 6 classes"),
}


def bucket_accuracy(convention: Convention, bucket: str) -> Metric:
    """The mean of the accuracies of the classes in the bucket."""
    rule = convention.says(bucket)
    return Metric(
        name=f"{bucket}-accuracy-{convention.bounds[bucket]}",
        title=f"{TITLES[bucket]} accuracy ({convention.sign(bucket)})",
        higher_is_better=True,
        description=f"Mean of the accuracies of the classes that have {rule}.",
    )


PRECISION = Metric(
    name="glt-precision",
    title="Precision",
    higher_is_better=True,
    description="Mean over the test's classes of the share of images predicted as the class that are of it; "
    "a class that nothing is predicted as counts 0.",
)
F1 = Metric(
    name="glt-f1",
    title="F1",
    higher_is_better=True,
    description="Harmonic mean of accuracy and precision; no mean of the classes' F1.",
)


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """GLT's figures of a bucket, whose classes are told by their rank in size."""

    accuracy: Metric
    precision: Metric


def _ranked(bucket: str, rule: str) -> Ranked:
    named, classes = TITLES[bucket], _RANKS[rule][BUCKETS.index(bucket)]
    return Ranked(
        accuracy=Metric(
            name=f"{bucket}-accuracy-{rule}",
            title=f"{named} accuracy",
            higher_is_better=True,
            description=f"Share of the images of {classes} that are recognised.",
        ),
        precision=Metric(
            name=f"{bucket}-precision-{rule}",
            title=f"{named} precision",
            higher_is_better=True,
            description=f"As precision, over the images of {classes}; predictions are counted over all images.",
        ),
    )


RANKED = {bucket: _ranked(bucket, GLT_RULE) for bucket in BUCKETS}
RANKED_OF_COCO = {bucket: _ranked(bucket, GLT_COCO_RULE) for bucket in BUCKETS}
