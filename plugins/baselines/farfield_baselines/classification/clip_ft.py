"""FT: end-to-end fine-tuning from the zero-shot classifier (Wortsman et al. 2022, arXiv 2109.01903, section 3)."""

from farfield_baselines.clip_methods import TrainConfig, declare
from farfield_baselines.fine_tuned import BASE, FT

SPEC = declare(
    "clip-ft",
    FT,
    "Any CLIP model's image tower, fine-tuned end to end from the zero-shot classifier.",
    ("Wortsman et al. 2022, arXiv 2109.01903",),
    TrainConfig,
    stochastic=True,
    base=BASE,
)
