"""Values for a CSV file that a spreadsheet opens."""

from typing import Any


def safe(value: Any) -> Any:
    """A text that no spreadsheet takes for a formula.

    >>> safe("=1+1"), safe("ERM"), safe(-0.5)
    ("'=1+1", 'ERM', -0.5)
    """
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def known(value: Any) -> Any:
    """What there is no value of is an empty cell."""
    return "" if value is None else value
