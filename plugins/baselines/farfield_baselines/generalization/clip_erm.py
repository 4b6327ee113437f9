"""End-to-end fine-tuning of a CLIP model on the pooled domains (Wortsman et al. 2022, arXiv 2109.01903, section 3)."""

from farfield_baselines.generalization.clip import AugmentedConfig, OnClip, declare

SPEC = declare(
    "erm",
    OnClip,
    "A CLIP model's image tower and zero-shot classifier, fine-tuned end to end on the pooled training domains.",
    ("Wortsman et al. 2022, arXiv 2109.01903", "Vapnik 1998, Statistical Learning Theory"),
    AugmentedConfig,
)
