"""What an installed distribution says of itself, where its metadata may have been lost."""

from importlib.metadata import Distribution


def stated(found: Distribution, field: str) -> str:
    """Empty for what an interrupted installation or a full disk left: metadata without that field, or none at all."""
    try:
        return found.metadata[field] or "" if field in found.metadata else ""
    except FileNotFoundError:  # Python 3.14 raises it, and its backport, which is in use wherever it was once imported
        return ""
