"""Cursor pages: nothing is skipped or shown twice while new rows arrive."""

from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

from farfield_web.api.strict import RequestError


class NewestFirst(CursorPagination):
    """`?cursor=` from the `next` and `previous` links, `?page_size=` up to 200."""

    ordering: tuple[str, ...] = ("-created_at", "-id")
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200

    def get_page_size(self, request: Request) -> int:
        """Raises RequestError for a size that there is not, rather than taking another."""
        text = request.query_params.get("page_size", str(self.page_size))
        size = int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else 0
        if not 1 <= size <= self.max_page_size:
            said = f"page_size must be a number from 1 to {self.max_page_size}."
            raise RequestError("request.invalid", said, "page_size")
        return size


class ByName(NewestFirst):
    """The same, in the order of names, which are unique."""

    ordering = ("name",)
