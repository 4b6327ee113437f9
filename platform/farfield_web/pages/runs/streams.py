"""News of an open entry or run as server-sent events: a page that hears of one fetches what changed.

The web server has a few threads, and a stream that waits holds one. So a stream waits only while fewer than MOST do,
and never longer than SECONDS; any other is answered at once with what is known now, and the browser comes back by
itself after `retry`. Two hundred open pages so cost two threads and some short questions, and a page without
server-sent events, or behind a proxy that holds them back, still asks by htmx every few seconds.
"""

import threading
import time
import uuid
from collections.abc import Callable, Iterator

from django.http import HttpRequest, StreamingHttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from farfield_web.runs.pulse import Pulse, pulse_of_run, pulse_of_submission

MOST = 2
SECONDS, EVERY = 20.0, 1.0
HEARD_EVERY = 5.0
# Milliseconds until a browser comes back: after a stream that waited, and after one that was not allowed to.
SOON, LATER = 500, 4000
_places = threading.BoundedSemaphore(MOST)


@never_cache
@require_safe
def of_submission(request: HttpRequest, pk: uuid.UUID) -> StreamingHttpResponse:
    """The news of an entry, for whoever may see it."""
    return _stream(request, lambda: pulse_of_submission(pk))


@never_cache
@require_safe
def of_run(request: HttpRequest, pk: uuid.UUID) -> StreamingHttpResponse:
    """The news of a run."""
    return _stream(request, lambda: pulse_of_run(pk))


def _stream(request: HttpRequest, pulse: Callable[[], Pulse]) -> StreamingHttpResponse:
    """Events `news` and `log` since the one that was heard last; `end` once nothing more will come."""
    last = request.headers.get("Last-Event-ID", "") or request.GET.get("since", "")
    told = events(pulse, last[:60])
    # Compressed, an event would lie in a buffer until the next ones fill it.
    headers = {"Content-Encoding": "identity", "X-Accel-Buffering": "no"}
    return StreamingHttpResponse(told, content_type="text/event-stream; charset=utf-8", headers=headers)


def events(
    pulse: Callable[[], Pulse], last: str, *, sleep: Callable[[float], None] = time.sleep, seconds: float = SECONDS
) -> Iterator[bytes]:
    """What is sent, as bytes: at once what changed since `last`, then, if there is a place, what changes later."""
    waits = _places.acquire(blocking=False)
    try:
        yield f"retry: {SOON if waits else LATER}\n\n".encode()
        end, heard = time.monotonic() + (seconds if waits else 0.0), time.monotonic()
        while True:
            now = pulse()
            if now.mark != last:
                yield _told(now, last)
                last, heard = now.mark, time.monotonic()
            if not now.open or time.monotonic() >= end:
                break
            if time.monotonic() - heard >= HEARD_EVERY:
                yield b"event: here\ndata: .\n\n"  # fails where nobody listens any more, which frees the place
                heard = time.monotonic()
            sleep(EVERY)
        yield b"event: end\ndata: closed\n\n" if not now.open else b"event: end\ndata: again\n\n"
    finally:
        if waits:
            _places.release()


def _told(now: Pulse, last: str) -> bytes:
    """One event; the first that is ever sent says only where things stand."""
    news, _, log = last.partition(".")
    names = [name for name, was, value in (("news", news, now.news), ("log", log, now.log)) if was != value]
    return f"id: {now.mark}\nevent: change\ndata: {' '.join(names)}\n\n".encode()
