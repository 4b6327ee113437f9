"""Pages and files are read with an API token as with a session, so that what is private has one door for programs, too.

Nothing is changed this way. The account and the operators' pages are for sessions alone: they show secrets, and have
addresses of the API, with scopes of their own, for what a program needs of them.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from rest_framework.exceptions import APIException
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from farfield_web.accounts import scopes
from farfield_web.accounts.tokens import PREFIX
from farfield_web.api import errors
from farfield_web.api.authentication import BearerAuthentication, bearer
from farfield_web.api.strict import refuse_scope
from farfield_web.errors import TooMany

OF_SESSIONS = ("/account/", "/operate/")


def tokens_on_pages(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Makes the owner of a token who asks; a token that is wrong or may not read is refused as the API refuses it."""

    def handle(request: HttpRequest) -> HttpResponse:
        asked = Request(request, authenticators=[BearerAuthentication()])
        if not _is_read_with_token(asked):
            return get_response(request)
        try:
            asked.user  # noqa: B018 - looked up now, and set on the request of Django
            refuse_scope(asked, scopes.READ)
        except TooMany as error:
            return errors.too_many(error)
        except APIException as error:
            return errors.refused(error)
        return get_response(request)

    return handle


def _is_read_with_token(asked: Request) -> bool:
    text, path = bearer(asked) or "", asked.path
    return (
        text.startswith(PREFIX)
        and asked.method in SAFE_METHODS
        and not errors.is_of_api(path)
        and not path.startswith(OF_SESSIONS)
    )
