"""Who is calling: people by their API tokens, workers by the token of the installation."""

import secrets
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.models import AnonymousUser
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, BasicAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from farfield_web.accounts import throttle
from farfield_web.accounts.models import ApiToken, User
from farfield_web.accounts.second_factor import why_not_by_password_alone
from farfield_web.accounts.tokens import find_token, owner_of
from farfield_web.address import address_of
from farfield_web.operations.bans import why_banned

if TYPE_CHECKING:
    from rest_framework.views import APIView  # it imports this module, by its settings

KEYWORD = b"bearer"
WORKER = "worker"


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer ff_...`, a person's API token."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        text = bearer(request)
        if text is None:
            return None
        token = find_token(text)
        if token is None:
            _refuse_banned(text)
            throttle.take("wrong tokens", address_of(request), "Too many wrong tokens.")
            raise AuthenticationFailed(
                "This API token is unknown, revoked, or ended by a change of the password.", "token.invalid"
            )
        return token.owner, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class PasswordAuthentication(BasicAuthentication):
    """User name and password by HTTP Basic, for making tokens; guessing is bounded by the backend."""

    def authenticate_credentials(self, userid: str, password: str, request: Request | None = None) -> tuple[User, None]:
        user = authenticate(request=getattr(request, "_request", None), username=userid, password=password)
        if not isinstance(user, User):
            raise AuthenticationFailed("No account has this user name and password.", "auth.wrong_password")
        if not user.is_active:
            raise AuthenticationFailed(why_banned(user) or "This account is closed.", "account.banned")
        reason = why_not_by_password_alone(user)
        if reason:
            raise AuthenticationFailed(reason, "auth.password_not_enough")
        return user, None

    def authenticate_header(self, request: Request) -> str:
        return 'Basic realm="api", charset="UTF-8"'


class WorkerAuthentication(BaseAuthentication):
    """`Authorization: Bearer $FARFIELD_WORKER_TOKEN`. Without a token set, nobody is a worker."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, str]:
        text, expected = bearer(request) or "", settings.WORKER_TOKEN
        # Compared in constant time, so that the time of an answer tells nothing about the token.
        if not secrets.compare_digest(text.encode(errors="replace"), expected.encode()) or not expected:
            raise AuthenticationFailed("This needs the worker token of the site.", "worker.unauthorized")
        return AnonymousUser(), WORKER

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class IsWorker(BasePermission):
    """Only who presented the worker token."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        return request.auth == WORKER


def _refuse_banned(text: str) -> None:
    """Who has the right token of a banned account is told why."""
    owner = owner_of(text)
    reason = why_banned(owner) if owner else ""
    if reason:
        raise AuthenticationFailed(reason, "account.banned")


def bearer(request: Request) -> str | None:
    """The text after `Bearer`, or None when the request carries no such header."""
    parts = get_authorization_header(request).split()
    if len(parts) != 2 or parts[0].lower() != KEYWORD:
        return None
    return parts[1].decode("latin-1")


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describes the tokens in the OpenAPI schema."""

    target_class = "farfield_web.api.authentication.BearerAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class PasswordScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describes name and password in the OpenAPI schema."""

    target_class = "farfield_web.api.authentication.PasswordAuthentication"
    name = "basicAuth"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "basic"}
