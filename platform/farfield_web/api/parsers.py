"""JSON bodies of the API, bounded before they are parsed: in length, in depth, and in the digits of a number."""

import codecs
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser

from farfield.plain import read_json


class BodyTooLarge(APIException):
    """A body that no request of this API needs."""

    status_code = 413
    default_code = "request.too_large"
    default_detail = "The body of the request is longer than this site reads."


class BoundedJSONParser(JSONParser):
    """What REST framework's parser reads, without its way of running out of stack, memory or time."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Raises ParseError with what is wrong, or BodyTooLarge."""
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(most + 1)
        if len(body) > most:
            raise BodyTooLarge
        try:
            return read_json(codecs.decode(body, _encoding(parser_context)))
        except (ValueError, LookupError) as error:
            raise ParseError(f"JSON parse error - {error}") from error


def _encoding(context: Mapping[str, Any] | None) -> str:
    return str((context or {}).get("encoding") or "utf-8")
