"""Room on the disk: asked for before it is needed, and named as the reason when it ran out."""

import shutil
from pathlib import Path

from farfield_local.errors import DiskFull, LocalError

NEEDED_BYTES = 1_000_000_000
FULL_BYTES = 40_000_000


def check_room(folder: Path, needed: int = NEEDED_BYTES) -> None:
    """Raises DiskFull when fewer than `needed` bytes are free there."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise DiskFull(
            f"the disk that holds {folder} has {_megabytes(free)} free and the site needs {_megabytes(needed)}; "
            "free some space, or set FARFIELD_VAR to a folder on another disk"
        )


def explain_failure(folder: Path, error: Exception) -> LocalError:
    """The same error, or DiskFull if the disk has just run out: then that is the reason, whatever broke first."""
    free = shutil.disk_usage(folder).free
    if free >= FULL_BYTES:
        return error if isinstance(error, LocalError) else LocalError(str(error))
    return DiskFull(f"the disk that holds {folder} is full ({_megabytes(free)} free); free some space. First: {error}")


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.0f} MB"
