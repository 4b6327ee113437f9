"""The data of `groups/elpv`: of a distribution that is not shipped, fetched below the demo's folder on demand.

They are CC BY-NC-SA 4.0, so they are no dependency: nothing but this command fetches them, and it says their licence.
"""

import subprocess
import sys
from pathlib import Path

from rich.console import Console

from farfield import FarfieldError
from farfield_evaluators.catalog import catalog
from farfield_evaluators.data.packs import is_imported
from farfield_evaluators.suite import ImportRequest

PACK, DISTRIBUTION, PACKAGE = "groups-elpv", "elpv-dataset==1.0.0.post1", "elpv_dataset"
FETCH_SECONDS = 300.0


def import_cells(var: Path, console: Console) -> None:
    """Import the pack, or say why its board stays empty: no demo fails for data of others."""
    if is_imported(var / "packs", PACK):
        return
    console.print(f"{PACK}: fetching {DISTRIBUTION} (91 MB, CC BY-NC-SA 4.0: no commercial use)", highlight=False)
    try:
        folder = fetched(var / "fetched")
        catalog().importers[PACK].run(ImportRequest(path=folder, packs=var / "packs"))
    except (FarfieldError, FetchFailed) as error:
        console.print(f"the board groups/elpv stays empty: {error}", markup=False, highlight=False)


class FetchFailed(Exception):
    """The distribution could not be installed; the message is pip's last line."""


def fetched(folder: Path) -> Path:
    """The package, unpacked below `folder` and nowhere on the import path. Raises FetchFailed."""
    if (folder / PACKAGE / "data" / "labels.csv").is_file():
        return folder / PACKAGE
    install = ("install", "--quiet", "--no-deps", "--only-binary", ":all:", "--target", str(folder), DISTRIBUTION)
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "pip", *install], capture_output=True, text=True, timeout=FETCH_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise FetchFailed(f"pip took longer than {FETCH_SECONDS:.0f} s") from None
    if ended.returncode:
        lines = ended.stderr.strip().splitlines() or [f"pip ended with the status {ended.returncode}"]
        raise FetchFailed(lines[-1])
    return folder / PACKAGE
