"""The tokens that `farfield login` keeps, one a site, in a file that only its owner can read."""

import contextlib
import json
import os
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from farfield.errors import UsageError

TOKEN, SITE = "FARFIELD_TOKEN", "FARFIELD_SITE_URL"  # variables of the environment
DEFAULT_SITE = "http://localhost:8000"
MODE = 0o600


def place() -> Path:
    """The file, in the folder for settings by the XDG base directory specification."""
    home = os.environ.get("XDG_CONFIG_HOME", "")
    return (Path(home) if home else Path.home() / ".config") / "farfield" / "tokens.json"


def site_url(given: str = "") -> str:
    """The address of a site without a path or a slash at its end: as given, of the environment, or the local one.

    Raises UsageError for what is no address of a site.
    """
    url = given or os.environ.get(SITE, "") or DEFAULT_SITE
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise UsageError(f"{url!r} is no address of a site; write it like https://farfield.example")
    return url.rstrip("/")


def token_for(url: str) -> str:
    """The token of the environment, else the one kept for the site; empty when there is neither."""
    return os.environ.get(TOKEN, "").strip() or _kept().get(url, "")


def keep(url: str, token: str) -> Path:
    """Keep a token for a site, in place of the one before; returns the file."""
    return _write({**_kept(), url: token})


def forget(url: str) -> str:
    """Forget the token of a site; returns it, empty where there was none."""
    kept = _kept()
    token = kept.pop(url, "")
    if token:
        _write(kept)
    return token


def _kept() -> dict[str, str]:
    file = place()
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise UsageError(f"{file} is not as farfield wrote it ({error}); remove it, and log in again") from error
    if not isinstance(values, dict) or not all(isinstance(token, str) for token in values.values()):
        raise UsageError(f"{file} is not as farfield wrote it; remove it, and log in again")
    return values


def _write(tokens: dict[str, str]) -> Path:
    """Whole or not at all, and never readable by others, not for a moment."""
    file = place()
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".tokens")  # made with the mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as written:
            json.dump(tokens, written, indent=2)
        Path(name).chmod(MODE)
        Path(name).replace(file)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
    return file
