"""Import of data in the layouts that CLIP_benchmark reads."""
