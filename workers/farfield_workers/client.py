"""The worker's side of the site's worker API (`/api/worker/v1`)."""

from dataclasses import dataclass
from typing import Any

import httpx

from farfield import FarfieldError
from farfield_workers.settings import WorkerSettings

TIMEOUT_SECONDS = 20.0


class SiteUnreachable(FarfieldError):
    """The site did not answer, or answered with an error of its own; worth trying again."""

    code = "platform.site_unreachable"


class SiteRefused(FarfieldError):
    """The site refused the worker's request for good, such as a wrong worker token."""

    code = "platform.site_refused"


class LeaseEnded(FarfieldError):
    """The run is not this worker's any more: cancelled, finished, or given to another attempt."""

    code = "lease.lost"


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A run this worker holds a lease on; `token` fences off every other attempt."""

    id: str
    attempt: int
    token: str
    lease_seconds: float
    benchmark: str
    benchmark_version: str
    method: dict[str, str]
    config: dict[str, Any]
    trial: int
    seed: int


class SiteClient:
    """Calls are short and safe to repeat."""

    def __init__(self, settings: WorkerSettings, transport: httpx.BaseTransport | None = None) -> None:
        self._worker = settings.name
        self._http = httpx.Client(
            base_url=f"{settings.site_url}/api/worker/v1/",
            headers={"Authorization": f"Bearer {settings.token}"},
            timeout=TIMEOUT_SECONDS,
            transport=transport,
        )

    def announce(self, resource: str, methods: list[dict[str, Any]], benchmarks: dict[str, Any]) -> None:
        """Tell the site which methods and data this worker can evaluate."""
        body = {"worker": self._worker, "resources": [resource], "methods": methods, "benchmarks": benchmarks}
        self._post("announce", body)

    def claim(self, resource: str) -> Claim | None:
        """The next run for this resource, now leased to this worker; None when nothing waits."""
        response = self._post("claim", {"worker": self._worker, "resource": resource})
        if response.status_code == httpx.codes.NO_CONTENT:
            return None
        values = response.json()
        return Claim(**{name: values[name] for name in Claim.__dataclass_fields__})

    def heartbeat(
        self, claim: Claim, stage: str, progress: dict[str, Any] | None, log: str, log_offset: int
    ) -> tuple[float, int]:
        """Extend the lease; returns (lease seconds, length of the stored log). Raises LeaseEnded."""
        body = {"token": claim.token, "stage": stage, "progress": progress, "log": log, "log_offset": log_offset}
        values = self._post(f"runs/{claim.id}/heartbeat", body).json()
        return float(values["lease_seconds"]), int(values["log_length"])

    def _post(self, path: str, body: dict[str, Any]) -> httpx.Response:
        try:
            response = self._http.post(path, json=body)
        except httpx.HTTPError as error:
            raise SiteUnreachable(f"{self._http.base_url}{path}: {error}") from error
        if response.is_success:
            return response
        message = f"{path}: HTTP {response.status_code}: {response.text[:500]}"
        if response.status_code == httpx.codes.CONFLICT and path.startswith("runs/"):
            raise LeaseEnded(message)
        if response.is_server_error or response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise SiteUnreachable(message)
        raise SiteRefused(message)
