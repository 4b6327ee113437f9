"""What the OpenAPI schema shows: the public addresses, a summary of each, and the one shape of errors everywhere."""

import re
from collections.abc import Sequence
from typing import Any

from drf_spectacular.openapi import AutoSchema

Endpoint = tuple[str, str, str, Any]
_ERROR = {
    "description": "Whatever else is refused, in the one shape of errors.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorBody"}}},
}


class Described(AutoSchema):
    """The first sentence of a description is its summary."""

    def get_summary(self) -> str | None:
        return first_sentence(self.get_description() or "") or None


def first_sentence(text: str) -> str:
    """Up to where it ends, or goes on about something else, on one line.

    >>> first_sentence("Make an account. A letter goes\\nto its address.")
    'Make an account'
    """
    return re.split(r"[.;:?](?:\s|$)", " ".join(text.split()), maxsplit=1)[0]


def public_only(endpoints: Sequence[Endpoint]) -> list[Endpoint]:
    """Only /api/v1: how workers talk to the site is between them."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith("/api/v1/")]


def with_errors(result: dict[str, Any], **_: object) -> dict[str, Any]:
    """Any operation may be refused: by a limit, a token, a parameter or a body that it does not take."""
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"].setdefault("default", _ERROR)
    return result
