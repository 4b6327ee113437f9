"""News by server-sent events: what is told, and that many open streams keep nobody from the site."""

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.unit.pages.content import Site
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer

from farfield_web.pages.runs import streams
from farfield_web.runs.logs import append
from farfield_web.runs.pulse import Pulse, pulse_of_run, pulse_of_submission
from farfield_web.runs.status import Status, move

OPEN, LATER = Pulse(news="a", log="1", open=True), Pulse(news="a", log="2", open=True)
ENDED = Pulse(news="b", log="2", open=False)


def told(pulses: list[Pulse], last: str = "") -> str:
    """All that is sent while the pulses come one a second."""
    coming = iter(pulses)
    return b"".join(streams.events(lambda: next(coming), last, sleep=lambda _: None)).decode()


def test_what_changed_is_told_once_and_the_end_is_said() -> None:
    sent = told([OPEN, OPEN, LATER, ENDED])
    assert re.findall(r"id: (.+)\nevent: change\ndata: (.+)\n\n", sent) == [
        ("a.1", "news log"), ("a.2", "log"), ("b.2", "news")
    ]  # fmt: skip
    assert sent.startswith(f"retry: {streams.SOON}\n\n")
    assert sent.endswith("event: end\ndata: closed\n\n")


def test_who_comes_back_hears_only_what_is_new() -> None:
    assert "event: change" not in told([ENDED], "b.2")
    assert "data: log\n" in told([ENDED], "b.1")


def test_a_stream_that_may_not_wait_is_answered_at_once() -> None:
    waiting = [streams.events(lambda: OPEN, "", sleep=lambda _: None) for _ in range(streams.MOST)]
    for stream in waiting:
        next(stream)
    try:
        sent = told([OPEN])
    finally:
        for stream in waiting:
            stream.close()  # type: ignore[attr-defined]
    assert sent.startswith(f"retry: {streams.LATER}\n\n")
    assert sent.endswith("event: end\ndata: again\n\n")
    assert told([ENDED]).startswith(f"retry: {streams.SOON}"), "the places are free again"


def test_a_stream_ends_by_itself_and_says_that_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "HEARD_EVERY", 0.0)
    sent = b"".join(streams.events(lambda: OPEN, "a.1", sleep=lambda _: time.sleep(0.005), seconds=0.05)).decode()
    assert "event: here" in sent
    assert sent.endswith("data: again\n\n")


@pytest.fixture
def port() -> Iterator[int]:
    """A server of eight threads with streams that wait, and a page."""

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        start("200 OK", [("Content-Type", "text/plain")])
        return streams.events(lambda: OPEN, "", seconds=1.0) if environ["PATH_INFO"] == "/stream" else [b"ok"]

    with socket.create_server(("127.0.0.1", 0), backlog=300) as listening:
        listening.setblocking(False)
        where = (listening.family, listening.type, listening.proto, listening.getsockname())
        options = Adjustments(sockets=[listening], threads=8, asyncore_use_poll=True, connection_limit=400)
        server = TcpWSGIServer(application, {}, True, listening, adj=options, bind_socket=False, sockinfo=where)
        ending = threading.Event()

        def loop() -> None:
            while not ending.is_set():
                server.asyncore.loop(timeout=0.05, map=server._map, use_poll=True, count=1)

        thread = threading.Thread(target=loop)
        thread.start()
        yield listening.getsockname()[1]
        ending.set()
        thread.join()
        server.task_dispatcher.shutdown(timeout=5)
        server.asyncore.close_all(server._map)


def asked(port: int, path: str) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port), timeout=10)
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    return client


def test_two_hundred_open_pages_keep_nobody_out(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "EVERY", 0.02)
    held = [asked(port, "/stream") for _ in range(200)]
    try:
        began = time.monotonic()
        for _ in range(5):
            with asked(port, "/") as client:
                assert b"200 OK" in client.recv(65536)
        assert time.monotonic() - began < 5.0, "five pages while 200 streams are open"
        first = held[0].recv(65536).decode()
        assert f"retry: {streams.SOON}" in first, "the first stream is one of those that wait"
    finally:
        for client in held:
            client.close()


@pytest.mark.services
@pytest.mark.django_db
def test_the_pulse_moves_with_whatever_a_page_shows(site: Site) -> None:
    run = site.run("running")
    before = pulse_of_run(run.pk)
    assert before.open
    assert before == pulse_of_run(run.pk)
    append(run, "more\n", len("loading\n"))
    logged = pulse_of_run(run.pk)
    assert (logged.news, logged.log != before.log) == (before.news, True)
    run.progress = {"phase": "predict", "done": 31, "total": 120}
    run.save()
    assert pulse_of_submission(run.submission_id).news != before.news
    move(run, Status.FAILED, failure_code="predictions.invalid")
    assert not pulse_of_run(run.pk).open


@pytest.mark.services
@pytest.mark.django_db
def test_an_ended_run_closes_its_stream_and_no_page_opens_one(client: Client, site: Site) -> None:
    entry = site.submissions["succeeded"]
    for address in (
        reverse("submission-stream", args=[entry.pk]), reverse("run-stream", args=[site.run("succeeded").pk])
    ):  # fmt: skip
        answer = client.get(address)
        assert answer["Content-Type"].startswith("text/event-stream")
        assert b"".join(answer.streaming_content).endswith(b"data: closed\n\n")
    assert b"data-stream" not in client.get(reverse("submission", args=[entry.pk])).content
    page = client.get(reverse("submission", args=[site.submissions["running"].pk])).content.decode()
    assert reverse("submission-stream", args=[site.submissions["running"].pk]) in page
