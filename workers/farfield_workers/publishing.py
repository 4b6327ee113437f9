"""Handing results in to a site: checked here first, so that what the site would refuse is never sent."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from farfield import FarfieldError, TrackClaims
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import find
from farfield_evaluators.run_plan import HandedIn, NotRunnable
from farfield_workers.client import SiteUnreachable

TIMEOUT_SECONDS = 300.0


class SiteSaidNo(FarfieldError):
    """The site refused what was sent; the code and the sentence are the site's."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class HandIn:
    """What is to be published: results at a path, as whose method, and where."""

    path: Path
    benchmark: str
    tier: str
    method: str
    summary: str
    track: str
    claims: TrackClaims
    title: str = ""
    note: str = ""
    again: bool = False


@dataclass(frozen=True, kw_only=True)
class Site:
    """A site and the token of the person who hands in; `transport` is for tests."""

    url: str
    token: str
    transport: httpx.BaseTransport | None = field(default=None, repr=False)


def publish(what: HandIn, site: Site) -> str:
    """Check the results, send them, and submit them; returns the address of the submission's page.

    Safe to repeat: the same results with the same words are one submission. Raises FileRefused before anything is
    sent, SiteSaidNo with the site's own code, and SiteUnreachable.
    """
    return send(what, packed(what), site)


def send(what: HandIn, content: bytes, site: Site) -> str:
    """Send the file, which `packed` made, and submit it; the rest as `publish`."""
    form = form_of(find(what.benchmark))
    file = (f"{form.kind}{form.suffix}", content, "application/zip")
    headers = {"Authorization": f"Bearer {site.token}"}
    base = f"{site.url.rstrip('/')}/api/v1/"
    with httpx.Client(base_url=base, headers=headers, timeout=TIMEOUT_SECONDS, transport=site.transport) as http:
        upload = _post(http, "uploads", files={"file": file})
        body = _body(what, str(upload["sha256"]))
        made = _post(http, "submissions", json=body, headers={"Idempotency-Key": _key(body)})
    return f"{site.url.rstrip('/')}/submissions/{made['id']}/"


def packed(what: HandIn) -> bytes:
    """The file to send: one method's whole results in the tier. Raises FileRefused where they are not."""
    benchmark = find(what.benchmark)
    return form_of(benchmark).packed(what.path, benchmark, what.tier)


def form_of(benchmark: Benchmark) -> HandedIn:
    """How results of the benchmark are handed in. Raises NotRunnable where they cannot be."""
    if benchmark.handed_in is None:
        raise NotRunnable(f"{benchmark.name} takes no results that were made elsewhere")
    return benchmark.handed_in


def _body(what: HandIn, upload: str) -> dict[str, Any]:
    return {
        "kind": "predictions",
        "benchmark": what.benchmark,
        **({"tier": what.tier} if what.tier else {}),
        "track": what.track,
        "method": what.method,
        "summary": what.summary,
        "claims": what.claims.describe(),
        "upload": upload,
        "title": what.title,
        "note": what.note,
        **({"again": True} if what.again else {}),
    }


def _key(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def _post(http: httpx.Client, path: str, **content: Any) -> dict[str, Any]:
    try:
        response = http.post(path, **content)
    except httpx.HTTPError as error:
        raise SiteUnreachable(f"{http.base_url}{path}: {error}") from error
    if not response.is_success:
        raise _refused(response)
    values: dict[str, Any] = response.json()
    return values


def _refused(response: httpx.Response) -> FarfieldError:
    """What the site said; an answer that is no error of its own is that of something on the way."""
    try:
        error = response.json()["error"]
        sentence = " ".join(str(error[name]) for name in ("message", "hint") if error.get(name))
        return SiteSaidNo(str(error["code"]), sentence)
    except (ValueError, KeyError, TypeError, AttributeError):
        return SiteUnreachable(f"{response.url}: HTTP {response.status_code}, and not in the way that Farfield answers")
