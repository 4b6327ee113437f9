"""What a Prometheus server reads: for who has the token, or comes from this machine."""

import ipaddress
import secrets

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from farfield_web.operations.metrics import text


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Raises PermissionDenied for anybody else."""
    if not (_has_token(request) or _is_local(request)):
        raise PermissionDenied("The metrics are for the operators of the site.")
    return HttpResponse(text(), content_type=CONTENT_TYPE_LATEST)


def _has_token(request: HttpRequest) -> bool:
    word, _, given = request.headers.get("Authorization", "").partition(" ")
    expected: str = settings.METRICS_TOKEN
    same = secrets.compare_digest(given.strip().encode(errors="replace"), expected.encode())
    return bool(expected) and word.lower() == "bearer" and same


def _is_local(request: HttpRequest) -> bool:
    """Straight from this machine: what a proxy on it passes on comes from anywhere."""
    if settings.PROXIES or "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
