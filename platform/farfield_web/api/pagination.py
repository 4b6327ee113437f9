"""Cursor pages: nothing is skipped or shown twice while new rows arrive."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any, Protocol
from urllib.parse import urlencode

from django.conf import settings
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

from farfield_web.api.strict import RequestError

USUAL, MOST = 50, 200


class NewestFirst(CursorPagination):
    """`?cursor=` from the `next` and `previous` links, `?page_size=` up to 200."""

    ordering: tuple[str, ...] = ("-created_at", "-id")
    page_size = USUAL
    page_size_query_param = "page_size"
    max_page_size = MOST

    def get_page_size(self, request: Request) -> int:
        """Raises RequestError for a size that there is not, rather than taking another."""
        return size_asked(request, self.page_size)


class ByName(NewestFirst):
    """The same, in the order of names, which are unique."""

    ordering = ("name",)


class Named(Protocol):
    """What has a name that no other of its list has."""

    @property
    def name(self) -> str: ...


def named_page(request: Request, items: Sequence[Named]) -> dict[str, Any]:
    """A page of what is no table, in the order of names: `next`, `previous` and `results`, as lists of tables have."""
    ordered = sorted(items, key=lambda item: item.name)
    names, size = [item.name for item in ordered], size_asked(request, USUAL)
    at = bisect_left(names, request.query_params.get("cursor", ""))

    def link(place: int) -> str:
        return f"{settings.SITE_URL}{request.path}?{urlencode({'cursor': names[place], 'page_size': size})}"

    return {
        "next": link(at + size) if at + size < len(names) else None,
        "previous": link(max(0, at - size)) if at else None,
        "results": ordered[at : at + size],
    }


def size_asked(request: Request, usual: int) -> int:
    """How many are asked for on a page. Raises RequestError for a number that there is not."""
    text = request.query_params.get("page_size", str(usual))
    size = int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else 0
    if not 1 <= size <= MOST:
        raise RequestError("request.invalid", f"page_size must be a number from 1 to {MOST}.", "page_size")
    return size
