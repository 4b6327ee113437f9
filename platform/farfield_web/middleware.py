"""What every answer carries, and what becomes of errors that any view may raise."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from farfield_web.accounts import doors
from farfield_web.errors import TooMany
from farfield_web.pages.views.errors import too_many

# Style attributes are allowed: they cannot run anything.
POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
Handler = Callable[[HttpRequest], HttpResponse]


def content_security_policy(get_response: Handler) -> Handler:
    """Nothing is loaded from elsewhere, and no script runs inline."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response

    return handle


def told_errors(get_response: Handler) -> Handler:
    """A limit that is used up is told the same way, whichever door it was met at."""

    def handle(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_exception(request: HttpRequest, error: Exception) -> HttpResponse | None:
        return too_many(request, error) if isinstance(error, TooMany) else None

    handle.process_exception = process_exception  # type: ignore[attr-defined] # where Django looks for it
    return handle


def counted_doors(get_response: Handler) -> Handler:
    """Counts the uses of the account pages; see `accounts.doors`."""

    def handle(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_view(request: HttpRequest, *view: object) -> HttpResponse | None:
        match = request.resolver_match
        try:
            doors.count(request, match.url_name or "" if match else "")
        except TooMany as error:
            return too_many(request, error)
        return None

    handle.process_view = process_view  # type: ignore[attr-defined] # where Django looks for it
    return handle
