"""Cards: a page in Markdown for each benchmark. Ours lie beside this module when installed, or in docs/benchmarks."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path


def our_cards() -> Traversable | None:
    """The folder with a card for each benchmark of our suites; None where it was not installed."""
    installed = files("farfield_evaluators") / "benchmark_cards"
    if installed.is_dir():
        return installed
    checkout = Path(__file__).parents[2] / "docs" / "benchmarks"
    return checkout if checkout.is_dir() else None
