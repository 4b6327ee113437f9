"""Linear probe on frozen Lite0 features (Alain & Bengio 2016, arXiv 1610.01644)."""

from dataclasses import dataclass

from farfield import MethodSpec, Resources, TaskFamily, setting
from farfield_baselines.backbones import LITE0_CLAIMS, LITE0_FEATURES, LITE0_PAPER
from farfield_baselines.probe import LinearProbe


@dataclass(frozen=True, kw_only=True)
class Config:
    """How strongly the classifier is held back."""

    l2: float = setting(1.0, ge=1e-6, le=1e6, help="Weight of the L2 penalty: 1/C in scikit-learn's words.")


SPEC = MethodSpec(
    name="lite0-linear-probe",
    family=TaskFamily.CLASSIFICATION,
    summary="Logistic regression on frozen EfficientNet-Lite0 features.",
    build=LinearProbe,
    inputs=LITE0_FEATURES,
    claims=LITE0_CLAIMS,
    config=Config,
    resources=Resources(memory_gib=1.0, minutes=10.0),
    batch_size=256,
    papers=("Alain & Bengio 2016, arXiv 1610.01644", LITE0_PAPER),
    licence="Apache-2.0",
)
