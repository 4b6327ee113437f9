"""Where packs and caches lie: below FARFIELD_VAR, or ./var."""

import os
from pathlib import Path


def var_folder() -> Path:
    """The folder of everything Farfield writes on this machine."""
    return Path(os.environ.get("FARFIELD_VAR", "var")).absolute()


def benchmarks_folder() -> Path:
    """The TOML files of benchmarks of one's own: FARFIELD_BENCHMARKS, or a folder among the rest."""
    return Path(os.environ.get("FARFIELD_BENCHMARKS") or var_folder() / "benchmarks").absolute()


def packs_folder() -> Path:
    """Imported packs."""
    return var_folder() / "packs"
