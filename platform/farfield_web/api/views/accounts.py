"""Signing up, tokens, and what the caller may know about themselves."""

from typing import cast

from drf_spectacular.utils import extend_schema
from rest_framework.authentication import SessionAuthentication
from rest_framework.generics import get_object_or_404
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from farfield_web.accounts import scopes, throttle
from farfield_web.accounts.models import ApiToken, User
from farfield_web.accounts.sign_up import ask_to_confirm, sign_up
from farfield_web.accounts.tokens import create_token, revoke_token
from farfield_web.api.authentication import BearerAuthentication, PasswordAuthentication
from farfield_web.api.people_serializers import Me, NewAccount, NewToken, Token, TokenWithText
from farfield_web.api.serializers import ErrorBody, QuotaBody
from farfield_web.api.strict import PublicView
from farfield_web.api.throttles import ApiCalls, SignUps
from farfield_web.submissions.quota import quotas_of
from farfield_web.submissions.visibility import visible


def caller(request: Request) -> User:
    """The person calling; only for views that require one."""
    return cast(User, request.user)


class Accounts(PublicView):
    """Signing up."""

    permission_classes = [AllowAny]
    authentication_classes = []
    throttle_classes = [SignUps, ApiCalls]

    @extend_schema(request=NewAccount, responses={201: Me, 400: ErrorBody, 409: ErrorBody}, operation_id="sign_up")
    def post(self, request: Request) -> Response:
        """Make an account. A letter goes to its e-mail address, with a link that confirms it."""
        form = NewAccount(data=request.data)
        form.is_valid(raise_exception=True)
        person = sign_up(**form.validated_data)
        ask_to_confirm(request._request, person)
        return Response(Me(person).data, status=201)


class Myself(PublicView):
    """The caller."""

    permission_classes = [IsAuthenticated]

    @extend_schema(responses={200: Me, 401: ErrorBody}, operation_id="me")
    def get(self, request: Request) -> Response:
        """Who am I?"""
        return Response(Me(caller(request)).data)


class Quotas(PublicView):
    """The caller's quotas."""

    permission_classes = [IsAuthenticated]

    @extend_schema(responses={200: QuotaBody(many=True), 401: ErrorBody}, operation_id="quota")
    def get(self, request: Request) -> Response:
        """What may I still submit, for each benchmark?"""
        person = caller(request)
        quotas = quotas_of(person, [benchmark.name for benchmark in visible(person)])
        return Response(QuotaBody(quotas, many=True).data)


class Tokens(PublicView):
    """The caller's tokens."""

    scope = scopes.MANAGE
    permission_classes = [IsAuthenticated]
    authentication_classes = [BearerAuthentication, PasswordAuthentication, SessionAuthentication]

    @extend_schema(responses={200: Token(many=True), 401: ErrorBody}, operation_id="tokens_list")
    def get(self, request: Request) -> Response:
        """My tokens, without their texts."""
        return Response(Token(caller(request).tokens.all(), many=True).data)

    @extend_schema(
        request=NewToken, responses={201: TokenWithText, 400: ErrorBody, 401: ErrorBody}, operation_id="tokens_create"
    )
    def post(self, request: Request) -> Response:
        """Make a token, signed in by user name and password (basic authentication). Its text is shown only now.

        Its scopes are what it may do: `read`, `submit` (also the default), `manage` (the account), `operate` (only
        operators). A token makes others with no more than it has itself. With a second factor on the account, the
        password is not enough: make the token on the account's page.

        A change of the password ends the person's tokens, unless they ask to keep them."""
        form = NewToken(data=request.data)
        form.is_valid(raise_exception=True)
        throttle.take("tokens", f"person {caller(request).pk}", "You have made very many tokens within the hour.")
        by = request.auth if isinstance(request.auth, ApiToken) else None
        wanted = scopes.given_on(by, form.validated_data["scopes"])
        token, text = create_token(
            caller(request), form.validated_data["name"], wanted, form.validated_data["expires_at"]
        )
        return Response({**Token(token).data, "token": text}, status=201)


class ThisToken(PublicView):
    """The token that calls."""

    scope = None
    permission_classes = [IsAuthenticated]
    authentication_classes = [BearerAuthentication]

    @extend_schema(responses={204: None, 401: ErrorBody}, operation_id="tokens_revoke_this")
    def delete(self, request: Request) -> Response:
        """Revoke the token that this is asked with, whatever its scopes; it stops working at once."""
        revoke_token(cast(ApiToken, request.auth))
        return Response(status=204)


class OneToken(PublicView):
    """One of the caller's tokens."""

    scope = scopes.MANAGE
    permission_classes = [IsAuthenticated]

    @extend_schema(responses={204: None, 401: ErrorBody, 404: ErrorBody}, operation_id="tokens_revoke")
    def delete(self, request: Request, number: int) -> Response:
        """Revoke a token; it stops working at once."""
        revoke_token(get_object_or_404(caller(request).tokens.all(), pk=number))
        return Response(status=204)
