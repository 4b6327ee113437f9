"""Few-shot detection methods, one a file, on the core that they share."""

from farfield_baselines.few_shot_detection import mtfa, tfa_cos, tfa_fc

SPECS = (tfa_fc.SPEC, tfa_cos.SPEC, mtfa.SPEC)
