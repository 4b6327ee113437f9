"""Pictures of a run of a detector: test images with what was detected in them, and with what is there."""
