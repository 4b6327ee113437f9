"""Pages as they were rendered, kept in this process for those who are not signed in, for as long as nothing changed.

What changes a page is in its stamp, which costs a query or two: a page is served again only under the stamp that it was
made under. As a last resort none is older than MOST_SECONDS. Whoever is signed in, or carries a token, gets a page of
their own, and nothing made for them is kept. Gates are passed before: a page is kept under the address that it has.
"""

import gzip
import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers
from rest_framework.request import Request

MOST_SECONDS = 60.0
_HEADERS = ("Content-Type", "Content-Disposition", "Vary", "Link")
_OURS = ("HX-Request", "Authorization")
_COOKIES = frozenset({settings.SESSION_COOKIE_NAME, "messages"})
View = Callable[..., HttpResponseBase]
Asks = HttpRequest | Request


@dataclass(frozen=True, kw_only=True)
class Page:
    """A rendered page. `packed` is the same as gzip has it."""

    stamp: str
    made_at: float
    content: bytes = field(repr=False)
    packed: bytes = field(repr=False)
    tag: str
    headers: tuple[tuple[str, str], ...]

    @property
    def size(self) -> int:
        return len(self.content) + len(self.packed)


class Pages:
    """As many pages as fit in settings.KEPT_BYTES; what was asked for longest ago goes first. Safe between threads."""

    def __init__(self) -> None:
        self._pages: OrderedDict[str, Page] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, key: str, stamp: str) -> Page | None:
        with self._lock:
            page = self._pages.get(key)
            if page is None or page.stamp != stamp or time.monotonic() - page.made_at > MOST_SECONDS:
                return None
            self._pages.move_to_end(key)
            return page

    def put(self, key: str, page: Page) -> None:
        with self._lock:
            old = self._pages.pop(key, None)
            self._size += page.size - (old.size if old else 0)
            self._pages[key] = page
            while self._size > settings.KEPT_BYTES:
                _, gone = self._pages.popitem(last=False)
                self._size -= gone.size


PAGES = Pages()


def kept(stamp: Callable[..., object]) -> Callable[[View], View]:
    """Keep what a view answers. `stamp` takes what the view takes; None where this page is not to be kept."""

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return served(request, lambda: stamp(request, *args, **kwargs), lambda: view(request, *args, **kwargs))

        return answer

    return decorate


def served(request: Asks, stamp: Callable[[], object], make: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """What was kept of this address under the stamp of now, else what is made, which is kept if it can be."""
    if not _is_anybodys(request) or (now := stamp()) is None:
        return make()
    key, text = f"{request.scheme} {request.get_host()} {request.get_full_path()}", str(now)
    page = PAGES.get(key, text)
    if page is None:
        response = make()
        page = _page(request, response, text)
        if page is None:
            return response
        PAGES.put(key, page)
    return _response(request, page)


def _is_anybodys(request: Asks) -> bool:
    """Whether the answer is the same for all who are not signed in."""
    own = any(name in request.headers for name in _OURS) or not _COOKIES.isdisjoint(request.COOKIES)
    return bool(settings.KEPT_BYTES) and request.method in ("GET", "HEAD") and not own


def _page(request: Asks, response: HttpResponseBase, stamp: str) -> Page | None:
    """What can be kept of an answer: a whole one that says nothing to the one who asked alone."""
    if not isinstance(response, HttpResponse) or response.status_code != 200 or response.cookies:
        return None
    if request.META.get("CSRF_COOKIE") or request.method != "GET" or not response.getvalue():
        return None
    content = response.getvalue()
    return Page(
        stamp=stamp,
        made_at=time.monotonic(),
        content=content,
        packed=gzip.compress(content, 6, mtime=0),
        tag=hashlib.sha256(content).hexdigest()[:32],
        headers=tuple((name, response[name]) for name in _HEADERS if response.has_header(name)),
    )


def _response(request: Asks, page: Page) -> HttpResponse:
    packs = "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(page.packed if packs else page.content, headers=dict(page.headers))
    if packs:
        response["Content-Encoding"] = "gzip"
    patch_vary_headers(response, ["Accept-Encoding", "Cookie"])
    response["ETag"] = f'W/"{page.tag}"'
    return response
