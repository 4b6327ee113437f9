"""Few-shot detection and instance segmentation: new classes learned from a few annotated objects of each."""
