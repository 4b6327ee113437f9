"""OOD detection against ImageNet-1k, by OpenOOD v1.5 (Zhang et al. 2023, arXiv 2306.09301)."""
