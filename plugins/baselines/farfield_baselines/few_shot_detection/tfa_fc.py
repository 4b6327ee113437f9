"""TFA with a linear classifier (Wang et al. 2020, arXiv 2003.06957): `TFA w/ fc` of the authors' tables."""

from farfield_baselines.few_shot_detection.declare import declare
from farfield_baselines.few_shot_detection.two_stage import OnResNet, TwoStage, TwoStageConfig

TFA = "Wang et al. 2020, arXiv 2003.06957"


class Linear(TwoStage):
    """Linear last layers in both phases."""

    final, first = "fc", "fc"


SPEC = declare(
    "tfa-fc",
    Linear,
    "Two-stage fine-tuning of a detector's last layers with a linear classifier",
    (TFA,),
    settings=TwoStageConfig,
    large=OnResNet,
)
