"""Fine-tuning of a whole query-based segmenter of Mask2Former's kind: what RefT compares itself with."""

from farfield_baselines.few_shot_detection.reft_declare import declare

SPEC = declare("mask2former-ft", "Fine-tuning of a whole query-based segmenter of Mask2Former's kind")
