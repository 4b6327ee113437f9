"""Requests to a site's API, patient where that is safe: lost connections, busy sites, limits of calls."""

import io
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO

import httpx

from farfield.client.errors import SiteRefused, SiteUnreachable

SECONDS = 60.0
PAUSES = (0.5, 1.0, 2.0, 4.0)
LONGEST_WAIT = 90.0  # for a limit of calls; a longer one is told instead
CHUNK = 1 << 16
FILE_OR_ERROR = "application/json, */*;q=0.5"  # so that errors come as JSON, whatever the file is
_BUSY = (502, 503, 504)  # of what stands before a site
Told = Callable[[int, int], None]  # bytes so far, and of how many; 0 where that is not known


class Http:
    """The API of one site. `transport` and `sleep` are for tests."""

    def __init__(
        self,
        url: str,
        token: str,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        headers = {"User-Agent": f"farfield/{version('farfield')}", "Accept": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self._client = httpx.Client(base_url=url, headers=headers, timeout=SECONDS, transport=transport)
        self._sleep = sleep

    def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        key: str = "",
        auth: tuple[str, str] | None = None,
    ) -> Any:
        """The JSON of an answer, None of an empty one. `key` makes a POST safe to repeat (`Idempotency-Key`).

        Raises SiteRefused and SiteUnreachable.
        """
        headers = {"Idempotency-Key": key} if key else {}
        request: dict[str, Any] = {"params": params, "headers": headers}
        request |= {"json": body} if body is not None else {}
        request |= {"auth": auth} if auth is not None else {}
        safe = method == "GET" or bool(key)
        answer = self._patiently(lambda: self._client.request(method, path, **request), safe=safe)
        return _json(answer) if answer.content else None

    def send(self, path: str, name: str, opened: Callable[[], BinaryIO], told: Told, fields: Mapping[str, str]) -> Any:
        """A file as a form, opened anew for each try: a site keeps it by its content, so sending twice is once."""

        def post() -> httpx.Response:
            with opened() as file:
                counted = _Counted(file, told)
                return self._client.post(path, files={"file": (name, counted)}, data=dict(fields))  # type: ignore[dict-item]

        return _json(self._patiently(post, safe=True))

    def fetch(self, path: str, params: Mapping[str, Any], told: Told) -> Iterator[bytes]:
        """A file, in pieces; the pieces of one that broke off are no file. Raises as `ask` does."""
        with self._streamed(path, params) as answer:
            size, received = int(answer.headers.get("Content-Length", "0")), 0
            try:
                for piece in answer.iter_bytes(CHUNK):
                    received += len(piece)
                    told(received, size)
                    yield piece
            except httpx.TransportError as error:
                raise SiteUnreachable(f"{answer.url}: it broke off ({error}); try again") from error

    @contextmanager
    def _streamed(self, path: str, params: Mapping[str, Any]) -> Iterator[httpx.Response]:
        request = self._client.build_request("GET", path, params=params, headers={"Accept": FILE_OR_ERROR})
        answer = self._patiently(lambda: self._client.send(request, stream=True), safe=True)
        try:
            yield answer
        finally:
            answer.close()

    def _patiently(self, send: Callable[[], httpx.Response], *, safe: bool) -> httpx.Response:
        """An answer that is a success. `safe` is what may be sent again without doing it twice."""
        for pause in (*PAUSES, None):
            wait = pause
            try:
                answer = send()
            except httpx.TransportError as error:
                if wait is None or not safe:
                    raise SiteUnreachable(_no_answer(self._client.base_url, error)) from error
            else:
                if answer.is_success:
                    return answer
                answer.read()
                told = _refusal(answer)
                wait = _worth_waiting(answer, told, wait, safe=safe)
                if wait is None:
                    raise told
            self._sleep(wait)
        raise AssertionError("the last round returns or raises")


class _Counted:
    """A file that says how much of it was read."""

    def __init__(self, file: BinaryIO, told: Told) -> None:
        self._file, self._told = file, told
        self._size = file.seek(0, 2)
        file.seek(0)

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(size)
        self._told(self._file.tell(), self._size)
        return piece

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()


def opener(source: Path | bytes) -> Callable[[], BinaryIO]:
    """Opens a file, or bytes as one."""
    return (lambda: io.BytesIO(source)) if isinstance(source, bytes) else (lambda: source.open("rb"))


def _worth_waiting(answer: httpx.Response, told: Exception, pause: float | None, *, safe: bool) -> float | None:
    """How long to wait before the same is sent again; None where that is of no use or not safe."""
    if pause is None:
        return None
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        wait = _seconds(answer)  # nothing was done, so that any request may be sent again
        return wait if wait is not None and wait <= LONGEST_WAIT else None
    return pause if safe and answer.status_code in _BUSY and isinstance(told, SiteUnreachable) else None


def _seconds(answer: httpx.Response) -> float | None:
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdecimal() else None


def _refusal(answer: httpx.Response) -> SiteRefused | SiteUnreachable:
    """What the site said; an answer that is no error of its own is that of something on the way."""
    try:
        error = answer.json()["error"]
        sentence = " ".join(str(error[name]) for name in ("message", "hint") if error.get(name))
        wait = _seconds(answer)
        sentence += f" Try again in {wait:g} s." if wait is not None and wait > LONGEST_WAIT else ""
        field = error.get("field")
        where = f"{field}: " if field else ""
        return SiteRefused(str(error["code"]), where + sentence, field=field, status=answer.status_code)
    except (ValueError, KeyError, TypeError, AttributeError):
        if answer.status_code == httpx.codes.NOT_FOUND:
            return SiteRefused("request.not_found", f"{answer.url}: there is nothing at this address", status=404)
        strange = f"{answer.url}: HTTP {answer.status_code}, and not in the way that Farfield answers"
        return SiteUnreachable(f"{strange}; is this the address of a site?")


def _json(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError as error:
        strange = f"{answer.url}: the answer is no JSON; is this the address of a site?"
        raise SiteUnreachable(strange) from error


def _no_answer(url: httpx.URL, error: httpx.TransportError) -> str:
    return (
        f"{str(url).rstrip('/')} does not answer ({error or type(error).__name__}); check the address and your network"
    )
