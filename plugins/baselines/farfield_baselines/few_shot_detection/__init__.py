"""Few-shot detection methods, one a file, on the core that they share."""

from farfield_baselines.few_shot_detection import fs_prototypes, imtfa, mtfa, tfa_cos, tfa_fc

SPECS = (fs_prototypes.SPEC, tfa_fc.SPEC, tfa_cos.SPEC, mtfa.SPEC, imtfa.SPEC)
