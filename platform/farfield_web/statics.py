"""Static files with their fingerprint in the name, kept by browsers for good, and compressed once.

They are gathered when the web process starts, so that there is no build step that a start could forget.
"""

import logging
import warnings
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.storage import CompressedManifestStaticFilesStorage

from farfield_evaluators.locks import alone

log = logging.getLogger(__name__)


class Fingerprinted(CompressedManifestStaticFilesStorage):  # type: ignore[misc] # whitenoise has no types
    """Whitenoise's; where nothing was gathered, as in tests and commands, names are as in the sources."""

    manifest_strict = False

    def stored_name(self, name: str) -> str:
        return str(super().stored_name(name)) if self.hashed_files else name


class StaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc] # whitenoise has no types
    """Whitenoise's; a folder that is not there yet is no fault: then they are served from the sources."""

    def __init__(self, *args: Any, **options: Any) -> None:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="No directory at")
            super().__init__(*args, **options)


def gather() -> None:
    """Copy, name and compress them below FARFIELD_VAR. Safe to run twice, and by several processes at once.

    Where that folder cannot be written to, the site goes on with the sources. With DEBUG they are served anyway.
    """
    if settings.DEBUG:
        return
    try:
        _gather(Path(settings.STATIC_ROOT))
    except OSError as error:
        log.warning("static files are served without fingerprints: %s", error)


def _gather(root: Path) -> None:
    root.mkdir(parents=True, exist_ok=True)
    with alone(root.parent / "static.lock"):
        # REST framework's are for its own pages, which this site does not serve.
        call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=["rest_framework"])
