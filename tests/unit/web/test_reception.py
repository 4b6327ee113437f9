"""Limits: half-sent requests and large bodies of strangers cost next to nothing, and keep nobody out."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from waitress.adjustments import Adjustments

from farfield_web import reception, serving
from farfield_web.accounts.models import User
from farfield_web.accounts.tokens import create_token, revoke_token
from farfield_web.bodies import ANYBODY_BYTES, Bounds, Credential, credential_of
from farfield_web.senders import is_known

LARGE = ANYBODY_BYTES * 4


@dataclass
class Served:
    """A server with an application that says how much it was sent, and whom it knows."""

    port: int
    seen: list[int] = field(default_factory=list)
    asked: list[Credential] = field(default_factory=list)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def send(self, path: str, body: bytes = b"", *headers: str) -> tuple[int, str]:
        """(status, body) of a POST on a connection of its own."""
        with self.connect() as client:
            client.sendall(head(path, len(body), *headers))
            client.sendall(body)
            return answer(client)


def head(path: str, length: int | str, *headers: str) -> bytes:
    size = f"Content-Length: {length}" if isinstance(length, int) else "Transfer-Encoding: chunked"
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: x", "Connection: close", size, *headers, "", ""]).encode()


def answer(client: socket.socket) -> tuple[int, str]:
    received = b""
    while chunk := client.recv(65536):
        received += chunk
    top, _, body = received.decode().partition("\r\n\r\n")
    return int(top.split()[1]), body


@pytest.fixture
def served() -> Iterator[Served]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        site = Served(listening.getsockname()[1])

        def application(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
            site.seen.append(len(environ["wsgi.input"].read()))
            start("200 OK", [("Content-Length", "2")])
            return [b"ok"]

        def known(credential: Credential, headers: Any) -> bool:
            site.asked.append(credential)
            return headers.get("AUTHORIZATION", "").endswith("good")

        class Parser(reception.Parser):
            bounds = Bounds(upload=LARGE * 2, other=LARGE)
            cookie = "session"

        class Channel(reception.Channel):
            parser_class = Parser

        class Server(reception.Server):
            channel_class = Channel

        Server.known = staticmethod(known)  # type: ignore[assignment]
        listening.setblocking(False)
        where = (listening.family, listening.type, listening.proto, listening.getsockname())
        options = Adjustments(sockets=[listening], threads=2, cleanup_interval=0.1, asyncore_loop_timeout=0.1)
        server = Server(application, {}, True, listening, adj=options, bind_socket=False, sockinfo=where)
        ending = threading.Event()

        def loop() -> None:
            while not ending.is_set():
                server.asyncore.loop(timeout=0.1, map=server._map, use_poll=True, count=1)

        thread = threading.Thread(target=loop)
        thread.start()
        yield site
        ending.set()
        thread.join()
        server.task_dispatcher.shutdown()
        server.asyncore.close_all(server._map)


def test_small_bodies_are_anybodys(served: Served) -> None:
    assert served.send("/account/sign-in/", b"x" * ANYBODY_BYTES) == (200, "ok")
    assert (served.seen, served.asked) == ([ANYBODY_BYTES], [])


@pytest.mark.parametrize("header", ["X: y", "Authorization: Bearer bad", "Cookie: session=stale"])
def test_large_bodies_of_strangers_are_never_stored(served: Served, header: str) -> None:
    status, text = served.send("/api/v1/uploads", b"x" * LARGE, header)
    assert (status, json.loads(text)["error"]["code"]) == (401, "auth.required")
    assert served.seen == []


def test_a_page_says_it_in_words(served: Served) -> None:
    assert served.send("/submit/a/b/bring/package/", b"x" * LARGE)[1].startswith("More than 64 KiB")


def test_somebody_known_sends_what_the_address_takes(served: Served) -> None:
    assert served.send("/api/v1/uploads", b"x" * LARGE, "Authorization: Bearer good") == (200, "ok")
    assert (served.seen, served.asked) == ([LARGE], [Credential.BEARER])


def test_more_than_the_address_takes_is_refused_by_its_head(served: Served) -> None:
    with served.connect() as client:
        client.sendall(head("/api/v1/submissions", 10**9, "Authorization: Bearer good"))
        status, text = answer(client)
    assert (status, json.loads(text)["error"]["code"]) == (413, "request.too_large")


def test_who_asks_before_sending_is_answered_before_sending(served: Served) -> None:
    for header, begins in (("X: y", b"HTTP/1.1 401"), ("Authorization: Bearer good", b"HTTP/1.1 100")):
        with served.connect() as client:
            client.sendall(head("/api/v1/uploads", LARGE, "Expect: 100-continue", header))
            assert client.recv(100).startswith(begins)


def chunked(size: int) -> bytes:
    return f"{size:x}\r\n".encode() + b"x" * size + b"\r\n"


def test_bodies_of_unknown_length_are_bounded_too(served: Served) -> None:
    with served.connect() as client:
        client.sendall(head("/api/v1/uploads", "?", "Authorization: Bearer good") + chunked(LARGE) + b"0\r\n\r\n")
        assert answer(client)[0] == 200
    with served.connect() as client:
        client.sendall(head("/account/sign-in/", "?") + chunked(100) + b"0\r\n\r\n")
        assert answer(client)[0] == 200
    with served.connect() as client, pytest.raises(OSError):  # noqa: PT012 - cut off while it sends
        client.sendall(head("/account/sign-in/", "?"))
        for _ in range(1000):
            client.sendall(chunked(ANYBODY_BYTES))
            time.sleep(0.01)
    assert served.seen == [LARGE, 100]


def test_half_sent_requests_keep_nobody_out(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reception.Server, "connections", 20)
    idlers = [served.connect() for _ in range(98)]
    try:
        for idler in idlers:
            idler.sendall(b"POST /account/sign-in/ HTTP/1.1\r\nHost: x\r\n")
        for _ in range(5):
            assert served.send("/", b"") == (200, "ok")
    finally:
        for idler in idlers:
            idler.close()


def test_who_sends_too_slowly_is_not_waited_for(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reception, "HEAD_SECONDS", 0.3)
    monkeypatch.setattr(reception, "GRACE_SECONDS", 0.3)
    with served.connect() as drips, served.connect() as stalls:
        drips.sendall(b"GET / HTTP/1.1\r\n")
        stalls.sendall(head("/", 1000))
        for client in (drips, stalls):
            assert client.recv(10) == b""
    assert served.seen == []


def test_what_a_head_says_of_its_sender() -> None:
    assert credential_of("/", {}, "s") is Credential.NONE
    assert credential_of("/", {"COOKIE": "a=1; s=2"}, "s") is Credential.SESSION
    assert credential_of("/api/worker/v1/claim", {"AUTHORIZATION": "Bearer x"}, "s") is Credential.WORKER


@pytest.mark.services
@pytest.mark.django_db
def test_credentials_are_looked_up(person: User, settings: Any, client: Any) -> None:
    token, text = create_token(person, "x")
    bearer = {"AUTHORIZATION": f"Bearer {text}"}
    assert is_known(Credential.BEARER, bearer)
    revoke_token(token)
    assert not is_known(Credential.BEARER, bearer)
    assert is_known(Credential.WORKER, {"AUTHORIZATION": "Bearer worker-token"})
    assert not is_known(Credential.WORKER, {"AUTHORIZATION": "Bearer other"})
    client.force_login(person)
    name = settings.SESSION_COOKIE_NAME
    assert is_known(Credential.SESSION, {"COOKIE": f"{name}={client.cookies[name].value}"})
    assert not is_known(Credential.SESSION, {"COOKIE": f"{name}=stale"})
    assert not is_known(Credential.NONE, {})


@pytest.mark.parametrize("proxies", [0, 1])
def test_only_trusted_proxies_say_where_a_request_comes_from(settings: Any, proxies: int) -> None:
    """waitress took the headers away from the site whatever FARFIELD_PROXIES said: all people were one address."""
    settings.PROXIES, settings.BROKER_URL = proxies, "redis://x"
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = serving._server(listening, 1)
        try:
            assert server.adj.clear_untrusted_proxy_headers is (proxies == 0)
            assert 50 <= server.connections < server.adj.connection_limit
        finally:
            server.task_dispatcher.shutdown()
            server.asyncore.close_all(server._map)
