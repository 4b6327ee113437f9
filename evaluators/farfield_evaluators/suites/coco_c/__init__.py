"""Detection under common corruptions, as COCO-C has it (Michaelis et al. 2019, arXiv 1907.07484)."""
