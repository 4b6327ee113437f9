"""What the OpenAPI schema shows."""

from collections.abc import Sequence
from typing import Any

Endpoint = tuple[str, str, str, Any]


def public_only(endpoints: Sequence[Endpoint]) -> list[Endpoint]:
    """Only /api/v1: how workers talk to the site is between them."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith("/api/v1/")]
