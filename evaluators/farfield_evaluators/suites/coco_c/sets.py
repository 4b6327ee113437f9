"""How a pack of corrupted images names its sets."""

CLEAN = "clean"


def set_of(corruption: str, severity: int) -> str:
    """The set of all images under a corruption at a severity.

    >>> set_of("fog", 3)
    'c/fog/3'
    """
    return f"c/{corruption}/{severity}"
