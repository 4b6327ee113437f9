"""JSON bodies of the API, bounded before they are parsed: in length, in depth, and in the digits of a number."""

import codecs
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, DataAndFiles, JSONParser, MultiPartParser

from farfield.packaging.plain import read_json


class BoundedJSONParser(JSONParser):
    """What REST framework's parser reads, without its way of running out of stack, memory or time."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Raises ParseError with what is wrong, or RequestDataTooBig."""
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(most + 1)
        if len(body) > most:
            raise RequestDataTooBig
        try:
            return read_json(codecs.decode(body, _encoding(parser_context)))
        except (ValueError, LookupError) as error:
            raise ParseError(f"JSON parse error - {error}") from error


class PieceParser(BaseParser):
    """The bytes of a body as they are, which a worker sends of a file."""

    media_type = "application/octet-stream"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, bytes]:
        """Raises RequestDataTooBig."""
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(most + 1)
        if len(body) > most:
            raise RequestDataTooBig
        return {"content": body}


class FileParser(MultiPartParser):
    """A form with a file; one that cannot be read is no JSON gone wrong, and has a code of its own."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> "DataAndFiles[Any, Any]":
        """Raises ParseError."""
        try:
            return super().parse(stream, media_type, parser_context)
        except ParseError as error:
            raise ParseError(str(error.detail), code="form_error") from error


def _encoding(context: Mapping[str, Any] | None) -> str:
    return str((context or {}).get("encoding") or "utf-8")
