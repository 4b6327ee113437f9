"""CLIP_benchmark: zero-shot and few-shot classification of the sets that CLIP models are compared on."""
