"""What a request may not have is refused by its name: ignored, it would give another answer than was asked for."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.exceptions import MethodNotAllowed, PermissionDenied
from rest_framework.mixins import ListModelMixin
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.views import APIView

from farfield_web.accounts import scopes
from farfield_web.accounts.models import ApiToken
from farfield_web.errors import UserError
from farfield_web.gate import ScoresHidden, called, check, viewer_of

UNKNOWN_PARAMETER = "request.unknown_parameter"
UNKNOWN_KEY = "request.unknown_key"
_PAGES = frozenset({"cursor", "page_size"})


class RequestError(UserError):
    """Why a request is refused before anything is looked up."""


class PublicView(APIView):
    """Every view of /api/v1. `parameters` are those that its query may have; lists in pages have two more."""

    parameters: ClassVar[frozenset[str]] = frozenset()
    # What a token needs to change something here, None where any will do; to read, it needs `read`.
    scope: ClassVar[str | None] = scopes.SUBMIT
    takes_body: ClassVar[bool] = True

    def perform_authentication(self, request: Request) -> None:
        """Who asks is known from here on, and whatever becomes of it counts."""
        super().perform_authentication(request)
        super().check_throttles(request)

    def check_throttles(self, request: Request) -> None:
        """Counted already."""

    def check_permissions(self, request: Request) -> None:
        """What nobody may ask here is said first. Raises MethodNotAllowed and RequestError too."""
        if request.method not in self.allowed_methods:
            raise MethodNotAllowed(str(request.method))
        _refuse(UNKNOWN_PARAMETER, request.query_params, self.known_parameters(), "query parameter")
        super().check_permissions(request)

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        super().initial(request, *args, **kwargs)
        refuse_scope(request, self.scope)
        _pass_gate(request, kwargs)
        if not self.takes_body and request.data:
            if not isinstance(request.data, Mapping):
                raise RequestError("request.invalid", "It takes no body.", hint="Send none, or an empty object.")
            _refuse(UNKNOWN_KEY, request.data, (), "key")

    @classmethod
    def known_parameters(cls) -> frozenset[str]:
        return cls.parameters | _PAGES if issubclass(cls, ListModelMixin) else cls.parameters


def _pass_gate(request: Request, named: Mapping[str, object]) -> None:
    """Raises Http404 or PermissionDenied for what the caller may not see."""
    try:
        check(viewer_of(request), named, called(request))
    except ScoresHidden as error:
        raise PermissionDenied(str(error), error.code) from error


def refuse_scope(request: Request, to_change: str | None) -> None:
    """Raises PermissionDenied with the scope that a token lacks; to change something for which None is given, none."""
    needed = scopes.READ if request.method in SAFE_METHODS else to_change
    if isinstance(request.auth, ApiToken) and needed is not None and needed not in scopes.of(request.auth):
        has = ", ".join(sorted(scopes.of(request.auth)))
        raise PermissionDenied(f"This needs a token with the scope {needed!r}; yours has {has}.", "auth.scope")


class StrictSerializer(serializers.Serializer[Any]):
    """The body of a request: a key that it does not have is refused, at any depth."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            _refuse(UNKNOWN_KEY, data, self.fields, "key")
        return super().to_internal_value(data)


def _refuse(code: str, given: Iterable[object], known: Collection[str], what: str) -> None:
    unknown = next((str(name) for name in given if name not in known), None)
    if unknown is None:
        return
    names = ", ".join(sorted(known))
    hint = f"It takes: {names}." if names else f"It takes no {what}."
    raise RequestError(code, f"There is no {what} {unknown[:100]!r} here.", unknown[:100], hint)
