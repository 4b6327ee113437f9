"""Linear probe on the mini CLIP's image embeddings (Radford et al. 2021, arXiv 2103.00020, section 3.2)."""

from dataclasses import dataclass

from farfield import MethodSpec, Resources, TaskFamily, setting
from farfield_baselines.backbones import CLIP_PAPER, MINI_CLIP_CLAIMS, MINI_CLIP_FEATURES
from farfield_baselines.probe import LinearProbe


@dataclass(frozen=True, kw_only=True)
class Config:
    """How strongly the classifier is held back."""

    l2: float = setting(0.01, ge=1e-6, le=1e6, help="Weight of the L2 penalty: 1/C in scikit-learn's words.")


SPEC = MethodSpec(
    name="mini-clip-linear-probe",
    family=TaskFamily.CLASSIFICATION,
    summary="Logistic regression on the mini CLIP's frozen image embeddings.",
    build=LinearProbe,
    inputs=MINI_CLIP_FEATURES,
    claims=MINI_CLIP_CLAIMS,
    config=Config,
    resources=Resources(memory_gib=1.0, minutes=10.0),
    batch_size=256,
    papers=(CLIP_PAPER,),
    licence="Apache-2.0",
)
