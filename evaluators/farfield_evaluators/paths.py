"""Where packs and caches lie: below FARFIELD_VAR, or ./var."""

import os
from pathlib import Path


def var_folder() -> Path:
    """The folder of everything Farfield writes on this machine."""
    return Path(os.environ.get("FARFIELD_VAR", "var")).absolute()


def packs_folder() -> Path:
    """Imported packs."""
    return var_folder() / "packs"
