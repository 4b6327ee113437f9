"""Names of a pack's sets, apart: the site reads boards, and need not have what decodes images."""

TRAIN, TEST = "base", "test"
"""Images with the annotations of base classes alone, and test images with all annotations."""
NOVEL_SHOTS, ALL_SHOTS = "support", "support-all"
"""How the names of the sets start that runs learn their shots from."""
