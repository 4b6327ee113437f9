"""ImageNet-W: what a classifier makes of a watermark on ImageNet's validation images."""
