"""The worker's side of the site's worker API (`/api/worker/v1`)."""

import base64
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx

from farfield import FarfieldError
from farfield_evaluators import wire
from farfield_evaluators.confusions import Confusion
from farfield_evaluators.outcomes import OutcomesError, Written
from farfield_evaluators.pictures.run import Picture
from farfield_evaluators.wire import Claim
from farfield_workers.failures import RunFailure
from farfield_workers.settings import WorkerSettings

log = logging.getLogger(__name__)
TIMEOUT_SECONDS = 20.0
# All methods are checked and kept: seconds of a processor, and one that is shared makes minutes of them. To give up and
# announce anew would have the site begin anew.
ANNOUNCE_SECONDS = 300.0
CHUNK_BYTES = 1 << 20
PIECE_BYTES = 2 << 20
PICTURES_BYTES = 1 << 20  # of all in one body, which has them as base64


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
class Offer:
    """What a worker can do: its resource, the kinds of submission it runs, its installed methods, its sandbox.

    `benchmarks` are those whose data it has.
    """

    resource: str
    accepts: tuple[str, ...] = ("configuration",)
    methods: tuple[str, ...] = ()
    benchmarks: tuple[str, ...] = ()
    sandbox: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class SuitesSaid:
    """The suites that are installed on this worker, and those of them that cannot be used, as JSON."""

    offered: tuple[dict[str, Any], ...]
    refused: tuple[dict[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Refusals:
    """What the site did not take of an announcement, in sentences, and which benchmarks are among it."""

    sentences: tuple[str, ...] = ()
    benchmarks: tuple[str, ...] = ()


class SiteClient:
    """Calls are short and safe to repeat."""

    def __init__(self, settings: WorkerSettings, transport: httpx.BaseTransport | None = None) -> None:
        self._worker = settings.name
        self._drained = ""
        self._http = httpx.Client(
            base_url=f"{settings.site_url}/api/worker/v1/",
            headers={"Authorization": f"Bearer {settings.token}"},
            timeout=TIMEOUT_SECONDS,
            transport=transport,
        )

    def announce(
        self,
        offer: Offer,
        methods: list[dict[str, Any]],
        benchmarks: dict[str, Any],
        base: dict[str, Any] | None = None,
        suites: "SuitesSaid | None" = None,
    ) -> "Refusals":
        """Tell the site which methods and data this worker can evaluate; returns what it refused: the rest is kept.

        `base` is what packages find installed on it, as `Base.published` gives it; None where none are run.
        """
        message = wire.Announcement(
            worker=self._worker,
            resource=offer.resource,
            methods=tuple(methods),
            benchmarks=benchmarks,
            sandbox=wire.SandboxSaid(**offer.sandbox),
            accepts=offer.accepts,
            base=base,
            suites=suites.offered if suites is not None else (),
            refused_suites=suites.refused if suites is not None else (),
        )
        answer = self._post("announce", message, ANNOUNCE_SECONDS).json()
        named = tuple(str(name) for name in answer.get("refused_benchmarks", ()))
        return Refusals(sentences=tuple(str(line) for line in answer.get("refused", ())), benchmarks=named)

    def claim(self, offer: Offer) -> Claim | None:
        """The next run that fits the offer, now leased to this worker; None when nothing waits."""
        message = wire.Offer(
            worker=self._worker,
            resource=offer.resource,
            accepts=offer.accepts,
            methods=offer.methods,
            benchmarks=offer.benchmarks,
        )
        response = self._post("claim", message)
        self._say_drained(unquote(response.headers.get(wire.DRAINED, "")))
        return None if response.status_code == httpx.codes.NO_CONTENT else Claim.from_json(response.json())

    def _say_drained(self, reason: str) -> None:
        """Once, when it begins and when it ends."""
        if reason != self._drained:
            log.warning("drained by the site's operator: %s" if reason else "no longer drained%s", reason)
            self._drained = reason

    def upload(self, claim: Claim, size: int) -> Iterator[bytes]:
        """The file that belongs to a claimed run, at most `size` bytes of it. Raises LeaseEnded."""
        headers = {"Farfield-Run-Token": claim.token}
        path = f"runs/{claim.id}/upload"
        try:
            with self._http.stream("GET", path, headers=headers) as response:
                if not response.is_success:
                    response.read()
                    raise _refusal(path, response)
                received = 0
                for chunk in response.iter_bytes(CHUNK_BYTES):
                    received += len(chunk)
                    if received > size:
                        return
                    yield chunk
        except httpx.HTTPError as error:
            raise SiteUnreachable(f"{self._http.base_url}{path}: {error}") from error

    def send_outcomes(self, claim: Claim, path: Path, written: Written) -> None:
        """Send the file of a held run's outcomes in pieces, going on where the site says that it is.

        Raises OutcomesError where the site does not keep them, LeaseEnded, and SiteUnreachable.
        """
        received, pieces = 0, written.size // PIECE_BYTES + 1
        with path.open("rb") as file:
            for _ in range(2 * pieces):  # one that is lost is sent again, but not for ever
                file.seek(received)
                received = self._piece(claim, written, received, file.read(PIECE_BYTES))
                if received == written.size:
                    return
        raise OutcomesError(f"the site has {received} of {written.size} bytes of the outcomes, and takes no more")

    def send_pictures(self, claim: Claim, pictures: Iterable[Picture]) -> None:
        """Send layers of pictures of a held run, many at a time. Raises SiteRefused where they are not taken, and
        LeaseEnded."""
        for some in _together(pictures):
            self._put(claim, "pictures", {"pictures": [_as_json(picture) for picture in some]})

    def send_confusions(self, claim: Claim, confusions: Sequence[Confusion]) -> None:
        """Send which classes a held run took for which. Raises SiteRefused where they are not taken, and LeaseEnded."""
        self._put(claim, "confusions", {"domains": [one.as_json() for one in confusions]})

    def _put(self, claim: Claim, what: str, body: dict[str, Any]) -> None:
        path, headers = f"runs/{claim.id}/{what}", {"Farfield-Run-Token": claim.token}
        try:
            response = self._http.put(path, json=body, headers=headers)
        except httpx.HTTPError as error:
            raise SiteUnreachable(f"{self._http.base_url}{path}: {error}") from error
        if not response.is_success:
            raise _refusal(path, response)

    def _piece(self, claim: Claim, written: Written, offset: int, content: bytes) -> int:
        headers = {"Farfield-Run-Token": claim.token, "Content-Type": "application/octet-stream"}
        path, params = f"runs/{claim.id}/outcomes", {**asdict(written), "offset": offset}
        try:
            response = self._http.put(path, content=content, headers=headers, params=params)
        except httpx.HTTPError as error:
            raise SiteUnreachable(f"{self._http.base_url}{path}: {error}") from error
        if response.is_success:
            return int(response.json()["received"])
        code, sentence = _told(response)
        raise OutcomesError(sentence) if code.startswith("outcomes.") else _refusal(path, response)

    def introduce(self, claim: Claim, described: dict[str, Any]) -> bool:
        """Tell the site which method a claimed package brings; False when the run went back to the queue.

        Raises RunFailure with the site's code when the method may not run, and LeaseEnded.
        """
        response = self._post(f"runs/{claim.id}/introduce", wire.Introduction(token=claim.token, method=described))
        return not response.json().get("requeue", False)

    def hand_back(self, claim: Claim) -> None:
        """Give a claimed run back, unfinished, because this worker stops in order. Raises LeaseEnded."""
        self._post(f"runs/{claim.id}/hand-back", wire.HandBack(token=claim.token))

    def heartbeat(
        self,
        claim: Claim,
        stage: str,
        progress: dict[str, Any] | None,
        log: str,
        log_offset: int,
        usage: wire.Usage | None = None,
    ) -> tuple[float, int]:
        """Extend the lease; returns (lease seconds, length of the stored log). Raises LeaseEnded."""
        far = wire.Progress(**progress) if progress is not None else None
        message = wire.Heartbeat(
            token=claim.token, stage=stage, progress=far, log=log, log_offset=log_offset, usage=usage
        )
        values = self._post(f"runs/{claim.id}/heartbeat", message).json()
        return float(values["lease_seconds"]), int(values["log_length"])

    def _post(self, path: str, message: wire.Message, seconds: float = TIMEOUT_SECONDS) -> httpx.Response:
        try:
            response = self._http.post(path, json=message.as_json(), timeout=seconds)
        except httpx.HTTPError as error:
            raise SiteUnreachable(f"{self._http.base_url}{path}: {error}") from error
        if response.is_success:
            return response
        raise _refusal(path, response)


def _together(pictures: Iterable[Picture]) -> Iterator[list[Picture]]:
    """In their order, so many at a time as a body may hold."""
    some: list[Picture] = []
    for picture in pictures:
        if sum(len(each.content) for each in (*some, picture)) > PICTURES_BYTES and some:
            yield some
            some = []
        some.append(picture)
    if some:
        yield some


def _as_json(picture: Picture) -> dict[str, Any]:
    said = {name: getattr(picture, name) for name in ("place", "layer", "width", "height", "words")}
    about = {} if picture.about is None else {"about": picture.about.as_json()}
    return {**said, **about, "content": base64.b64encode(picture.content).decode()}


def _refusal(path: str, response: httpx.Response) -> FarfieldError:
    """What an answer other than success means."""
    message = f"{path}: HTTP {response.status_code}: {response.text[:500]}"
    if response.status_code == httpx.codes.CONFLICT and path.startswith("runs/"):
        return LeaseEnded(message)
    if response.is_server_error or response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        return SiteUnreachable(message)
    code, sentence = _told(response)
    return RunFailure(code, sentence) if code.startswith("plugin.") else SiteRefused(message)


def _told(response: httpx.Response) -> tuple[str, str]:
    """(code, message) of the site's error body; empty when it is not one."""
    try:
        error = response.json()["error"]
        return str(error["code"]), str(error["message"])
    except (ValueError, KeyError, TypeError):
        return "", ""
