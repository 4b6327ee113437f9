"""The splits of open-set benchmarks, and how packs call their sets."""

SPLITS = ("1", "2", "3", "4", "5")


def trained_on(split: str) -> str:
    """The training images of a split's known classes."""
    return f"train-{split}"


def known_of(split: str) -> str:
    """The test images of its known classes."""
    return f"known-{split}"


def unknown_of(split: str) -> str:
    """The test images of all others."""
    return f"unknown-{split}"
