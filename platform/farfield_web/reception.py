"""How the web server takes requests in: slow senders and large bodies of strangers cost next to nothing.

waitress reads a whole body, to disk if it is large, before the site sees anything of the request. Here the head decides
first (see `bodies`): a large body is taken only from somebody whose token or session was looked up, and what nobody may
send is read and forgotten, so that its sender still gets a sentence. Connections that deliver no whole request make
room for new ones, the oldest first, so that holding many open keeps nobody out.
"""

import json
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer
from waitress.utilities import Error

from farfield_web.bodies import ANYBODY_BYTES, Bounds, Credential, credential_of

# A head arrives at once; a body at this rate at least, once the grace is over.
HEAD_SECONDS = 20.0
GRACE_SECONDS, BYTES_A_SECOND = 30.0, 1024
# Connections at most; beyond, the one that has kept us waiting longest is closed.
CONNECTIONS = 1000
API = "/api/"
Known = Callable[[Credential, Mapping[str, str]], bool]


class Refused(Error):  # type: ignore[misc] # waitress has no types
    """Why a body is not taken, below /api in the API's own shape."""

    def __init__(self, code: int, name: str, message: str, path: str) -> None:
        super().__init__(message)
        self.code, self.name, self.path = code, name, path
        self.reason = HTTPStatus(code).phrase

    def to_response(self, ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:
        """Status, headers and body, as waitress asks for them."""
        kind, text = "text/plain; charset=utf-8", f"{self.body}\n"
        if self.path.startswith(API):
            told = {"code": self.name, "message": self.body, "field": None, "hint": None}
            kind, text = "application/json", json.dumps({"error": told})
        return f"{self.code} {self.reason}", [("Content-Type", kind)], text.encode()


class _Forgotten:
    """In place of a body that nobody will read: counts its bytes down."""

    error = None

    def __init__(self, remaining: int, body: Any) -> None:
        self.completed = remaining <= 0
        self._remaining, self._body = remaining, body

    def received(self, data: bytes) -> int:
        taken = min(len(data), self._remaining)
        self._remaining -= taken
        self.completed = self._remaining <= 0
        return taken

    def getbuf(self) -> Any:
        """What was stored before; closed by waitress with the request."""
        return self._body.getbuf()


class Parser(HTTPRequestParser):  # type: ignore[misc] # waitress has no types
    """One request; `bounds` and `cookie` are the site's, set by `server_class`."""

    bounds: Bounds
    cookie: str
    expect_continue: bool
    completed: bool
    body_rcv: Any
    allowed = ANYBODY_BYTES
    refusal: Refused | None = None
    vetted = False
    continues = False

    def __init__(self, adj: Any) -> None:
        super().__init__(adj)
        self.began = time.monotonic()

    def parse_header(self, header_plus: bytes) -> None:
        """Raises as waitress's; afterwards the head is known, and nothing of the body was taken."""
        super().parse_header(header_plus)
        if self.content_length > self.bounds.of(self.path):
            self.refuse(self._too_large(self.bounds.of(self.path)), at_once=True)
        elif self.wants_much and self.credential is Credential.NONE:
            self.vet(known=False)
        elif self.wants_much:
            # Not told to go on before it is known who asks.
            self.continues, self.expect_continue = self.expect_continue, False

    def received(self, data: bytes) -> int:
        """How many bytes were taken."""
        taken = int(super().received(data))
        if self.refusal is None and self.body_bytes_received > self.allowed:
            self.refuse(self._too_large(self.allowed) if self.vetted else self.stranger())
        if self.completed and self.refusal is not None:
            self.error = self.refusal
        return taken

    @property
    def wants_much(self) -> bool:
        """Whether more is announced, or might come, than anybody may send."""
        return bool(self.chunked) or self.content_length > ANYBODY_BYTES

    @property
    def needs_vetting(self) -> bool:
        """Whether somebody must look up who this is before the body is read on."""
        return bool(self.headers_finished) and not self.vetted and self.refusal is None and self.wants_much

    @property
    def credential(self) -> Credential:
        return credential_of(self.path, self.headers, self.cookie)

    def vet(self, *, known: bool) -> None:
        """Who it is was looked up: somebody known may send what the address takes."""
        self.vetted = True
        if known:
            self.allowed = self.bounds.of(self.path)
        elif not self.chunked:
            self.refuse(self.stranger())

    def refuse(self, refusal: Refused, *, at_once: bool = False) -> None:
        """Take nothing more of the body; who has announced it is answered at its end, or at once."""
        self.refusal = refusal
        if at_once or self.chunked or self.expect_continue or self.continues or self.body_rcv is None:
            self.expect_continue, self.completed, self.error = False, True, refusal
            return
        self.body_rcv = _Forgotten(self.content_length - self.body_bytes_received, self.body_rcv)

    def stranger(self) -> Refused:
        """Refuses more than anybody may send."""
        size = ANYBODY_BYTES // 1024
        text = f"More than {size} KiB is taken only from who is signed in. Go back, where what you filled in still is, "
        text += "sign in in another tab, and send it again."
        return Refused(401, "auth.required", text, self.path)

    def _too_large(self, most: int) -> Refused:
        return Refused(413, "request.too_large", f"This address takes at most {most:,} bytes at once.", self.path)

    def is_late(self, now: float) -> bool:
        """Whether it arrives too slowly to be waited for."""
        waited = now - self.began
        if not self.headers_finished:
            return waited > HEAD_SECONDS
        return waited > GRACE_SECONDS and self.body_bytes_received < BYTES_A_SECOND * (waited - GRACE_SECONDS)


class _Vetting:
    """A task of the server's threads: looks up who sends a large body, while its connection is not read."""

    def __init__(self, channel: "Channel", request: Parser) -> None:
        self._channel, self._request = channel, request

    def service(self) -> None:
        """Called by one of the threads."""
        channel, request = self._channel, self._request
        known = channel.server.known(request.credential, request.headers)
        with channel.requests_lock:
            request.vet(known=known)
            if request.completed:
                channel.request = None
                channel.requests.append(request)
                channel.server.add_task(channel)
            elif known and request.continues:
                channel.send_continue()
            channel.vetting = False
        channel.server.pull_trigger()

    def cancel(self) -> None:
        """The server ends."""


class Channel(HTTPChannel):  # type: ignore[misc] # waitress has no types
    """One connection."""

    parser_class = Parser
    vetting = False

    def readable(self) -> bool:
        return not self.vetting and bool(super().readable())

    def received(self, data: bytes) -> bool:
        taken = bool(super().received(data))
        request = self.request
        if request is not None and request.needs_vetting and not self.vetting:
            self.vetting = True
            self.server.add_task(_Vetting(self, request))
        return taken

    @property
    def idle(self) -> bool:
        """Whether nothing that was asked for is under way."""
        return not (self.requests or self.total_outbufs_len or self.vetting)

    @property
    def waits_since(self) -> float:
        """When what it does now began: its half request, or its silence."""
        return float(self.last_activity if self.request is None else self.last_activity - self._age(self.request))

    @staticmethod
    def _age(request: Parser) -> float:
        return time.monotonic() - request.began


class Server(TcpWSGIServer):  # type: ignore[misc] # waitress has no types
    """Accepts always: who keeps it waiting longest goes."""

    channel_class = Channel
    connections = CONNECTIONS
    known: Known

    def handle_accept(self) -> None:
        if len(self.active_channels) >= self.connections:
            self._make_room()
        super().handle_accept()

    def maintenance(self, now: float) -> None:
        """Called every few seconds: ends what was silent, as waitress does, and what arrives too slowly."""
        super().maintenance(now)
        for channel in self.active_channels.values():
            if channel.idle and channel.request is not None and channel.request.is_late(time.monotonic()):
                channel.will_close = True

    def _make_room(self) -> None:
        idle = [channel for channel in self.active_channels.values() if channel.idle]
        if idle:
            min(idle, key=lambda channel: channel.waits_since).handle_close()
