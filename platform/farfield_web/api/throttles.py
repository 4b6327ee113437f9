"""What bounds the calls of the API, by the one throttle that the pages use as well."""

from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from farfield_web import limits
from farfield_web.accounts import throttle
from farfield_web.accounts.models import User
from farfield_web.address import address_of
from farfield_web.errors import TooMany

if TYPE_CHECKING:
    from rest_framework.views import APIView  # it imports this module, by its settings

UPLOADS_MESSAGE = "You have sent very many files within the hour."

SIGN_UPS_MESSAGE = "Very many accounts were made from your address within the hour."


class ApiCalls(BaseThrottle):
    """Of each person, or of the address of who does not say who they are. Raises TooMany."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        _count(request, "API calls", who(request.user, address_of(request)), "Too many requests.")
        return True


class Uploads(BaseThrottle):
    """For each person: every file is written to disk and read through. Raises TooMany."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        _count(request, "uploads", who(request.user, address_of(request)), UPLOADS_MESSAGE)
        return True


class SignUps(BaseThrottle):
    """By address. Raises TooMany."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        _count(request, "sign-ups", address_of(request), SIGN_UPS_MESSAGE)
        return True


def _count(request: Request, name: str, who: str, message: str) -> None:
    """Use up one of a limit, and have the answer say what is left of it. Raises TooMany."""
    try:
        left = throttle.take(name, who, message)
    except TooMany as error:
        limits.tell(request._request, throttle.limit(name), 0, error.seconds)
        raise
    if left is not None:
        limits.tell(request._request, left.limit, left.times, left.seconds)


def who(user: User | AnonymousUser, address: str) -> str:
    """Whom a limit counts for."""
    return f"person {user.pk}" if user.is_authenticated else f"address {address}"
