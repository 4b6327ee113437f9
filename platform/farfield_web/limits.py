"""What is left of a caller's limits, on every answer that used one up, as the IETF's draft has it.

draft-ietf-httpapi-ratelimit-headers-10: `RateLimit-Policy: "api-calls";q=1200;w=60` is the limit, so many within so
many seconds, and `RateLimit: "api-calls";r=1187;t=3` what is left, and in how many seconds all of it is back.
"""

import math
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from farfield_web.accounts.throttle import Limit

POLICY, LEFT = "RateLimit-Policy", "RateLimit"
_TOLD = "farfield_limits"


def tell(request: HttpRequest, limit: Limit | None, times: int, seconds: float) -> None:
    """Have the answer to a request say what is left of a limit."""
    if limit is None:
        return
    name = limit.name.lower().replace(" ", "-")
    policy = f'"{name}";q={limit.number};w={limit.within.total_seconds():.0f}'
    request.__dict__.setdefault(_TOLD, {})[name] = (policy, f'"{name}";r={times};t={math.ceil(seconds)}')


def told_limits(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: outside of what answers 304, which keeps few headers of an answer."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        told = request.__dict__.get(_TOLD, {}).values()
        if told:
            response[POLICY] = ", ".join(policy for policy, _ in told)
            response[LEFT] = ", ".join(left for _, left in told)
        return response

    return handle
