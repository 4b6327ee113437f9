"""The site answering a client in the same process: no network, and the test's own transaction."""

import functools
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from django.test import Client

# What a client may say; httpx's own headers are of a connection that is not there.
_SAID = frozenset({"accept", "authorization", "idempotency-key", "if-none-match", "origin"})


def answer_of_the_site(request: httpx.Request) -> httpx.Response:
    """What Django answers; it would close the test's connection to the database if it were called as a server is."""
    headers = {name: value for name, value in request.headers.items() if name in _SAID}
    content_type = request.headers.get("Content-Type", "application/json")
    parts = urlsplit(str(request.url))
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    answer = Client().generic(request.method, path, request.read(), content_type=content_type, headers=headers)
    content = b"".join(answer) if answer.streaming else answer.content
    kept = {name: value for name, value in answer.headers.items() if name != "Content-Encoding"}
    return httpx.Response(answer.status_code, headers=kept, content=content)


def every_client_asks_the_site(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever `farfield.client` asks of any address, this site answers."""

    def with_transport(*args: Any, **options: Any) -> httpx.Client:
        return _CLIENT(*args, **{**options, "transport": httpx.MockTransport(answer_of_the_site)})

    monkeypatch.setattr("farfield.client.http.httpx.Client", functools.wraps(_CLIENT)(with_transport))


_CLIENT = httpx.Client
