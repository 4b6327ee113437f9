"""Which base environment a package is held against: the one this release was made with, or those of a site."""

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from farfield.errors import FarfieldError
from farfield.packaging.resolution.base import Base, BaseError

BUNDLED = Path(__file__).with_name("base_environment.json")
ADDRESS = "/api/v1/environments"
SECONDS = 20.0
MOST_BYTES = 8 << 20


class SiteError(FarfieldError):
    """A site's base environment could not be had; says why, and what to do."""

    code = "check.no_site"


def bundled() -> Base:
    """The base environment that this release of Farfield installs."""
    return Base.read(json.loads(BUNDLED.read_text(encoding="utf-8")))


def of_site(url: str) -> tuple[Base, ...]:
    """Those of the workers that take packages on a site at present; never empty. Raises SiteError or BaseError."""
    address = f"{url.rstrip('/')}{ADDRESS}"
    if not url.startswith(("http://", "https://")):
        raise SiteError(f"{url} is no address of a site; it starts with http:// or https://")
    values = _fetched(address)
    found = values.get("environments") if isinstance(values, dict) else None
    if not isinstance(found, list) or not all(isinstance(base, dict) for base in found):
        raise BaseError(f"{address} did not answer with base environments; is it a Farfield site of this release?")
    if not found:
        raise SiteError(f"no worker of {url} takes packages at present, so there is nothing to hold this one against")
    return tuple(Base.read(base) for base in found)


def _fetched(address: str) -> Any:
    request = urllib.request.Request(address, headers={"Accept": "application/json"})  # noqa: S310 # checked above
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
            return json.loads(answer.read(MOST_BYTES))
    except urllib.error.HTTPError as error:
        raise SiteError(f"{address} answered {error.code}; is it a Farfield site of this release?") from error
    except (OSError, ValueError, RecursionError) as error:
        said = error.reason if isinstance(error, urllib.error.URLError) else error
        raise SiteError(f"{address} cannot be read: {said}") from error
