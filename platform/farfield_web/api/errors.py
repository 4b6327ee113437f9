"""One shape for every error: {"error": {"code", "message", "field", "hint"}}."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
    ValidationError,
)
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from farfield_web.errors import PluginRefused, TooMany, UserError

# Everything that is not in here is 400: the request itself must change.
STATUS: Mapping[str, int] = {
    "account.reserved": 409,
    "account.taken": 409,
    "benchmark.mismatch": 409,
    "benchmark.withdrawn": 409,
    "account.banned": 403,
    "idempotency.reused": 409,
    "intake.paused": 503,
    "lease.lost": 409,
    "outcomes.no_room": 507,
    "outcomes.too_large": 413,
    "platform.error": 503,
    "platform.no_sandbox": 503,
    "platform.no_signing_key": 503,
    "operate.forbidden": 403,
    "operate.installed": 409,
    "operate.no_change": 409,
    "operate.not_there": 404,
    "operate.nothing_open": 409,
    "operate.unknown_deed": 404,
    "platform.upload_missing": 410,
    "quota.used_up": 429,
    "request.not_comparable": 409,
    "request.not_found": 404,
    "request.throttled": 429,
    "ruling.no_change": 409,
    "run.cancelled": 409,
    "run.no_scores": 409,
    "runs.too_many_open": 429,
    "submission.finished": 409,
    "submission.no_change": 409,
    "submission.no_record": 409,
    "submission.not_yours": 403,
    "submission.repeated": 409,
    "submission.nothing_to_retry": 409,
    "submission.too_many_attempts": 409,
    "submission.under_way": 409,
    "submission.withdrawn": 409,
    "team.has_entries": 409,
    "team.in_already": 409,
    "team.last_owner": 409,
    "team.limit": 409,
    "team.not_owner": 403,
    "team.taken": 409,
    "token.limit": 409,
    "upload.too_large": 413,
    "worker.version": 409,
}
CODES: Mapping[int, str] = {
    400: "request.invalid",
    401: "auth.required",
    403: "auth.forbidden",
    404: "request.not_found",
    405: "request.method_not_allowed",
    406: "request.not_acceptable",
    413: "request.too_large",
    415: "request.unsupported_media_type",
    429: "request.throttled",
    500: "platform.error",
}
TOO_LARGE = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
PREFIX = "/api/"
HINTS: Mapping[str, str] = {
    "auth.required": "Send `Authorization: Bearer <token>`. To make a token, POST /api/v1/tokens with your user name "
    'and password by HTTP Basic and {"name": "laptop"}: `curl -u NAME --json \'{"name": "laptop"}\' …/v1/tokens`.',
    "request.form_error": "Send the file as multipart/form-data in the field `file`, and let your HTTP client write "
    "the boundary: `curl -F file=@dist/my_method-1.0-py3-none-any.whl …/v1/uploads`.",
    "request.parse_error": "Send a JSON object with Content-Type: application/json.",
    "request.unsupported_media_type": "Send JSON with Content-Type: application/json; a file as multipart/form-data.",
}
_NAMED = {
    "not_authenticated": "auth.required",
    "parse_error": "request.parse_error",
    "form_error": "request.form_error",
}


def body(code: str, message: str, field: str | None = None, hint: str | None = None) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "field": field, "hint": hint or HINTS.get(code)}}


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """The exception handler of REST framework; None lets a defect of ours surface as a defect."""
    if isinstance(error, UserError):
        set_rollback()
        headers = _wait(error) if isinstance(error, TooMany) else None
        status = 422 if isinstance(error, PluginRefused) else STATUS.get(error.code, 400)
        return Response(body(error.code, error.message, error.field, error.hint), status=status, headers=headers)
    if isinstance(error, SuspiciousOperation):
        set_rollback()
        status, told = refused_body(error)
        return Response(told, status=status)
    if _is_unreadable(error):
        set_rollback()
        return Response(body("request.invalid", "A value of the request cannot be read."), status=400)
    response = exception_handler(error, context)
    if response is not None:
        response.data = _described(error, response)
    return response


def is_of_api(path: str) -> bool:
    """Whether an address is one of the API."""
    return path.startswith(PREFIX)


def wants_json(request: HttpRequest) -> bool:
    """Whether errors are told as JSON: at every address of the API, and to who would rather have it than a page."""
    return is_of_api(request.path_info) or request.get_preferred_type(["text/html", "application/json"]) == (
        "application/json"
    )


def refused_body(error: Exception) -> tuple[int, dict[str, Any]]:
    """(status, body) of a request that Django refuses to read: too large, or not for this host."""
    if isinstance(error, TOO_LARGE):
        return 413, body(CODES[413], "The request is larger than this site accepts.")
    return 400, body("request.invalid", "The request cannot be read, or is not for this site.")


def told(status: int, message: str, hint: str | None = None, code: str = "") -> JsonResponse:
    """An error of a request that did not reach REST framework, in the same shape."""
    return JsonResponse(body(code or CODES[status], message, hint=hint), status=status)


def refused(error: exceptions.APIException) -> JsonResponse:
    """What REST framework refuses, said outside of its views."""
    return JsonResponse(_described(error, Response(status=error.status_code)), status=error.status_code)


def too_many(error: TooMany) -> JsonResponse:
    """A limit that is used up, outside REST framework."""
    return JsonResponse(body(error.code, error.message, hint=error.hint), status=429, headers=_wait(error))


def not_found(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    """For addresses below /api that do not exist."""
    hint = "GET /api/v1/schema describes every address."
    return JsonResponse(body("request.not_found", "There is nothing at this address.", hint=hint), status=404)


def _is_unreadable(error: Exception) -> bool:
    """A cursor that was tampered with, or a NUL in a query, is found only by the database layer."""
    return isinstance(error, ValidationError) or (isinstance(error, ValueError) and "NUL" in str(error))


def _described(error: Exception, response: Response) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        field, message = first_problem(error.detail)
        return body("request.invalid", message, field)
    return body(_code(error, response.status_code), _message(error))


def first_problem(detail: Any, path: str = "") -> tuple[str | None, str]:
    """The first problem of a nested error, with the path of its field."""
    if isinstance(detail, Mapping):
        key, inner = next(iter(detail.items()))
        at = path if key == "non_field_errors" else f"{path}.{key}".lstrip(".")
        return first_problem(inner, at)
    if isinstance(detail, list | tuple):
        position, inner = next((i, item) for i, item in enumerate(detail) if item)
        nested = isinstance(inner, Mapping | list)
        return first_problem(inner, f"{path}.{position}".lstrip(".") if nested else path)
    return path or None, str(detail)


def _code(error: Exception, status: int) -> str:
    own = error.get_codes() if isinstance(error, exceptions.APIException) else ""
    if isinstance(own, str) and "." in own:
        return own
    return _NAMED.get(str(own), CODES.get(status, "request.failed"))


def _message(error: Exception) -> str:
    if isinstance(error, Http404):
        return "There is nothing with this name or number."
    if isinstance(error, PermissionDenied):
        return "You may not do this."
    return str(getattr(error, "detail", error))


def _wait(error: TooMany) -> dict[str, str]:
    return {"Retry-After": str(error.seconds)}
