"""What each family of benchmarks is, one file and one object each: its protocol, its arrays, its loop, its check.

Whoever needs to know something of a family asks its object, and nobody asks which family it is. A new one is a file
here, called by its name with underscores, that has `FAMILY`, and a member of `farfield.TaskFamily`.
"""

from importlib import import_module

from farfield.families.family import ArrayRule, Family, Size
from farfield.method import TaskFamily

__all__ = ["ArrayRule", "Family", "Size", "every", "of"]


def of(name: str) -> Family:
    """The family of this name, a TaskFamily or its text. Raises ValueError for a name that is none's."""
    module = import_module(f"farfield.families.{TaskFamily(name).replace('-', '_')}")
    family: Family = module.FAMILY
    return family


def every() -> tuple[Family, ...]:
    """All families, in the order in which they are listed."""
    return tuple(of(name) for name in TaskFamily)
