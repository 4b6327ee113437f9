"""RD-FSL: few-shot classification across domains, where support and query images are of different origin."""
