"""The scripts that draw plots in a browser: Vega, Vega-Lite and vega-embed as one file, from the pinned vl-convert.

Nothing of them is in the repository, and nothing is fetched: vl-convert carries their sources and bundles them. That
takes a JavaScript engine, which runs in a process of its own, once for each version, below FARFIELD_VAR.
"""

import gzip
import importlib.metadata
import logging
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from farfield_evaluators.locks import alone

log = logging.getLogger(__name__)
DISTRIBUTION = "vl-convert-python"
SECONDS = 120
# What a page's own script finds; it waits for the event.
SNIPPET = 'window.farfieldVega = vegaEmbed; document.dispatchEvent(new Event("farfield:vega"));'
_CODE = (
    "import sys, vl_convert; open(sys.argv[1], 'w', encoding='utf-8').write(vl_convert.javascript_bundle(sys.argv[2]))"
)


def version() -> str:
    """What the file is called by, as addresses write it."""
    return importlib.metadata.version(DISTRIBUTION).replace(".", "-")


def bundle() -> Path | None:
    """The file, with a gzipped one beside it whose name ends in `.gz`; made if it is not there yet.

    Safe to call from several processes at once. None where it cannot be made: pages have their tables.
    """
    place: Path = settings.VAR / "vega" / f"{version()}.js"
    if not place.exists():
        try:
            _make(place)
        except (OSError, subprocess.SubprocessError) as error:
            log.warning("plots are not drawn: their scripts cannot be made: %s", error)
            return None
    return place


def _make(place: Path) -> None:
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with alone(place.parent / ".lock"):
        if place.exists():
            return
        draft = place.with_suffix(".part")
        command = [sys.executable, "-I", "-c", _CODE, str(draft), SNIPPET]
        subprocess.run(command, check=True, timeout=SECONDS, env={}, capture_output=True)
        # The plain file is what says that both are there.
        place.with_suffix(".js.gz").write_bytes(gzip.compress(draft.read_bytes(), 9, mtime=0))
        draft.replace(place)
