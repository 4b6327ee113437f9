"""Answers to requests that cannot be served: pages, and below /api the API's own shape. The rest is Django's."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views import defaults
from django.views.csrf import csrf_failure

from farfield_web.api import errors as api
from farfield_web.errors import TooMany
from farfield_web.gate import ScoresHidden


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, or 413 when the body was larger than the site accepts."""
    if api.wants_json(request):
        status, body = api.refused_body(exception)
        return JsonResponse(body, status=status)
    if isinstance(exception, api.TOO_LARGE):
        return render(request, "413.html", status=413)
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    hidden = isinstance(exception, ScoresHidden)
    if api.wants_json(request):
        return (
            api.told(403, str(exception), code=ScoresHidden.code) if hidden else api.told(403, "You may not do this.")
        )
    if hidden:
        return render(request, "pages/hidden.html", {"sentence": str(exception)}, status=403)
    return defaults.permission_denied(request, exception)


def forgery(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 of a form that was not ours, or is too old."""
    if api.wants_json(request):
        return api.told(403, "This request needs the site's CSRF token.", "Send an API token instead of a session.")
    return csrf_failure(request, reason)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    if api.wants_json(request):
        return api.told(404, "There is nothing at this address, or it is not for you to see.")
    return defaults.page_not_found(request, exception)


def failed(request: HttpRequest) -> HttpResponse:
    """500: a defect of ours."""
    if api.wants_json(request):
        return api.told(500, "Something broke on our side. Nothing of this request was kept.")
    return defaults.server_error(request)


def too_many(request: HttpRequest, error: TooMany) -> HttpResponse:
    """429, with the time from which it can be tried again."""
    if api.wants_json(request):
        return api.too_many(error)
    again = timezone.now() + timedelta(seconds=error.seconds)
    context = {"message": error.message, "seconds": error.seconds, "again": again}
    page = render(request, "429.html", context, status=429)
    page.headers["Retry-After"] = str(error.seconds)
    return page
